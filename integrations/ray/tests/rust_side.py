"""Stands for the Rust side: starts the driver, speaks with it, and keeps a small study."""

import json
import os
import queue
import subprocess
import sys
import threading

from common import FAKE, PACKAGE, recipe

VERSION = 1


class Driver:
    """The driver as a process, its lines as tables."""

    def __init__(self, address, *options, environment=None):
        command = [sys.executable, "-m", "brasa_ray.driver", "--address", address, *options]
        environment = {**os.environ, "PYTHONPATH": PACKAGE, **(environment or {})}
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, env=environment)
        self._lines = queue.SimpleQueue()
        self._stderr = []
        threading.Thread(target=self._read, daemon=True).start()
        threading.Thread(target=lambda: self._stderr.extend(self.process.stderr), daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self._lines.put(json.loads(line))
        self._lines.put(None)

    def hear(self, seconds=90):
        """The next line; None at the end."""
        try:
            return self._lines.get(timeout=seconds)
        except queue.Empty:
            raise AssertionError(f"the driver is silent: {self.stderr()}") from None

    def stderr(self):
        return "".join(self._stderr)

    def say(self, message):
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()

    def start(self, job, command=FAKE, version=VERSION):
        self.say({"version": version, "start": {**job, "command": command}})

    def answer(self, trial, verdict):
        self.say({"answer": {"trial": trial, "verdict": verdict}})

    def end(self):
        """What it says yet, and its exit code."""
        self.process.stdin.close()
        rest = list(iter(self.hear, None))
        return rest, self.process.wait(30)


class Study:
    """Twelve trials in turn, successively halved: all to epoch 3, the best six to 6, the best three to the end at 9.

    Who goes on is decided when all of a rung are there, so nothing depends on timing.
    """

    RUNGS = {3: 6, 6: 3}
    EPOCHS = 9

    def __init__(self, folder, slow=0.0):
        self.folder, self.lost, self.curves, self.ends, self.repeated = folder, [], {}, {}, 0
        # In an order that is not that of their quality.
        self.recipes = {trial: recipe(lr=(trial * 7 % 12 + 1) / 10, epochs=self.EPOCHS, slow=slow) for trial in range(12)}
        self._checkpoints = dict.fromkeys(self.recipes, 0)
        self._ready, self._running = list(self.recipes), set()
        # The epochs where it is decided who goes on; who of how many has arrived at the first of them.
        self._rungs, self._alive, self._arrived = [*self.RUNGS, self.EPOCHS], len(self.recipes), set()
        for trial in self.recipes:
            os.makedirs(self.folder_of(trial))

    def folder_of(self, trial):
        return os.path.join(self.folder, str(trial))

    def run(self, driver, places, observe=lambda message: None):
        """To the end, or to that of the driver; run again, it goes on from the checkpoints."""
        self._ready, self._running = [*sorted(self._running), *self._ready], set()
        while self._running or self._ready:
            while self._ready and len(self._running) < places:
                trial = self._ready.pop(0)
                self._running.add(trial)
                driver.start(self._job(trial))
            message = driver.hear()
            if message is None:
                return False
            assert "error" not in message, message
            observe(message)
            self._take(driver, message)
        return True

    def _take(self, driver, message):
        trial = message["trial"]
        if "value" in message:
            self._remember(trial, message["epoch"], message["value"])
            driver.answer(trial, "pause" if message["epoch"] == self._rungs[0] != self.EPOCHS else "continue")
        elif "checkpoint" in message:
            self._checkpoints[trial] = message["checkpoint"]
        elif "lost" in message:
            self.lost.append(trial)
            self._running.remove(trial)
            self._ready.append(trial)
        else:
            self._running.remove(trial)
            self.ends[trial] = message["ended"]
            self._arrived.add(trial)
            if len(self._arrived) == self._alive and len(self._rungs) > 1:
                self._promote(self._rungs.pop(0))

    def _promote(self, rung):
        ranked = sorted(self._arrived, key=lambda trial: self.curves[trial][rung])
        self._ready = ranked[: self.RUNGS[rung]]
        self._alive, self._arrived = len(self._ready), set()

    def _job(self, trial):
        job = {"trial": trial, "recipe": self.recipes[trial], "folder": self.folder_of(trial), "metric": "loss"}
        return {**job, "from_epoch": self._checkpoints[trial], "until_epoch": self.EPOCHS}

    def _remember(self, trial, epoch, value):
        curve = self.curves.setdefault(trial, {})
        # An epoch that comes again has the value that it had.
        self.repeated += epoch in curve
        assert curve.setdefault(epoch, value) == value
