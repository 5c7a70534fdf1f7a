"""Transfer against training from nothing, and what frozen layers cost beside PyTorch; writes docs/results/transfer.json.

    python benches/transfer.py [gain] [speed] [--seeds 5] [--data DIR]

`gain`: CIFAR-10's ResNet-20 and ImageNet's EfficientNet-Lite0, fine-tuned and from nothing with the same recipe, on 600 digits and
on 600 pictures of clothes.
`speed`: an epoch over 600 images of 224 pixels with all but the last layer frozen, beside PyTorch, and with features kept.

Needs the release binaries, DIR (BRASA_DATA) with mnist, fashion-mnist and the weights, and PyTorch (PEER_PYTHON) for `speed`.
"""

import argparse
import gzip
import io
import json
import os
import pathlib
import platform
import re
import shutil
import statistics
import struct
import subprocess
import tempfile
import time
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"

RECIPE = """
[data]
scaling = "pixels"
mean = [0.485, 0.456, 0.406]
std = [0.229, 0.224, 0.225]
[data.images]
archive = "{archive}"
channels = 3
size = [{side}, {side}]
[data.split]
kind = "given"
[model]
{model}
input = [3, {side}, {side}]
[optimizer]
kind = "adamw"
lr = {lr}
weight_decay = 0.01
[schedule]
kind = "one-cycle"
[training]
epochs = {epochs}
batch_size = 32
monitor = "accuracy"
{transfer}
"""


def processor() -> str:
    text = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8")
    name = re.search(r"model name\s*: (.*)", text)
    flags = "AVX-512" if "avx512f" in text else "AVX2" if "avx2" in text else "no AVX2"
    return f"{name[1] if name else platform.processor()} ({flags}), {os.cpu_count()} threads"


def idx(path: pathlib.Path) -> tuple:
    data = gzip.decompress(path.read_bytes())
    axes = data[3]
    sizes = struct.unpack(f">{axes}I", data[4 : 4 + 4 * axes])
    return sizes, data[4 + 4 * axes :]


def pictures(source: pathlib.Path, into: pathlib.Path, splits: dict) -> None:
    """So many images of each class, in the order of the files of `source`: of the training file or of the test file."""
    from PIL import Image

    with zipfile.ZipFile(into, "a") as archive:
        for name, part in splits.items():
            (count, height, width), pixels = idx(source / f"{name}-images-idx3-ubyte.gz")
            _, labels = idx(source / f"{name}-labels-idx1-ubyte.gz")
            taken = {}
            for at in range(count):
                label, rest = labels[at], taken.get(labels[at], 0)
                taken[label] = rest + 1
                for split, wanted in part.items():
                    if rest < wanted:
                        image = Image.frombytes("L", (width, height), pixels[at * height * width : (at + 1) * height * width])
                        out = io.BytesIO()
                        image.save(out, "PNG")
                        archive.writestr(f"all/{split}/{label}/{at}.png", out.getvalue())
                        break
                    rest -= wanted


def train(folder: pathlib.Path, recipe: str, *settings: str) -> dict:
    (folder / "recipe.toml").write_text(recipe, encoding="utf-8")
    command = [TARGET / "brasa", "train", "recipe.toml", "--data", ".", "--runs", "runs", "--json"]
    for setting in settings:
        command += ["--set", setting]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def gain(folder: pathlib.Path, data: pathlib.Path, seeds: int) -> dict:
    # The course's 600 digits with its validation split; a test split of 100 images would tell little.
    with zipfile.ZipFile(data / "mnist" / "mnist_png_small.zip") as given, zipfile.ZipFile(folder / "digits.zip", "w") as taken:
        for name in given.namelist():
            if name.endswith(".png") and "/test/" not in name:
                taken.writestr("all/" + name.split("/", 1)[1], given.read(name))
    pictures(data / "mnist", folder / "digits.zip", {"t10k": {"test": 100}})
    pictures(data / "fashion-mnist", folder / "clothes.zip", {"train": {"train": 60, "valid": 20}, "t10k": {"test": 100}})
    networks = {
        "ResNet-20": ("cifar10-resnet-weights", "resnet20*.th", 'kind = "cifar-resnet"\nblocks = 3', 32),
        "EfficientNet-Lite0": ("imagenet-weights", "efficientnet-lite0*.pth", 'kind = "efficientnet"\nvariant = "lite0"', 64),
    }
    found = {}
    for network, (place, pattern, model, side) in networks.items():
        weights = next((data / place).glob(pattern))
        shutil.copy(weights, folder / weights.name)
        given = f'[transfer]\npretrained = "{weights.name}"\nnew_head = true'
        for archive in ["digits", "clothes"]:
            for name, transfer in [("nothing", ""), ("transfer", given)]:
                recipe = RECIPE.format(archive=f"{archive}.zip", side=side, model=model, lr=3e-3, epochs=20, transfer=transfer)
                scores = [train(folder, recipe, f"training.seed={seed}")["test"]["accuracy"] for seed in range(seeds)]
                found.setdefault(network, {}).setdefault(archive, {})[name] = scores
                print(network, archive, name, scores, flush=True)
    return found


def torch_epoch(folder: pathlib.Path, rounds: int) -> dict:
    """Seconds of PyTorch over 600 images of 224 pixels in batches of 32, the best of its layouts."""
    script = """
import json, time, torch, torchvision
torch.set_num_threads(2)
found = {}
for name, layout in [("contiguous", torch.contiguous_format), ("channels_last", torch.channels_last)]:
    net = torchvision.models.resnet18(num_classes=10).to(memory_format=layout)
    for parameter in net.parameters():
        parameter.requires_grad = False
    net.fc = torch.nn.Linear(512, 10)
    optimizer = torch.optim.SGD(net.fc.parameters(), lr=1e-3, weight_decay=0.1)
    x = torch.rand(32, 3, 224, 224).to(memory_format=layout)
    y = torch.randint(0, 10, (32,))
    for mode in ["batch", "running"]:
        net.train(mode == "batch")
        times = []
        for step in range(12):
            began = time.perf_counter()
            optimizer.zero_grad()
            loss = torch.nn.functional.cross_entropy(net(x), y)
            loss.backward()
            optimizer.step()
            loss.item()
            times.append(time.perf_counter() - began)
        times = sorted(times[2:])
        found[f"{layout} {mode}"] = times[len(times) // 2] * 600 / 32
print(json.dumps(found))
"""
    python = os.environ.get("PEER_PYTHON", "python3")
    keep = "glibc.malloc.mmap_threshold=4294967296:glibc.malloc.trim_threshold=8589934592:glibc.malloc.top_pad=268435456"
    rows = []
    for _ in range(rounds):
        done = subprocess.run([python, "-c", script], capture_output=True, text=True, check=True, env={**os.environ, "GLIBC_TUNABLES": keep})
        rows.append(json.loads(done.stdout))
    return {name: statistics.median(row[name] for row in rows) for name in rows[0]}


def epoch(folder: pathlib.Path, *settings: str) -> float:
    """Seconds of an epoch, the median but for the first."""
    model = 'kind = "resnet"'
    recipe = RECIPE.format(archive="digits.zip", side=224, model=model, lr=1e-3, epochs=4, transfer='[transfer]\nfreeze = ["*"]')
    out = train(folder, recipe, 'optimizer.kind=sgd', *settings)
    lines = pathlib.Path(folder / out["run"] / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    return statistics.median(json.loads(line)["train_seconds"] for line in lines[1:])


def speed(folder: pathlib.Path, data: pathlib.Path, rounds: int) -> dict:
    shutil.copy(data / "mnist" / "mnist_png_small.zip", folder / "digits.zip")
    rows = []
    for _ in range(rounds):
        row = {
            "brasa, batch statistics": epoch(folder, 'transfer.frozen_norm="batch"'),
            "brasa, running statistics": epoch(folder),
            "brasa, features kept": epoch(folder, "transfer.cache=true"),
        }
        row |= {f"PyTorch, {name}": value for name, value in torch_epoch(folder, 1).items()}
        rows.append(row)
        print(row, flush=True)
    return {name: statistics.median(row[name] for row in rows) for name in rows[0]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", default=["gain", "speed"])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--data", type=pathlib.Path, default=pathlib.Path(os.environ.get("BRASA_DATA", "datasets")))
    given = parser.parse_args()
    path = ROOT / "docs" / "results" / "transfer.json"
    found = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True)
    about = {"processor": processor(), "commit": commit.stdout.strip(), "date": time.strftime("%Y-%m-%d")}
    for part in given.parts:
        with tempfile.TemporaryDirectory() as folder:
            run = {"gain": gain, "speed": speed}[part]
            count = given.seeds if part == "gain" else given.rounds
            found[part] = about | {"found": run(pathlib.Path(folder), given.data.resolve(), count)}
    path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
