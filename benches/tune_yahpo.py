"""Samplers and schedulers of brasa-tune beside those of Optuna and Ray on YAHPO's surrogate of LCBench.

    cargo build --release -p brasa-tune --example ask_tell
    python benches/tune_yahpo.py --data DIR [--bin FILE] [--seeds N] [--first SEED] [--tasks N] [--out FILE] [PART]...

DIR holds model.onnx, config_space.json and encoding.json. Needs numpy, onnxruntime, optuna and ray. The parts are
`tpe` (50 trials of 52 epochs each: brasa's TPE with `parallel` 1, 2 and 4, Optuna's default TPE with one and
four trials at once, random draws), `asha`
(a budget of 50 x 52 epochs, four workers: ASHA with promotions, and Ray's own scheduler class, on the same draws) and
`pasha` (256 trials: PASHA and ASHA).

Regret is the best validation accuracy known of the task, in percent, minus that of the chosen trial, which is the one
with the best value that the method has seen. Of `tpe` the accuracy is that of epoch 52, which is all that the samplers see; of the
others, which see every epoch, it is that of the best epoch when the chosen trial is trained for all 52. The best known is the
best of many random draws of the task and of all that any method found.
"""

import argparse
import importlib.metadata
import json
import platform
import statistics
import subprocess
import time
import warnings
from pathlib import Path

import numpy as np
import onnxruntime
import optuna
from ray.tune.schedulers import AsyncHyperBandScheduler

warnings.simplefilter("ignore")
optuna.logging.set_verbosity(optuna.logging.ERROR)

EPOCHS, TRIALS, WORKERS = 52, 50, 4
GRACE, FACTOR = 1, 3
KEYS = ["batch_size", "learning_rate", "momentum", "weight_decay", "num_layers", "max_units", "max_dropout"]


class Surrogate:
    def __init__(self, data):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(str(data / "model.onnx"), options)
        self.codes = json.loads((data / "encoding.json").read_text())["OpenML_task_id"]
        space = json.loads((data / "config_space.json").read_text())["hyperparameters"]
        self.tasks = next(h["choices"] for h in space if h["name"] == "OpenML_task_id")
        self.space = {h["name"]: h for h in space if h["name"] in KEYS}

    def evaluate(self, task, rows):
        """Validation accuracy of rows of epoch and KEYS."""
        rows = np.asarray(rows, np.float32)
        codes = np.full((len(rows), 1), self.codes[task], np.int32)
        return self.session.run(None, {"x_cat": codes, "x_cont": rows})[0][:, 1].astype(float)

    def curve(self, task, values, first=1):
        row = [values[key] for key in KEYS]
        return self.evaluate(task, [[epoch, *row] for epoch in range(first, EPOCHS + 1)])

    def draws(self, count, rng):
        columns = []
        for key in KEYS:
            h = self.space[key]
            low, high = h["lower"], h["upper"]
            if h["type"] == "uniform_int":
                low, high = low - 0.5, high + 0.5
            column = np.exp(rng.uniform(np.log(low), np.log(high), count)) if h["log"] else rng.uniform(low, high, count)
            columns.append(np.round(column) if h["type"] == "uniform_int" else column)
        return np.array(columns).T

    def brasa_space(self):
        words = {
            ("uniform_int", True): "lograndint",
            ("uniform_int", False): "randint",
            ("uniform_float", True): "loguniform",
            ("uniform_float", False): "uniform",
        }
        entry = lambda h: {words[h["type"], h["log"]]: [h["lower"], h["upper"]]}
        return [[key, entry(self.space[key])] for key in KEYS]


class Study:
    """A study of the Rust side."""

    def __init__(self, process, space, sampler, scheduler, seed, trials, max_epochs):
        self.process = process
        header = {
            "format": 1, "app": "yahpo", "recipe": "", "space": space, "sampler": sampler, "scheduler": scheduler,
            "metric": {"name": "val_accuracy", "direction": "maximize"}, "seed": seed, "trials": trials,
            "max_epochs": max_epochs,
        }
        self.ask({"study": header})

    def ask(self, request):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


class Record:
    """What a method has seen: of each trial its values at the epochs that it paid for."""

    def __init__(self):
        self.best, self.chosen, self.kept, self.epochs, self.trials = -np.inf, None, None, 0, set()

    def see(self, trial, value, curve):
        self.epochs += 1
        self.trials.add(trial)
        if value > self.best:
            self.best, self.chosen, self.kept = value, float(curve[-1]), float(curve.max())

    def result(self):
        return {"final": self.chosen, "kept": self.kept, "seen": float(self.best), "epochs": self.epochs, "trials": len(self.trials)}


def run_brasa(surrogate, task, study, workers, budget):
    """Runs a study with some workers whose epochs take the same time, until it is over or the budget spent."""
    record, curves, running = Record(), {}, []
    while record.epochs < budget:
        while len(running) < workers:
            job = study.ask("next")
            if not isinstance(job, dict):
                break
            job = job["run"]
            if job["trial"] not in curves:
                curves[job["trial"]] = surrogate.curve(task, job["values"])
            running.append([job["trial"], job["from"]])
        if not running:
            break
        for worker in list(running):
            trial, epoch = worker[0], worker[1] + 1
            value = float(curves[trial][epoch - 1])
            record.see(trial, value, curves[trial])
            worker[1] = epoch
            if study.ask({"report": [trial, epoch, value]}) != "continue":
                running.remove(worker)
    return record.result()


def run_ray(surrogate, task, draws, workers, budget):
    """The same with Ray's scheduler on the draws of another study."""
    class Trial:
        def __init__(self, number):
            self.trial_id, self.epoch = str(number), 0
            self.curve = surrogate.curve(task, draws.ask("next")["run"]["values"])

    scheduler = AsyncHyperBandScheduler(
        metric="value", mode="max", max_t=EPOCHS, grace_period=GRACE, reduction_factor=FACTOR
    )
    record, running, started = Record(), [], 0
    while record.epochs < budget:
        while len(running) < workers:
            running.append(Trial(started))
            started += 1
            scheduler.on_trial_add(None, running[-1])
        for trial in list(running):
            trial.epoch += 1
            value = float(trial.curve[trial.epoch - 1])
            record.see(trial.trial_id, value, trial.curve)
            result = {"training_iteration": trial.epoch, "value": value}
            if scheduler.on_trial_result(None, trial, result) == "STOP":
                running.remove(trial)
    return record.result()


def run_full(surrogate, task, study):
    """Trials that are judged by their last epoch alone."""
    record = Record()
    while isinstance(job := study.ask("next"), dict):
        curve = surrogate.curve(task, job["run"]["values"], EPOCHS)
        trial, value = job["run"]["trial"], float(curve[-1])
        record.see(trial, value, curve)
        study.ask({"report": [trial, 1, value]})
    return record.result()


def run_optuna(surrogate, task, seed, behind=1):
    """Optuna's default TPE, which is told of a trial when `behind` have been asked for since: so many run at once."""
    record, running = Record(), []
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=seed))
    for number in range(TRIALS):
        trial, values = study.ask(), {}
        for key in KEYS:
            h = surrogate.space[key]
            suggest = trial.suggest_int if h["type"] == "uniform_int" else trial.suggest_float
            values[key] = suggest(key, h["lower"], h["upper"], log=h["log"])
        curve = surrogate.curve(task, values, EPOCHS)
        record.see(number, float(curve[-1]), curve)
        running.append((trial, float(curve[-1])))
        while len(running) >= behind:
            study.tell(*running.pop(0))
    return record.result()


def interval(ours, theirs):
    """95 % interval of the difference of two medians over the same tasks and seeds, by the bootstrap."""
    ours, theirs, rng = np.array(ours), np.array(theirs), np.random.RandomState(0)
    draws = rng.randint(len(ours), size=(4000, len(ours)))
    differences = np.median(ours[draws], axis=1) - np.median(theirs[draws], axis=1)
    return [round(float(edge), 3) for edge in np.percentile(differences, [2.5, 97.5])]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("parts", nargs="*", default=["tpe", "asha", "pasha"])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--bin", default="target/release/examples/ask_tell")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--tasks", type=int)
    parser.add_argument("--only", nargs="*", help="methods rather than all of a part")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    surrogate = Surrogate(arguments.data)
    process = subprocess.Popen(
        [arguments.bin], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    )
    space = surrogate.brasa_space()
    study = lambda sampler, scheduler, seed, trials: Study(process, space, sampler, scheduler, seed, trials, EPOCHS)
    # Where only the last epoch is seen, it stands for the whole of a trial.
    whole = lambda sampler, seed: Study(process, space, sampler, none, seed, TRIALS, 1)
    none, uniform = {"kind": "none"}, {"kind": "random"}
    asha = {"kind": "asha", "grace_period": GRACE, "reduction_factor": FACTOR}
    pasha = {"kind": "pasha", "grace_period": GRACE, "reduction_factor": FACTOR}
    tpe = lambda parallel: {"kind": "tpe", "parallel": parallel}
    budget = TRIALS * EPOCHS
    methods = {
        "tpe": {
            "brasa tpe, parallel 1": lambda task, seed: run_full(surrogate, task, whole(tpe(1), seed)),
            "brasa tpe, parallel 2": lambda task, seed: run_full(surrogate, task, whole(tpe(2), seed)),
            "brasa tpe, parallel 4": lambda task, seed: run_full(surrogate, task, whole(tpe(4), seed)),
            "optuna tpe": lambda task, seed: run_optuna(surrogate, task, seed),
            "optuna tpe, 4 at once": lambda task, seed: run_optuna(surrogate, task, seed, 4),
            "brasa random": lambda task, seed: run_full(surrogate, task, whole(uniform, seed)),
            "brasa sobol": lambda task, seed: run_full(surrogate, task, whole({"kind": "sobol"}, seed)),
        },
        "asha": {
            "brasa asha, promoting": lambda task, seed: run_brasa(
                surrogate, task, study(uniform, asha, seed, 100_000), WORKERS, budget
            ),
            "ray asha": lambda task, seed: run_ray(
                surrogate, task, study(uniform, none, seed, 100_000), WORKERS, budget
            ),
        },
        "pasha": {
            "brasa asha, 256 trials": lambda task, seed: run_brasa(
                surrogate, task, study(uniform, asha, seed, 256), WORKERS, np.inf
            ),
            "brasa pasha, 256 trials": lambda task, seed: run_brasa(
                surrogate, task, study(uniform, pasha, seed, 256), WORKERS, np.inf
            ),
        },
    }
    if arguments.only:
        methods = {part: {k: v for k, v in all.items() if k in arguments.only} for part, all in methods.items()}
    rows = []
    best = {"final": {}, "kept": {}}
    for task in surrogate.tasks[: arguments.tasks]:
        draws = surrogate.draws(20_000, np.random.RandomState(1))
        best["final"][task] = float(surrogate.evaluate(task, np.c_[np.full(len(draws), EPOCHS), draws]).max())
        draws = np.tile(draws[:4000], (13, 1))
        epochs = np.repeat(np.arange(4, EPOCHS + 1, 4), 4000)
        best["kept"][task] = float(surrogate.evaluate(task, np.c_[epochs, draws]).max())
        for part in arguments.parts:
            for name, method in methods[part].items():
                for seed in range(arguments.first, arguments.first + arguments.seeds):
                    start = time.perf_counter()
                    result = method(task, seed)
                    seconds = round(time.perf_counter() - start, 4)
                    rows.append({"task": task, "part": part, "method": name, "seed": seed, "seconds": seconds, **result})
                    for measure, known in best.items():
                        known[task] = max(known[task], result[measure])
    summary, all_regrets = {}, {}
    for part in arguments.parts:
        for name in methods[part]:
            mine = [row for row in rows if row["method"] == name]
            measure = "final" if part == "tpe" else "kept"
            known = best[measure]
            regrets = [known[row["task"]] - row[measure] for row in mine]
            all_regrets[name] = regrets
            by_task = [
                statistics.median(known[task] - row[measure] for row in mine if row["task"] == task) for task in known
            ]
            summary[name] = {
                "median_regret": round(statistics.median(regrets), 5),
                "mean_regret": round(statistics.mean(regrets), 5),
                "median_of_tasks_medians": round(statistics.median(by_task), 5),
                "median_epochs": statistics.median(row["epochs"] for row in mine),
                "median_trials": statistics.median(row["trials"] for row in mine),
                "median_seconds": statistics.median(row["seconds"] for row in mine),
            }
    pairs = [
        ("brasa tpe, parallel 1", "optuna tpe"), ("brasa tpe, parallel 4", "optuna tpe, 4 at once"),
        ("brasa asha, promoting", "ray asha"), ("brasa pasha, 256 trials", "brasa asha, 256 trials"),
    ]
    pairs = [pair for pair in pairs if all(name in all_regrets for name in pair)]
    beside = {f"{a} less {b}": interval(all_regrets[a], all_regrets[b]) for a, b in pairs}
    report = {
        "command": "python benches/tune_yahpo.py", "seeds": [arguments.first, arguments.first + arguments.seeds - 1],
        "tasks": len(best["final"]), "machine": platform.machine(),
        "versions": {name: importlib.metadata.version(name) for name in ["optuna", "ray", "onnxruntime", "numpy"]},
        "summary": summary, "difference of medians, 95 % interval": beside,
    }
    print(json.dumps(report, indent=1))
    if arguments.out:
        arguments.out.write_text(json.dumps({**report, "best": best, "rows": rows}, indent=1))


main()
