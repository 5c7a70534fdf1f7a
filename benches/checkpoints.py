"""What checkpoints cost: trainings with one every 200 steps and with none, alternately; and how soon a run with large ones goes on.

    python benches/checkpoints.py [--bin DIR] [--rounds N] [--out FILE]

Time is that of the training steps (`train_seconds` of all epochs); the data sets are those below BRASA_DATA. Build the release binaries
before (`cargo build --release --workspace --bins`).
"""

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from peers import machine

TRAININGS = {
    "perceptron": ("fashion-mnist", "--recipe proper-split --set training.epochs=6 --set training.batch_size=256"),
    "convolution": ("mnist", "--recipe cnn --source full --set training.epochs=2"),
}


def train(binary, arguments, runs, checkpoint):
    command = [binary, "--runs", runs, "train", "--json", *arguments.split(), "--set", f"training.checkpoint={checkpoint}"]
    answer = json.loads(subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout)
    run = Path(answer["run"])
    epochs = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    return sum(epoch["train_seconds"] for epoch in epochs), run


def recovery(binary, runs):
    """Seconds from the start of the process to its first word that it goes on, with a gigabyte of checkpoints."""
    arguments = "--recipe proper-split --set model.hidden=[5600,5600] --set model.dropout=[] --set training.epochs=1 --set training.batch_size=4096"
    _, run = train(binary, arguments, runs, "5 steps")
    bytes_ = sum(path.stat().st_size for path in (run / "checkpoints").iterdir())
    started = time.perf_counter()
    command = [binary, "--runs", runs, "train", "--resume", run.name, "--set", "training.epochs=2"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    for line in process.stderr:
        if "going on after" in line:
            break
    seconds = time.perf_counter() - started
    process.kill()
    process.wait()
    without = time.perf_counter()
    # The same data and the same network, from the beginning.
    command = [binary, "--runs", runs, "train", *arguments.split()]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    while not list(Path(runs).rglob("metrics.jsonl"))[1:]:
        time.sleep(0.005)
    without = time.perf_counter() - without
    process.kill()
    process.wait()
    return {"checkpoint_bytes": bytes_, "seconds_to_go_on": round(seconds, 2), "seconds_to_begin": round(without, 2)}


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--bin", type=Path, default=Path("target/release"))
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--out", type=Path)
    arguments = arguments.parse_args()
    os.environ.setdefault("RAYON_NUM_THREADS", "2")
    results = {"machine": machine()}
    for name, (app, further) in TRAININGS.items():
        seconds = {"200 steps": [], "never": []}
        for _ in range(arguments.rounds):
            for checkpoint, of in seconds.items():
                with tempfile.TemporaryDirectory() as runs:
                    of.append(train(arguments.bin.resolve() / app, further, runs, checkpoint)[0])
        medians = {checkpoint: statistics.median(of) for checkpoint, of in seconds.items()}
        results[name] = {
            "seconds": {checkpoint: [round(second, 3) for second in of] for checkpoint, of in seconds.items()},
            "cost": round(medians["200 steps"] / medians["never"] - 1, 4),
        }
        print(name, json.dumps(results[name]), flush=True)
    with tempfile.TemporaryDirectory() as runs:
        results["recovery"] = recovery(arguments.bin.resolve() / "fashion-mnist", runs)
        print("recovery", json.dumps(results["recovery"]), flush=True)
    if arguments.out:
        arguments.out.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
