"""The trial protocol, version 1, from the side that hands out trials. The README has it as a table."""

import json
import os
import platform
import shutil
import time
from dataclasses import dataclass, field

from .process import Process

VERSION = 1
VERDICTS = ("continue", "pause", "stop")
# A folder that was just made elsewhere may be seen late on a network file system.
FOLDER_SECONDS = 5.0


class Unusable(Exception):
    """Nothing can run before a person has done something; the message says what."""


@dataclass
class Turn:
    """What a binary said until it waits for a verdict, or until its job is over."""

    # As they were written, so that no figure changes on the way; the last line of a job holds `ended` or `lost`.
    lines: list = field(default_factory=list)
    # The report that waits for a verdict, if one does.
    report: dict | None = None
    # completed, failed, diverged, paused, stopped or lost, once the job is over.
    end: str | None = None
    message: str = ""
    # The epoch of the last checkpoint in this turn.
    checkpoint: int | None = None


class Worker:
    """Runs jobs one after another in a process of the binary."""

    def __init__(self, command, environment=None):
        self.command = list(command)
        self._environment = environment
        self._process = None
        self._trial = None
        self._had = set()

    @property
    def pid(self):
        return self._process.pid if self._process else None

    def begin(self, job):
        """Hands out a job; answers its first turn."""
        if self._trial is not None:
            raise ValueError(f"trial {self._trial} is not over")
        _check_folder(job["folder"])
        # A trial that comes back gets a process of its own: no late line of its earlier job is taken for one of this job.
        if self._process and (job["trial"] in self._had or not self._process.runs()):
            self.close()
        if not self._process:
            self._process = self._spawn()
        self._had.add(job["trial"])
        self._trial = job["trial"]
        self._process.write(json.dumps({"version": VERSION, **job}))
        return self._listen(paused=False)

    def answer(self, verdict):
        """Gives the verdict on the last report; answers the next turn."""
        if self._trial is None:
            raise ValueError("no trial waits for a verdict")
        if verdict not in VERDICTS:
            raise ValueError(f"`{verdict}` is not a verdict; there are {', '.join(VERDICTS)}")
        self._process.write(json.dumps({"verdict": verdict}))
        if verdict == "stop":
            # Nothing that it says from now on counts.
            return self._over(Turn(), "stopped")
        return self._listen(paused=verdict == "pause")

    def close(self, grace=5.0):
        """Ends the process. May be called from another thread; a turn that is awaited there is then lost."""
        process, self._process = self._process, None
        self._trial = None
        self._had = set()
        if process:
            process.close(grace)

    def _spawn(self):
        program = shutil.which(self.command[0])
        if program is None:
            raise Unusable(
                f"`{self.command[0]}` is not a program on {platform.node()}: install the binary there, at the same path as "
                "here, or name one on shared storage"
            )
        try:
            return Process([program, *self.command[1:]], self._environment)
        except OSError as error:
            raise Unusable(f"`{program}` cannot be started on {platform.node()}: {error.strerror}") from error

    def _listen(self, paused):
        process, trial, turn = self._process, self._trial, Turn()
        while True:
            line = process.read() if process else None
            if line is None:
                killed, why = process.how_it_ended() if process else (True, "the worker was closed")
                return self._over(turn, "lost" if killed else "failed", why, trial)
            message = _parse(line)
            if message is None:
                self.close()
                return self._over(turn, "failed", f"`{process.name}` said what is no line of the protocol: {line[:200]}", trial)
            if message.get("trial") != trial:
                # A late line of an earlier job.
                continue
            turn.lines.append(line)
            if "ended" in message:
                turn.end, turn.message = message["ended"], message.get("message", "")
                self._trial = None
                return turn
            if "checkpoint" in message:
                turn.checkpoint = message["checkpoint"]
                if paused:
                    return self._over(turn, "paused")
            elif "epoch" in message:
                turn.report = message
                return turn

    def _over(self, turn, end, message="", trial=None):
        """Ends a job with a line of our own, where the binary has none."""
        trial = self._trial if trial is None else trial
        line = {"trial": trial, "lost": message} if end == "lost" else {"trial": trial, "ended": end}
        if end == "failed":
            line["message"] = message
        turn.lines.append(json.dumps(line))
        turn.end, turn.message = end, message
        self._trial = None
        return turn


def _check_folder(folder):
    deadline = time.monotonic() + FOLDER_SECONDS
    while not os.path.isdir(folder):
        if time.monotonic() > deadline:
            raise Unusable(
                f"the folder `{folder}` does not exist on {platform.node()}: checkpoints lie on storage that all nodes "
                "share under the same path (NFS, for example); mount it there, or choose a folder that is on it"
            )
        time.sleep(0.1)


def _parse(line):
    try:
        message = json.loads(line)
    except ValueError:
        return None
    return message if isinstance(message, dict) else None
