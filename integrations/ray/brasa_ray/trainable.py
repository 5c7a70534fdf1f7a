"""A Trainable for Ray Tune's own schedulers and searchers: an epoch of the binary is a step."""

import json
import math
import os
import shutil
import tempfile

from ray import tune

from .protocol import Worker

# Beside what the binary saves: how many epochs its checkpoint has behind it.
EPOCH_FILE = "brasa-epoch.json"


class BrasaTrainable(tune.Trainable):
    """Trains `config["recipe"]` by the verb `trial` of `config["command"]`; `config["metric"]` is `loss` by default.

    Results hold `epoch`, which is the `time_attr` of schedulers, the metric and `seconds`. With several nodes, Ray Tune's
    `storage_path` has to be on shared storage, as always; the binary itself writes to the node's temporary folder alone.
    """

    def setup(self, config):
        self._folder = tempfile.mkdtemp(prefix="brasa-trial-")
        self._jobs = 0
        self._worker = None
        self._open(config)

    def step(self):
        turn = self._worker.answer("continue") if self._runs else self._begin()
        if turn.report is not None:
            return self._report(turn.report)
        self._runs = False
        if turn.end == "completed":
            return {**self._last, "done": True}
        if turn.end == "diverged":
            return {"epoch": self._epoch, **self._last, self._metric: math.nan, "done": True}
        # Ray Tune counts it as failed, and tries again where its FailureConfig says so.
        raise RuntimeError(turn.message or f"the trial is {turn.end}")

    def save_checkpoint(self, checkpoint_dir):
        # The binary saves when it pauses; the next step goes on from there, in the same process.
        if self._runs:
            turn = self._worker.answer("pause")
            self._runs = False
            if turn.end != "paused":
                raise RuntimeError(turn.message or f"no checkpoint was saved: the trial is {turn.end}")
        shutil.copytree(self._folder, checkpoint_dir, dirs_exist_ok=True)
        with open(os.path.join(checkpoint_dir, EPOCH_FILE), "w") as file:
            json.dump({"epoch": self._epoch}, file)
        return checkpoint_dir

    def load_checkpoint(self, checkpoint):
        self._leave()
        self._clear()
        shutil.copytree(checkpoint, self._folder, dirs_exist_ok=True)
        with open(os.path.join(self._folder, EPOCH_FILE)) as file:
            self._epoch = json.load(file)["epoch"]
        os.remove(os.path.join(self._folder, EPOCH_FILE))

    def reset_config(self, new_config):
        """The process goes on with another trial, unless another binary is to run."""
        self._leave()
        self._clear()
        if [str(word) for word in new_config["command"]] != self._worker.command:
            self._worker.close()
        self._open(new_config)
        return True

    def cleanup(self):
        self._worker.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _open(self, config):
        command = [str(word) for word in config["command"]]
        if self._worker is None or self._worker.command != command:
            self._worker = Worker(command, {"RAYON_NUM_THREADS": str(self._cpus())})
        self._recipe = config["recipe"]
        self._metric = config.get("metric", "loss")
        # Whether the binary waits for a verdict.
        self._runs = False
        self._epoch = 0
        self._last = {}

    def _cpus(self):
        """The CPUs that this trial has asked Ray for."""
        resources = self.trial_resources
        return max(1, int(resources.required_resources.get("CPU", 1))) if resources else 1

    def _begin(self):
        # Each job has a number of its own, so that the process can be used again.
        self._jobs += 1
        job = {"trial": self._jobs, "recipe": self._recipe, "folder": self._folder, "metric": self._metric}
        return self._worker.begin({**job, "from_epoch": self._epoch, "until_epoch": None})

    def _report(self, report):
        self._runs = True
        self._epoch = report["epoch"]
        value = report["value"]
        self._last = {"epoch": self._epoch, self._metric: math.nan if value is None else value}
        if "seconds" in report:
            self._last["seconds"] = report["seconds"]
        # Known here when the recipe says it; otherwise the next step hears of it.
        done = self._epoch == self._recipe.get("training", {}).get("epochs")
        return {**self._last, "done": done}

    def _leave(self):
        if self._runs:
            self._worker.answer("stop")
            self._runs = False

    def _clear(self):
        shutil.rmtree(self._folder, ignore_errors=True)
        os.makedirs(self._folder)
