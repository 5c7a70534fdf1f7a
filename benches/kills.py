"""Trainings that are killed again and again and go on, against twins that are left alone.

    python benches/kills.py [--bin DIR] [--kills N] [--terms N] [--out FILE] [--only NAME]... [--peers]

Five kinds of network: a perceptron, a convolutional and a recurrent one, one over words, and what `brasa` makes of a table
(networks and trees in a blend). Each is trained once to its end; then again, with a signal at a random moment of each life and
another number of loader threads in the next, until it is over; then anew, until there were enough signals. Counted are runs whose
weights, figures of epochs, scores or answers differ from the twin's, and files under a final name that are not whole after a
signal. The data sets are those below BRASA_DATA; build the release binaries before (`cargo build --release --workspace --bins`).

As root, a small file system in memory that fills up, and one that becomes read-only, are tried as well. With --peers, the same
perceptron and moments in PyTorch Lightning with torchdata's StatefulDataLoader (kills_peers.py; needs lightning and torchdata).
"""

import argparse
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from peers import machine

# App, arguments, and how often a checkpoint is written.
NETWORKS = {
    "perceptron": ("fashion-mnist", "--recipe proper-split --set training.epochs=2 --set training.batch_size=64", "50 steps"),
    "convolution": ("mnist", "--recipe cnn --set training.epochs=40 --set training.batch_size=32", "7 steps"),
    "recurrent": ("floor", "--recipe grouped --set training.epochs=2", "3 steps"),
    "words": ("titles", "--recipe pricerunner --set training.epochs=2", "20 steps"),
    "table": ("brasa", "{data}/tables/titanic.csv --target Survived", "40 steps"),
}


def digest(run):
    """What a run comes to, without times."""
    record = json.loads((run / "run.json").read_text())
    assert record["status"] == "finished", record["status"]
    epochs = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    for epoch in epochs:
        del epoch["train_seconds"], epoch["valid_seconds"]
    parts = {
        "weights": (run / "model/weights.safetensors").read_bytes(),
        "epochs": json.dumps(epochs).encode(),
        "scores": json.dumps([record[key] for key in ("scores", "best_epoch", "epochs", "stop")]).encode(),
        "answers": (run / "predictions.csv").read_bytes(),
    }
    return {name: hashlib.sha256(content).hexdigest() for name, content in parts.items()}


def broken(run):
    """Files under a final name that are not whole."""
    found = []
    for path in run.rglob("*.ckpt"):
        content = path.read_bytes()
        if len(content) < 32 or hashlib.sha256(content[:-32]).digest() != content[-32:]:
            found.append(path.name)
    for name in ("run.json", "model/model.json", "environment.json", "data.json"):
        path = run / name
        try:
            json.loads(path.read_text()) if path.exists() else None
        except ValueError:
            found.append(name)
    weights = run / "model/weights.safetensors"
    if weights.exists():
        content = weights.read_bytes()
        header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
        ends = [entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__"]
        if 8 + int.from_bytes(content[:8], "little") + max(ends) != len(content):
            found.append(weights.name)
    return found


class App:
    """One network's program in a folder of runs of its own."""

    def __init__(self, binary, arguments, every, data, folder):
        self.binary, self.folder = binary, folder
        self.arguments = [part.format(data=data) for part in arguments.split()] + ["--set", f"training.checkpoint={every}"]
        self.environment = {**os.environ, "BRASA_DATA": str(data), "BRASA_RUNS": str(folder)}

    def start(self, *arguments):
        command = [self.binary, "train", "--json", *arguments]
        return subprocess.Popen(command, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def runs(self):
        return sorted(path.parent for path in self.folder.rglob("run.json"))

    def clear(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()


def end(process):
    out, err = process.communicate(timeout=600)
    return process.returncode, out.decode(), err.decode()


def twin(app):
    app.clear()
    started = time.perf_counter()
    code, _, err = end(app.start(*app.arguments))
    if code != 0:
        sys.exit(err)
    return digest(app.runs()[-1]), time.perf_counter() - started


def endure(app, wanted, with_signal, draw, expected, seconds):
    """Runs with a signal in each life until there were `wanted` signals."""
    counts = {"signals": 0, "runs": 0, "equal": 0, "broken_files": 0, "lives": 0, "exit_codes": {}}
    while counts["signals"] < wanted:
        app.clear()
        process, run = app.start(*app.arguments), None
        while True:
            counts["lives"] += 1
            try:
                code = process.wait(timeout=draw.uniform(0.02, 0.5 * seconds))
            except subprocess.TimeoutExpired:
                process.send_signal(with_signal)
                counts["signals"] += 1
                code, _, err = end(process)
                if code == 1 or code == 101:
                    sys.exit(err)
            counts["exit_codes"][str(code)] = counts["exit_codes"].get(str(code), 0) + 1
            process.stdout.close(), process.stderr.close()
            found = app.runs()
            if not found:
                # It was ended before it had a folder.
                process = app.start(*app.arguments)
                continue
            run = found[-1]
            counts["broken_files"] += len(broken(run))
            if json.loads((run / "run.json").read_text())["status"] == "finished" and (run / "report.html").exists():
                break
            if json.loads((run / "run.json").read_text())["status"] == "finished":
                # Between the scores and the report: nothing is left to train.
                break
            process = app.start("--resume", run.name, "--set", f"training.workers={draw.randrange(4)}")
        counts["runs"] += 1
        counts["equal"] += digest(run) == expected
    return counts


def on_small_disks(app, expected):
    """A file system that fills up, and folders that become read-only, each gone on from when that is over."""
    results = {}
    for name in ("full", "read-only"):
        with tempfile.TemporaryDirectory() as place:
            full = name == "full"
            if full and subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", place]).returncode != 0:
                return "a file system cannot be mounted here"
            try:
                small = App(app.binary, "", "never", "", Path(place) / "runs")
                small.folder.mkdir()
                small.arguments, small.environment = app.arguments, {**app.environment, "BRASA_RUNS": str(small.folder)}
                process = small.start(*small.arguments)
                while not list(small.folder.rglob("*.ckpt")):
                    time.sleep(0.01)
                run = small.runs()[-1]
                folders = [run, *(path for path in run.rglob("*") if path.is_dir())]
                ballast = Path(place) / "ballast"
                if full:
                    with open(ballast, "wb") as file:
                        try:
                            while True:
                                file.write(bytes(1 << 14))
                                file.flush()
                        except OSError:
                            pass
                else:
                    # A mount with files that are open cannot be made read-only; folders can.
                    subprocess.run(["chattr", "+i", *folders], check=True)
                code, _, err = end(process)
                whole = not broken(run)
                if full:
                    ballast.unlink()
                else:
                    subprocess.run(["chattr", "-i", *folders], check=True)
                again, _, resumed = end(small.start("--resume", run.name))
                results[name] = {
                    "exit_code": code,
                    "message": [line.replace(place, "...") for line in err.splitlines() if line.startswith("error")][-1:],
                    "files_whole": whole,
                    "resumed": again,
                    "equal": again == 0 and digest(run) == expected,
                }
            finally:
                if full:
                    subprocess.run(["umount", "-l", place])
    return results


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--bin", type=Path, default=Path("target/release"))
    arguments.add_argument("--kills", type=int, default=60, help="of each network")
    arguments.add_argument("--terms", type=int, default=4, help="SIGTERMs of each network")
    arguments.add_argument("--out", type=Path)
    arguments.add_argument("--only", action="append")
    arguments.add_argument("--peers", action="store_true")
    arguments = arguments.parse_args()
    data = Path(os.environ["BRASA_DATA"]).resolve()
    draw = random.Random(15)
    results = {"machine": machine()}
    if arguments.peers:
        from kills_peers import endure as lightning

        results["lightning"] = lightning(20, random.Random(15))
        print(json.dumps(results["lightning"]))
    for name, (app, further, every) in NETWORKS.items():
        if arguments.only and name not in arguments.only:
            continue
        with tempfile.TemporaryDirectory() as folder:
            app = App(arguments.bin.resolve() / app, further, every, data, Path(folder) / "runs")
            app.folder.mkdir()
            expected, seconds = twin(app)
            result = {"twin_seconds": round(seconds, 2)}
            for how, wanted, with_signal in (
                ("kill", arguments.kills, signal.SIGKILL), ("term", arguments.terms, signal.SIGTERM),
            ):
                result[how] = endure(app, wanted, with_signal, draw, expected, seconds)
            if name == "perceptron":
                result["disks"] = on_small_disks(app, expected)
            results[name] = result
            print(name, json.dumps(result), flush=True)
    if arguments.out:
        arguments.out.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
