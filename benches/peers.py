"""Measures brasa and PyTorch alternately on one machine and prints the ratios.

    python benches/peers.py [--bin DIR] [--out FILE] [--rounds N] [--only ROW]... [--instructions avx2] [--threads N] [--device cuda]

PyTorch's side is peers_torch.py. Run with a Python that has requirements.txt's torch and scikit-learn; build brasa's
release binaries before (`cargo build --release --workspace --bins`). Both sides use two threads, every measurement is
a process of its own. The rows of steps need no data; `data-path` reads Fashion-MNIST below BRASA_DATA. What FILE holds
of other rows, and of other instructions, stays there. This process imports no torch: what it holds would count as a child's memory.

A step of PyTorch is zero_grad, forward, cross-entropy, backward, Adam, and the loss read; one of brasa is the same with
the batch's logits read. PyTorch's best is the fastest of its variants (fused Adam, channels_last, both, compiled with fused Adam), each with
the allocator as installed and with one that keeps freed memory. Inference is measured beside ONNX Runtime, too. A ratio is brasa's
median over a peer's.

`--instructions avx2` keeps both sides from AVX-512 where the processor has it, as far as they can be kept: ONNX Runtime
cannot. On a processor without AVX-512 it is what is measured anyway.

`--device cuda` measures steps and inference on a GPU, by binaries built with that backend. PyTorch is compiled with CUDA graphs there, and its products are in full precision, in
variants of their own in TF32.
"""

import argparse
import csv
import importlib.metadata
import json
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PEERS = Path(__file__).resolve().parent / "peers_torch.py"

KEEP_MEMORY = (
    "glibc.malloc.mmap_threshold=4294967296:glibc.malloc.trim_threshold=8589934592:"
    "glibc.malloc.top_pad=268435456"
)

TRAIN, INFER = "train_step_ms", "infer_batch_ms"
# For each row brasa's command, what of its answer counts, and the ratio to stay below: to PyTorch's best in training, to ONNX Runtime
# in inference.
STEPS = {
    "fashion-mlp": ("fashion-mnist --recipe cosine --set optimizer.weight_decay=0 --batch 256 --steps 200", TRAIN, 0.6),
    "emotions-cnn": ("emotions --recipe tutorial --batch 128 --steps 10 --warm-up 2", TRAIN, 0.5),
    "floor-lstm": ("floor --recipe tutorial --batch 64 --steps 12 --warm-up 2", TRAIN, 0.8),
    "text-cnn": ("titles --recipe pricerunner --batch 128 --steps 200 --data", TRAIN, 0.6),
    "mnist-cnn": ("mnist --recipe cnn --batch 256 --steps 40 --warm-up 5", TRAIN, 0.55),
    "resnet18-frozen": ("mnist --recipe transfer --batch 32 --steps 6 --warm-up 1", TRAIN, 0.7),
    "emotions-infer-1": ("emotions --recipe tutorial --infer --batch 1 --steps 200", INFER, 1.0),
    "emotions-infer-128": ("emotions --recipe tutorial --infer --batch 128 --steps 20 --warm-up 3", INFER, 0.8),
    "fashion-infer-1": ("fashion-mnist --recipe cosine --infer --batch 1 --steps 2000", INFER, 1.0),
    "floor-infer-1": ("floor --recipe tutorial --infer --batch 1 --steps 50 --warm-up 5", INFER, 1.0),
    "text-infer-1": ("titles --recipe pricerunner --infer --batch 1 --steps 2000 --data", INFER, 1.0),
}
# On a GPU a step is short, and the first ones choose their kernels.
GPU_STEPS = "300"
VARIANTS = {
    "median_ms": "", "fused_ms": ", fused Adam", "nhwc_ms": ", channels_last",
    "nhwc_fused_ms": ", channels_last and fused Adam", "compiled_ms": ", compiled", "tf32_ms": ", TF32 and fused Adam", "tf32_compiled_ms": ", TF32, compiled",
}
NATIVE = "native"
# What keeps brasa, and PyTorch with its libraries, to AVX2.
INSTRUCTIONS = {NATIVE: {}, "avx2": {
    "BRASA_SIMD": "avx2", "ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2", "MKL_ENABLE_INSTRUCTIONS": "AVX2",
}}


def processor():
    """Name and number of the processors, and the widest instructions that they have."""
    lines = open("/proc/cpuinfo").read().splitlines()
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    flags = next((line.split() for line in lines if line.startswith("flags")), [])
    widest = next((name for flag, name in (("avx512f", "avx512"), ("avx2", "avx2")) if flag in flags), platform.machine())
    return f"{names[0]}, {len(names)} threads, {platform.system()} {platform.machine()}", widest


def machine():
    return processor()[0]


def gpu():
    query = ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"]
    return subprocess.run(query, stdout=subprocess.PIPE, check=True, text=True).stdout.splitlines()[0]


def environment(args):
    threads = str(args.threads)
    return {"RAYON_NUM_THREADS": threads, "PEER_THREADS": threads, "PEER_DEVICE": args.device, **INSTRUCTIONS[args.instructions]}


def answer(command, **environment):
    """The JSON object that `command` prints last."""
    env = {**os.environ, **environment}
    output = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env)
    if output.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{output.stderr.decode()}")
    return json.loads(output.stdout.decode().splitlines()[-1])


def seconds(command, **environment):
    started = time.perf_counter()
    env = {**os.environ, **environment}
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True, env=env)
    return time.perf_counter() - started


def titles_of_a_hundred_categories(folder):
    """A table as PriceRunner's: the titles' network takes its number of classes from the data."""
    draw = random.Random(0)
    with open(Path(folder) / "pricerunner_aggregate.csv", "w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["Product Title", "Category Label"])
        for row in range(4000):
            title = " ".join(f"word{draw.randrange(2000)}" for _ in range(20))
            table.writerow([title, f"category {row % 100}"])
    return folder


def steps_of(command, steps):
    """The command for so many measured steps after a third as many others."""
    counts = {"--steps": steps, "--warm-up": str(int(steps) // 3)}
    places = [place for place, word in enumerate(command) if word in counts]
    words = [word for place, word in enumerate(command) if place not in places and place - 1 not in places]
    return [*words, *(word for pair in counts.items() for word in pair)]


def step(args, piece, command, figure, most):
    app, *words = command.split()
    command = [args.bin / app, "bench", "--json", *words]
    allocators = {"stock": {}, "keeps memory": {"GLIBC_TUNABLES": KEEP_MEMORY}}
    if args.device != "cpu":
        command = [*steps_of(command, GPU_STEPS), "--device", args.device]
        # Memory of the GPU is kept anyway.
        del allocators["keeps memory"]
    ours, onnx, variants, memory = [], [], {}, {"brasa": [], "torch": []}
    common = environment(args)
    with tempfile.TemporaryDirectory() as folder:
        if words[-1] == "--data":
            command.insert(command.index("--data") + 1, titles_of_a_hundred_categories(folder))
        for _ in range(args.rounds):
            run = answer(command, **common)
            ours.append(run[figure]["median"])
            memory["brasa"].append(run["peak_rss_mib"])
            for allocator, tunables in allocators.items():
                peer = [sys.executable, PEERS, piece]
                run = answer(peer if args.device == "cpu" else [*peer, "--steps", GPU_STEPS], **common, **tunables)
                memory["torch"].append(run["peak_rss_mib"])
                if "onnx_ms" in run:
                    onnx.append((allocator, run["onnx_ms"]))
                for key, name in VARIANTS.items():
                    if key in run:
                        variants.setdefault(allocator + name, []).append(run[key])
    ours = statistics.median(ours)
    variants = {name: statistics.median(times) for name, times in variants.items()}
    best = min(variants, key=variants.get)
    memory = {"brasa": statistics.median(memory["brasa"]), "torch": min(memory["torch"])}
    result = {
        "brasa_ms": ours, "torch_stock_ms": variants["stock"], "torch_best_ms": variants[best], "torch_best": best,
        "ratio_to_stock": ours / variants["stock"], "ratio_to_best": ours / variants[best], "ratio_at_most": most,
        "peak_rss_mib": memory, "ratio_peak_rss": memory["brasa"] / memory["torch"], "torch_variants_ms": variants,
    }
    if onnx:
        best = min(statistics.median(time for of, time in onnx if of == allocator) for allocator, _ in onnx)
        result |= {"onnx_runtime_ms": best, "ratio_to_onnx_runtime": ours / best}
    return result


def data_path(args):
    bench = [args.bin / "fashion-mnist", "bench", "--loader", "--recipe", "proper-split", "--json"]
    runs = {workers: [] for workers in (0, 2)}
    peer = []
    for _ in range(args.rounds):
        for workers, answers in runs.items():
            answers.append(answer([*bench, "--set", f"training.workers={workers}"], **environment(args)))
        peer.append(answer([sys.executable, PEERS, "data-path"], **environment(args)))
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
        train = [args.bin / "iris", "--runs", runs, "train", "--recipe", "course"]
        ours = [seconds(train, **environment(args)) for _ in range(2 * args.rounds + 1)]
    peer = [seconds([sys.executable, PEERS, "iris"], **environment(args)) for _ in range(args.rounds)]
    start = [seconds([args.bin / "iris", "--help"]) for _ in range(11)]
    ours, peer = statistics.median(ours), statistics.median(peer)
    return {"brasa_s": ours, "torch_s": peer, "ratio": ours / peer, "help_ms": statistics.median(start) * 1e3}


ROWS = {name: lambda args, name=name, row=row: step(args, name, *row) for name, row in STEPS.items()}
ROWS |= {"data-path": data_path, "iris-process": whole_process}


def rounded(value):
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    return float(f"{value:.4g}") if isinstance(value, float) else value


def table(rows):
    line = "{:<20}{:>10}{:>12}{:>12}{:>8}{:>10}{:>8}{:>9}{:>11}{:>11}{:>8}  {}".format
    print(line("step", "brasa ms", "torch stock", "torch best", "ratio", "ONNX RT", "ratio", "at most", "brasa MiB", "torch MiB", "ratio", "best of PyTorch"))
    for name in STEPS:
        if row := rows.get(name):
            keys = ("brasa_ms", "torch_stock_ms", "torch_best_ms", "ratio_to_best", "onnx_runtime_ms", "ratio_to_onnx_runtime", "ratio_at_most")
            times = [f"{row[key]:.3g}" if key in row else "" for key in keys]
            memory = [f"{size:.0f}" for size in row["peak_rss_mib"].values()]
            print(line(name, *times, *memory, f"{row['ratio_peak_rss']:.2f}", row["torch_best"]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=Path, default=Path("target/release"))
    parser.add_argument("--out", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--instructions", choices=INSTRUCTIONS, default=NATIVE, help="what both sides may use")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--only", action="append", choices=ROWS, metavar="ROW", help=", ".join(ROWS))
    args = parser.parse_args()
    cpu, widest = processor()
    kind = f"{widest if args.instructions == NATIVE else args.instructions}, {args.threads} threads"
    if args.device != "cpu":
        cpu = gpu()
        kind = f"{args.device}, {cpu}"
    kept = json.loads(args.out.read_text()) if args.out and args.out.exists() else {}
    rows = kept.get(kind, {}).get("rows", {})
    for name in args.only or (ROWS if args.device == "cpu" else STEPS):
        load = round(os.getloadavg()[0], 2)
        print(f"{name} ...", file=sys.stderr, flush=True)
        rows[name] = {"load_average_before": load, "rounds": args.rounds, **rounded(ROWS[name](args))}
        print(json.dumps({name: rows[name]}), file=sys.stderr, flush=True)
        known = {name: rows[name] for name in ROWS if name in rows}
        kept[kind] = {"machine": cpu, "torch": importlib.metadata.version("torch"), "rows": known}
        if args.out:
            args.out.write_text(json.dumps(kept, indent=2) + "\n")
    print(f"{cpu}; {kind}; torch {kept[kind]['torch']}")
    table(rows)
    for name in ("data-path", "iris-process"):
        if name in rows:
            print(name, json.dumps(rows[name]))


if __name__ == "__main__":
    main()
