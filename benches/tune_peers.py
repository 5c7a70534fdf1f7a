"""1,000 trials of TPE in 40 dimensions of a trivial function: brasa-tune, Optuna and Rustuna, alternately in one run.

    cargo build --release -p brasa-tune --example forty
    python benches/tune_peers.py [--bin FILE] [--rounds N] [--out FILE]

Needs optuna and rustuna, of whose TPE the settings are the defaults. Seconds are those of the search alone, in one
process each; the function is the sum of the squares of 40 numbers from -1 to 1.
"""

import argparse
import importlib.metadata
import json
import statistics
import sys
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


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", default="target/release/examples/forty")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    commands = {"brasa-tune": [arguments.bin, str(arguments.trials)]}
    for name in ["optuna", "rustuna"]:
        commands[name] = [sys.executable, "-c", PEER.format(name=name, trials=arguments.trials)]
    seen = {name: [] for name in commands}
    for _ in range(arguments.rounds):
        for name, command in commands.items():
            seen[name].append(answer(command, OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1"))
    report = {
        "command": "python benches/tune_peers.py", "trials": arguments.trials, "dimensions": 40,
        "machine": machine(),
        "versions": {name: importlib.metadata.version(name) for name in ["optuna", "rustuna"]},
        "seconds": {name: [round(row["seconds"], 4) for row in rows] for name, rows in seen.items()},
        "median": {name: round(statistics.median(row["seconds"] for row in rows), 4) for name, rows in seen.items()},
        "best": {name: round(rows[0]["best"], 4) for name, rows in seen.items()},
    }
    print(json.dumps(report, indent=1))
    if arguments.out:
        arguments.out.write_text(json.dumps(report, indent=1) + "\n")


main()
