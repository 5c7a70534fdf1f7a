"""A child process that speaks lines, and is gone when it is to be."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections import deque

PR_SET_PDEATHSIG = 1
STDERR_LINES = 20


class Process:
    """A command in a process group of its own, its standard input and output as lines."""

    def __init__(self, command, environment=None):
        self.name = os.path.basename(command[0])
        self._child = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            env={**os.environ, **(environment or {})},
            # A group of its own, so that a signal reaches whatever the command starts in turn, and Ctrl-C does not reach it.
            start_new_session=True,
            preexec_fn=_die_with_parent(),
        )
        self._stderr = deque(maxlen=STDERR_LINES)
        # Read all the time: a child whose stderr is full would wait for ever.
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self):
        for line in self._child.stderr:
            self._stderr.append(line.rstrip())

    @property
    def pid(self):
        return self._child.pid

    def runs(self):
        return self._child.poll() is None

    def write(self, line):
        """A child that is gone is found when the next line is read."""
        try:
            self._child.stdin.write(line + "\n")
            self._child.stdin.flush()
        except (BrokenPipeError, ValueError):
            pass

    def read(self):
        """The next line; None when there are no more. The part of a line before a sudden death counts for nothing."""
        line = self._child.stdout.readline()
        return line[:-1] if line.endswith("\n") else None

    def close(self, grace=5.0):
        """TERM, and KILL when that is not heard. May be called from another thread than the one that reads."""
        self._signal(signal.SIGTERM)
        try:
            self._child.wait(grace)
        except subprocess.TimeoutExpired:
            self._signal(signal.SIGKILL)
            self._child.wait()

    def _signal(self, number):
        if self._child.poll() is None:
            try:
                os.killpg(self._child.pid, number)
            except ProcessLookupError:
                pass

    def how_it_ended(self):
        """Whether somebody else ended it, and in words how it ended; waits until it has."""
        code = self._child.wait()
        self._listener.join(1.0)
        if -code in (signal.SIGKILL, signal.SIGTERM) or code in (128 + signal.SIGKILL, 128 + signal.SIGTERM):
            number = -code if code < 0 else code - 128
            return True, f"`{self.name}` was ended by {signal.Signals(number).name}"
        how = f"died of {signal.Signals(-code).name}" if code < 0 else f"exited with {code}"
        said = "\n".join(self._stderr).strip()
        return False, f"`{self.name}` {how} in the middle of a trial" + (f": {said}" if said else "")


def _die_with_parent():
    """What the child does before it becomes the command, so that it does not outlive a parent that is killed.

    End of file on its standard input ends it, too, but not before the end of an epoch.
    """
    if not sys.platform.startswith("linux"):
        return None
    # Loaded here, since between fork and exec as little as possible is to happen.
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL))
