"""The same in PyTorch Lightning with torchdata's StatefulDataLoader, or with LOADER=litdata with litData's StreamingDataLoader: see
kills.py. With DROPOUT=0 the network draws nothing at random.

    python benches/kills_peers.py train FOLDER     one life: trains, goes on from FOLDER's last checkpoint where there is one
"""

import contextlib
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path


DROPOUT = float(os.environ.get("DROPOUT", "0.2"))
LOADER = os.environ.get("LOADER", "torchdata")
ROWS = 20_000


def rows():
    import torch

    draw = torch.Generator().manual_seed(0)
    return torch.randn(ROWS, 784, generator=draw), torch.randint(0, 10, (ROWS,), generator=draw)


def row(index):
    """One of the rows, for litData to write."""
    if not hasattr(row, "all"):
        row.all = rows()
    inputs, targets = row.all
    return inputs[index], int(targets[index])


def loader(streamed):
    """Shuffled batches; litData's from the folder `streamed`, which is written where it is not there."""
    if LOADER == "litdata":
        import litdata

        if not Path(streamed, "index.json").exists():
            litdata.optimize(fn=row, inputs=list(range(ROWS)), output_dir=str(streamed), chunk_bytes="4MB", num_workers=1)
        dataset = litdata.StreamingDataset(str(streamed), shuffle=True, seed=42)
        return litdata.StreamingDataLoader(dataset, batch_size=64, num_workers=2)
    import torch
    from torchdata.stateful_dataloader import StatefulDataLoader

    return StatefulDataLoader(
        torch.utils.data.TensorDataset(*rows()), batch_size=64, shuffle=True, num_workers=2
    )


def train(folder):
    import lightning
    import torch
    from lightning.pytorch.callbacks import ModelCheckpoint

    torch.set_num_threads(2)
    torch.use_deterministic_algorithms(True)
    lightning.seed_everything(42, verbose=False)

    class Perceptron(lightning.LightningModule):
        def __init__(self):
            super().__init__()
            sizes = [784, 256, 128]
            layers = [
                layer
                for i, o in zip(sizes, sizes[1:])
                for layer in (torch.nn.Linear(i, o), torch.nn.ReLU(), torch.nn.Dropout(DROPOUT))
            ]
            self.layers = torch.nn.Sequential(*layers, torch.nn.Linear(128, 10))

        def training_step(self, batch, _):
            return torch.nn.functional.cross_entropy(self.layers(batch[0]), batch[1])

        def configure_optimizers(self):
            return torch.optim.Adam(self.parameters())

    last = Path(folder) / "last.ckpt"
    trainer = lightning.Trainer(
        max_epochs=2,
        accelerator="cpu",
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        callbacks=[ModelCheckpoint(dirpath=folder, every_n_train_steps=50, save_last=True)],
    )
    model = Perceptron()
    trainer.fit(model, loader(os.environ.get("STREAMED", "")), ckpt_path=str(last) if last.exists() else None)
    weights = b"".join(parameter.detach().numpy().tobytes() for parameter in model.parameters())
    (Path(folder) / "result").write_text(hashlib.sha256(weights).hexdigest() + f" {trainer.global_step}")


def start(folder):
    command = [sys.executable, __file__, "train", str(folder)]
    # A group of its own: what a killed process leaves behind is ended with it.
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)


def clear(process):
    """Ends the loader's processes, which may wait for ever for one that was killed."""
    process.wait()
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def endure(runs, draw):
    """How many of so many runs, each killed twice, end as one that was left alone."""
    import importlib.metadata

    def twin():
        with tempfile.TemporaryDirectory() as folder:
            started = time.perf_counter()
            process = start(folder)
            clear(process)
            if process.returncode != 0:
                sys.exit(f"{' '.join(process.args)}: ended with {process.returncode}")
            return (Path(folder) / "result").read_text(), time.perf_counter() - started

    expected, seconds = twin()
    again, _ = twin()
    counts = {
        "lightning": importlib.metadata.version("lightning"),
        LOADER: importlib.metadata.version(LOADER),
        "torch": importlib.metadata.version("torch"),
        "twins_equal": expected == again,
        "killed_runs": 0,
        "equal": 0,
        "other_steps": 0,
        "failed": 0,
        "kills": 0,
    }
    while counts["killed_runs"] < runs:
        with tempfile.TemporaryDirectory() as folder:
            killed, over = 0, False
            while killed < 2 and not over:
                process = start(folder)
                try:
                    process.wait(timeout=draw.uniform(0.4, 0.95) * seconds)
                    over = True
                    clear(process)
                except subprocess.TimeoutExpired:
                    process.send_signal(signal.SIGKILL)
                    clear(process)
                    killed += 1
            if killed == 0:
                continue
            if not over:
                process = start(folder)
                clear(process)
            counts["kills"] += killed
            counts["killed_runs"] += 1
            result = Path(folder) / "result"
            if process.returncode != 0 or not result.exists():
                counts["failed"] += 1
                continue
            counts["equal"] += result.read_text() == expected
            counts["other_steps"] += result.read_text().split()[1] != expected.split()[1]
    return counts


if __name__ == "__main__":
    if sys.argv[1:2] == ["train"]:
        train(sys.argv[2])
    else:
        with tempfile.TemporaryDirectory() as streamed:
            os.environ["STREAMED"] = streamed
            if LOADER == "litdata":
                loader(streamed)
            print(json.dumps(endure(20, random.Random(15)), indent=2))
