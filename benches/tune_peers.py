"""brasa's searches beside Optuna, Rustuna and Ray Tune, alternately in one run.

    cargo build --release -p iris -p mnist && cargo build --release -p brasa-tune --example forty
    python benches/tune_peers.py [--bin DIR] [--rounds N] [--out FILE] [PART]...

Needs optuna, rustuna and ray[tune]. The parts are `forty` (1,000 trials of TPE in 40 dimensions of the sum of their squares, the
seconds of the search alone), `processes` (trivial trials in processes: of iris an epoch each, of Optuna an interpreter that prints a
number, of Ray a function that reports one) and `overhead` (one trial of `mnist tune` beside `mnist train`, epoch by epoch the same;
MNIST's 900 files below BRASA_DATA).
"""

import argparse
import importlib.metadata
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from peers import answer, machine

PEER = """
import json, sys, time
import {name} as peer
if hasattr(peer, "logging"):
    peer.logging.set_verbosity(peer.logging.ERROR)
def objective(trial):
    return sum(trial.suggest_float(f"x{{i:02}}", -1, 1) ** 2 for i in range(40))
study = peer.create_study(sampler=peer.samplers.TPESampler(seed=0))
start = time.perf_counter()
study.optimize(objective, n_trials={trials})
print(json.dumps({{"seconds": time.perf_counter() - start, "best": study.best_trial.value}}))
"""


OPTUNA = """
import json, subprocess, sys, tempfile, time
import optuna
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
optuna.logging.set_verbosity(optuna.logging.ERROR)
def objective(trial):
    lr = trial.suggest_float("lr", 1e-4, 1e-1, log=True)
    return float(subprocess.run([sys.executable, "-c", f"print({lr})"], stdout=subprocess.PIPE).stdout)
with tempfile.TemporaryDirectory() as folder:
    storage = JournalStorage(JournalFileBackend(folder + "/study.log"))
    study = optuna.create_study(storage=storage, sampler=optuna.samplers.RandomSampler(seed=0))
    start = time.perf_counter()
    study.optimize(objective, n_trials=TRIALS, n_jobs=2)
    print(json.dumps({"seconds": time.perf_counter() - start}))
"""

RAY = """
import json, tempfile, time
import ray
from ray import tune
ray.init(num_cpus=2, include_dashboard=False, logging_level="ERROR", log_to_driver=False)
with tempfile.TemporaryDirectory() as folder:
    start = time.perf_counter()
    tune.Tuner(
        lambda config: {"loss": config["lr"]}, param_space={"lr": tune.loguniform(1e-4, 1e-1)},
        tune_config=tune.TuneConfig(num_samples=TRIALS, reuse_actors=True),
        run_config=tune.RunConfig(storage_path=folder, verbose=0),
    ).fit()
    print(json.dumps({"seconds": time.perf_counter() - start}))
"""

SEARCH = """
[data.csv]
file = "iris.csv"
target = "species"
[training]
epochs = 1
[search]
sampler = "random"
[search.space]
"optimizer.lr" = { loguniform = [1e-4, 1e-1] }
"""


def timed(command, folder):
    started = time.perf_counter()
    child = subprocess.Popen(list(map(str, command)), cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    _, status, usage = os.wait4(child.pid, 0)
    if status:
        sys.exit(child.stderr.read().decode())
    return time.perf_counter() - started, usage.ru_maxrss / 1024


def forty(arguments):
    commands = {"brasa-tune": [arguments.bin / "examples/forty", "1000"]}
    for name in ["optuna", "rustuna"]:
        commands[name] = [sys.executable, "-c", PEER.format(name=name, trials=1000)]
    seen = {name: [] for name in commands}
    for _ in range(arguments.rounds):
        for name, command in commands.items():
            seen[name].append(answer(command, OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1"))
    return {
        "trials": 1000, "dimensions": 40,
        "seconds": {name: [round(row["seconds"], 4) for row in rows] for name, rows in seen.items()},
        "median": {name: round(statistics.median(row["seconds"] for row in rows), 4) for name, rows in seen.items()},
        "best": {name: round(rows[0]["best"], 4) for name, rows in seen.items()},
    }


def processes(arguments):
    """Milliseconds of a trial, two at once."""
    seen = {"brasa": [], "optuna": [], "ray": []}
    for _ in range(arguments.rounds):
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "own.toml").write_text(SEARCH)
            words = "tune --json --recipe own.toml --trials 1000 --jobs 2 --confirm 0".split()
            seen["brasa"].append(timed([arguments.bin.resolve() / "iris", *words], folder)[0])
        for name, script, trials in [("optuna", OPTUNA, 1000), ("ray", RAY, 100)]:
            run = answer([sys.executable, "-c", script.replace("TRIALS", str(trials))])
            seen[name].append(run["seconds"] * 1000 / trials)
    return {
        "trials": {"brasa": 1000, "optuna": 1000, "ray": 100},
        "ms of a trial": {name: round(statistics.median(times), 2) for name, times in seen.items()},
    }


def overhead(arguments):
    """One trial of a search beside the same training: seconds and the largest process."""
    seen = {"train": [], "tune": []}
    changes = ["--set", "training.epochs=400"]
    for _ in range(arguments.rounds):
        with tempfile.TemporaryDirectory() as folder:
            recipe = subprocess.run(
                [arguments.bin / "mnist", "recipes", "mlp"], stdout=subprocess.PIPE, text=True, check=True
            ).stdout
            search = '\n[search]\nsampler = "random"\n[search.space]\n"optimizer.lr" = { choice = [1e-3] }\n'
            Path(folder, "own.toml").write_text(recipe + search)
            binary = arguments.bin.resolve() / "mnist"
            common = ["--json", "--recipe", "own.toml", *changes]
            seen["train"].append(timed([binary, "train", *common, "--set", "optimizer.lr=1e-3"], folder))
            seen["tune"].append(
                timed([binary, "tune", *common, "--trials", "1", "--jobs", "1", "--confirm", "0"], folder)
            )
    median = {name: [statistics.median(column) for column in zip(*rows)] for name, rows in seen.items()}
    return {
        "seconds": {name: round(row[0], 3) for name, row in median.items()},
        "peak_rss_mib": {name: round(row[1], 1) for name, row in median.items()},
        "ratio of seconds": round(median["tune"][0] / median["train"][0], 4),
    }


PARTS = {"forty": forty, "processes": processes, "overhead": overhead}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--bin", type=Path, default=Path("target/release"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    report = {}
    for name in arguments.parts or PARTS:
        found = PARTS[name](arguments)
        versions = {peer: importlib.metadata.version(peer) for peer in ["optuna", "rustuna", "ray"]}
        command = f"python benches/tune_peers.py {name}"
        report[name] = {"command": command, "machine": machine(), "versions": versions, **found}
        print(json.dumps({name: report[name]}, indent=1), flush=True)
    if arguments.out:
        known = json.loads(arguments.out.read_text()) if arguments.out.exists() else {}
        arguments.out.write_text(json.dumps({**known, **report}, indent=1) + "\n")


main()
