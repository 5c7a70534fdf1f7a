"""A search that is killed 20 times at random moments and goes on, against the same search left alone: brasa, Optuna, Ray Tune.

    python benches/tune_kills.py [--bin FILE] [--kills N] [--out FILE] [--only brasa|optuna|ray]...

Needs optuna and ray[tune], and the release binary of iris. Each side is run once to its end and once with SIGKILLs to the
process that was started, at moments drawn from the time that is left of the first run; then the trials of both are compared. What
is counted of the second run: trials whose values, number of reports, state or result differ from the first, and those that are
there besides. Optuna keeps its study in a journal file, samples with TPE and prunes by successive halving; Ray keeps its experiment
in its storage path, draws at random and stops by ASHA, one trial at a time on both sides.
"""

import argparse
import hashlib
import importlib.metadata
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from peers import machine

RECIPE = """
[data]
scaling = "standard"
[data.csv]
file = "iris.csv"
target = "species"
[data.split]
test = 0.2
[model]
kind = "mlp"
hidden = [50, 50]
[training]
epochs = 90
batch_size = 16
[optimizer]
kind = "adam"
[search]
trials = 40
metric = "loss"
sampler = "tpe"
scheduler = { kind = "asha", grace_period = 10, reduction_factor = 3 }
[search.space]
"optimizer.lr" = { loguniform = [1e-4, 1e-1] }
"model.hidden[0]" = { randint = [8, 64] }
"training.batch_size" = { choice = [8, 16, 32] }
"""

CURVE = """
import time
def accuracy(lr, width, epoch):
    # A curve that a training could have: a function of its arguments alone.
    best = 1 - abs(lr - 0.3) - abs(width - 32) / 100
    time.sleep(0.01)
    return best * (1 - 0.8 ** epoch)
"""

OPTUNA = CURVE + """
import json, sys
import optuna
optuna.logging.set_verbosity(optuna.logging.ERROR)
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
folder, trials = sys.argv[1], 40
study = optuna.create_study(
    study_name="s", storage=JournalStorage(JournalFileBackend(folder + "/study.log")), load_if_exists=True,
    direction="maximize", sampler=optuna.samplers.TPESampler(seed=0),
    pruner=optuna.pruners.SuccessiveHalvingPruner(min_resource=10, reduction_factor=3),
)
def objective(trial):
    lr, width = trial.suggest_float("lr", 1e-4, 1, log=True), trial.suggest_int("width", 8, 64)
    for epoch in range(1, 91):
        value = accuracy(lr, width, epoch)
        trial.report(value, epoch)
        if trial.should_prune():
            raise optuna.TrialPruned()
    return value
over = lambda: sum(trial.state.is_finished() for trial in study.get_trials(deepcopy=False))
study.optimize(objective, n_trials=trials - over())
print(json.dumps([
    {"values": trial.params, "reports": len(trial.intermediate_values), "state": trial.state.name, "result": trial.value}
    for trial in study.get_trials()
]))
"""

RAY = CURVE + """
import json, os, sys, tempfile
from ray import tune
import ray
folder = sys.argv[1]
ray.init(num_cpus=1, include_dashboard=False, logging_level="ERROR", log_to_driver=False)
def train(config):
    start = 1
    if checkpoint := tune.get_checkpoint():
        with checkpoint.as_directory() as path:
            start = int(open(path + "/epoch").read()) + 1
    for epoch in range(start, 91):
        value = accuracy(config["lr"], config["width"], epoch)
        with tempfile.TemporaryDirectory() as path:
            open(path + "/epoch", "w").write(str(epoch))
            tune.report({"accuracy": value, "epoch": epoch}, checkpoint=tune.Checkpoint.from_directory(path))
space = {"lr": tune.loguniform(1e-4, 1), "width": tune.randint(8, 65)}
def settings():
    return tune.TuneConfig(
        num_samples=12, metric="accuracy", mode="max", max_concurrent_trials=1,
        scheduler=tune.schedulers.ASHAScheduler(time_attr="epoch", max_t=90, grace_period=10, reduction_factor=3),
    )
run = tune.RunConfig(name="s", storage_path=folder, verbose=0)
path = folder + "/s"
import random, numpy
random.seed(0); numpy.random.seed(0)
if tune.Tuner.can_restore(path):
    tuner = tune.Tuner.restore(path, train, resume_unfinished=True, resume_errored=True, param_space=space)
else:
    tuner = tune.Tuner(train, param_space=space, tune_config=settings(), run_config=run)
results = tuner.fit()
rows = [
    {"values": {"lr": result.config["lr"], "width": result.config["width"]}, "reports": len(result.metrics_dataframe),
     "last": result.metrics.get("epoch"), "result": result.metrics.get("accuracy")}
    for result in results
]
# Ray numbers trials at random.
print(json.dumps(sorted(rows, key=lambda row: row["values"]["lr"])))
"""


class Brasa:
    """The binary, its weights compared, too."""

    ends_all = False

    def __init__(self, arguments):
        self.binary = Path(arguments.bin).resolve()

    def start(self, folder, again):
        (folder / "own.toml").write_text(RECIPE)
        words = ["tune", "--json", "--recipe", "own.toml", "--jobs", "1", "--confirm", "0"]
        # Where the kill came before there was a study, there is none to go on with.
        known = list(folder.glob("runs/iris/*/study.jsonl"))
        return [self.binary, *words, *(["--resume"] if again and known else [])]

    def rows(self, answer, folder):
        answer = json.loads(answer)
        weights = hashlib.sha256((folder / answer["run"] / "model/weights.safetensors").read_bytes()).hexdigest()
        return [*answer["trials"], {"rungs": answer["rungs"], "scores": answer["scores"], "weights of the best": weights}]


class Script:
    """A script of Python that goes on with what is in its folder."""

    def __init__(self, script, ends_all=False):
        self.script, self.ends_all = script, ends_all

    def start(self, folder, again):
        return [sys.executable, "-c", self.script, str(folder)]

    def rows(self, answer, folder):
        return json.loads(answer.splitlines()[-1])


def descendants(process):
    parents = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = entry.read_text()
        except OSError:
            continue
        parents.setdefault(int(text.rpartition(")")[2].split()[1]), []).append(int(entry.parent.name))
    found, left = [], [process]
    while left:
        for child in parents.get(left.pop(), []):
            found.append(child)
            left.append(child)
    return found


def run(side, folder, again=False, kill_after=None):
    """The answer, or none where it was killed before; and the seconds that it took."""
    started = time.perf_counter()
    child = subprocess.Popen(
        side.start(folder, again), cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    )
    try:
        output, errors = child.communicate(timeout=kill_after)
    except subprocess.TimeoutExpired:
        # brasa's processes and Optuna's find out for themselves; Ray's go on, and are ended as those of a machine that is gone.
        below = descendants(child.pid) if side.ends_all else []
        child.kill()
        for process in below:
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                pass
        child.communicate()
        return None, time.perf_counter() - started
    if child.returncode != 0:
        sys.exit(f"{side.__class__.__name__}: {errors[-2000:]}")
    return output, time.perf_counter() - started


def compare(side, kills, draw, startup):
    with tempfile.TemporaryDirectory() as whole, tempfile.TemporaryDirectory() as broken:
        whole, broken = Path(whole), Path(broken)
        answer, seconds = run(side, whole)
        expected = side.rows(answer, whole)
        done = killed = 0
        while killed < kills:
            # Within the time of the whole search, spread over all lives.
            after = startup + draw.uniform(0, 2 * max(seconds - startup, 0.1) / kills)
            answer, _ = run(side, broken, again=True, kill_after=after)
            if answer is not None:
                done += 1
                break
            killed += 1
        if answer is None:
            answer, _ = run(side, broken, again=True)
        found = side.rows(answer, broken)
    differ = sum(a != b for a, b in zip(expected, found))
    first = next(([a, b] for a, b in zip(expected, found) if a != b), None)
    return {
        "seconds of the whole": round(seconds, 2), "kills": killed, "rows": len(expected), "that differ": differ,
        "besides": len(found) - len(expected), "the first that differs": first,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", default="target/release/iris")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--only", action="append", choices=["brasa", "optuna", "ray"])
    arguments = parser.parse_args()
    os.environ.setdefault("RAY_TRAIN_V2_ENABLED", "0")
    sides = {"brasa": (Brasa(arguments), 0.0), "optuna": (Script(OPTUNA), 0.7), "ray": (Script(RAY, ends_all=True), 5.0)}
    report = {"command": "python benches/tune_kills.py", "machine": machine(), "versions": {}}
    for name in arguments.only or sides:
        side, startup = sides[name]
        if name != "brasa":
            report["versions"][name] = importlib.metadata.version(name)
        report[name] = compare(side, arguments.kills, random.Random(arguments.seed), startup)
        print(json.dumps({name: report[name]}, indent=1), flush=True)
    if arguments.out:
        known = json.loads(arguments.out.read_text()) if arguments.out.exists() else {}
        arguments.out.write_text(json.dumps({**known, "kills": report}, indent=1) + "\n")


main()
