"""Measures brasa and PyTorch alternately on one machine and prints the ratios.

    python benches/peers.py --peers DIR [--bin DIR] [--out FILE] [--rounds N]

DIR holds the peer scripts steps.py and tabular.py. Run with a Python that has torch; build brasa's release binaries
before (`cargo build --release -p iris -p fashion-mnist`). BRASA_DATA names the data sets. Both sides use two threads.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

KEEP_MEMORY = (
    "glibc.malloc.mmap_threshold=4294967296:glibc.malloc.trim_threshold=8589934592:"
    "glibc.malloc.top_pad=268435456"
)

DATA_LOADER = """
import json, os, sys, time, gzip, statistics
from pathlib import Path
import numpy as np, torch
from torch.utils.data import DataLoader, TensorDataset
torch.set_num_threads(2)
folder = Path(os.environ["BRASA_DATA"]) / "fashion-mnist"
started = time.perf_counter()
def idx(name, offset):
    with gzip.open(folder / (name + ".gz")) as file:
        return np.frombuffer(file.read(), np.uint8, offset=offset)
def images(name):
    x = torch.from_numpy(idx(name, 16).reshape(-1, 784).astype("float32"))
    return x.div_(255.).sub_(.2860).div_(.3530)
x = images("train-images-idx3-ubyte")
y = torch.from_numpy(idx("train-labels-idx1-ubyte", 8).astype("int64"))
images("t10k-images-idx3-ubyte"); idx("t10k-labels-idx1-ubyte", 8)
load = time.perf_counter() - started
order = torch.randperm(60000)[:48000]
loader = DataLoader(TensorDataset(x[order], y[order]), batch_size=128, shuffle=True)
epochs = []
for _ in range(5):
    started = time.perf_counter()
    for batch in loader:
        pass
    epochs.append(time.perf_counter() - started)
print(json.dumps({"load_ms": load * 1e3, "epoch_ms": statistics.median(epochs) * 1e3}))
"""


def machine():
    cpu = [line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")]
    return f"{cpu[0]}, {len(cpu)} threads, {platform.system()} {platform.machine()}"


def answer(command, **environment):
    env = {**os.environ, "RAYON_NUM_THREADS": "2", **environment}
    output = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True, env=env)
    return json.loads(output.stdout.decode().splitlines()[-1])


def seconds(command):
    started = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return time.perf_counter() - started


def training_step(args):
    ours, stock, best = [], [], []
    memory = {}
    for _ in range(args.rounds):
        run = answer([f"{args.bin}/fashion-mnist", "bench", "--recipe", "cosine", "--batch", "256", "--steps", "200", "--json"])
        ours.append(run["train_step_ms"]["median"])
        memory["brasa"] = run["peak_rss_mib"]
        for environment in ({}, {"GLIBC_TUNABLES": KEEP_MEMORY}):
            run = answer([sys.executable, f"{args.peers}/steps.py", "--only", "mlp256", "--rounds", "1"], **environment)
            if not environment:
                stock.append(run["median_ms"])
                memory["torch"] = run["peak_rss_mib"]
            best.append(min(run["median_ms"], run["fused_ms"]))
    # The variants of one round are two draws: the better of each round is PyTorch's best.
    best = [min(pair) for pair in zip(best[::2], best[1::2])]
    ours, stock, best = map(statistics.median, (ours, stock, best))
    return {
        "brasa_ms": ours, "torch_stock_ms": stock, "torch_best_ms": best,
        "ratio_to_stock": ours / stock, "ratio_to_best": ours / best, "peak_rss_mib": memory,
    }


def data_path(args):
    bench = [f"{args.bin}/fashion-mnist", "bench", "--loader", "--recipe", "proper-split", "--json"]
    runs = {workers: [] for workers in (0, 2)}
    peer = []
    for _ in range(args.rounds):
        for workers, answers in runs.items():
            answers.append(answer([*bench, "--set", f"training.workers={workers}"]))
        peer.append(answer([sys.executable, "-c", DATA_LOADER]))
    peer_epoch = statistics.median(run["epoch_ms"] for run in peer)
    result = {
        "torch_load_ms": statistics.median(run["load_ms"] for run in peer),
        "brasa_load_ms": statistics.median(run["load_ms"] for run in runs[0]),
        "torch_epoch_ms": peer_epoch,
    }
    for workers, answers in runs.items():
        epoch = statistics.median(run["epoch_ms"]["median"] for run in answers)
        result[f"brasa_epoch_ms, {workers} loader threads"] = epoch
        result[f"ratio_epoch, {workers} loader threads"] = epoch / peer_epoch
    return result


def whole_process(args):
    with tempfile.TemporaryDirectory() as runs:
        ours = [seconds([f"{args.bin}/iris", "--runs", runs, "train", "--recipe", "course"]) for _ in range(2 * args.rounds + 1)]
    peer = [seconds([sys.executable, f"{args.peers}/tabular.py", "--task", "iris"]) for _ in range(args.rounds)]
    start = [seconds([f"{args.bin}/iris", "--help"]) for _ in range(11)]
    ours, peer = statistics.median(ours), statistics.median(peer)
    return {"brasa_s": ours, "torch_s": peer, "ratio": ours / peer, "help_ms": statistics.median(start) * 1e3}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", type=Path, required=True)
    parser.add_argument("--bin", type=Path, default=Path("target/release"))
    parser.add_argument("--out", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    import torch

    result = {
        "machine": machine(),
        "torch": torch.__version__,
        "load_average_before": round(os.getloadavg()[0], 2),
        "fashion-mnist cosine, training step, batch 256": training_step(args),
        "fashion-mnist data path": data_path(args),
        "iris, whole process": whole_process(args),
    }
    text = json.dumps(result, indent=2)
    print(text)
    if args.out:
        args.out.write_text(text + "\n")


if __name__ == "__main__":
    main()
