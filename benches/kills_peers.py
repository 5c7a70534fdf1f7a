"""The same in PyTorch Lightning with torchdata's StatefulDataLoader: see kills.py. With DROPOUT=0 the network draws nothing at random.

    python benches/kills_peers.py train FOLDER     one life: trains, goes on from FOLDER's last checkpoint where there is one
"""

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


def train(folder):
    import lightning
    import torch
    from lightning.pytorch.callbacks import ModelCheckpoint
    from torchdata.stateful_dataloader import StatefulDataLoader

    torch.set_num_threads(2)
    torch.use_deterministic_algorithms(True)
    lightning.seed_everything(42, verbose=False)
    draw = torch.Generator().manual_seed(0)
    inputs, targets = torch.randn(20_000, 784, generator=draw), torch.randint(0, 10, (20_000,), generator=draw)

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

    loader = StatefulDataLoader(
        torch.utils.data.TensorDataset(inputs, targets), batch_size=64, shuffle=True, num_workers=2
    )
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
    trainer.fit(model, loader, ckpt_path=str(last) if last.exists() else None)
    weights = b"".join(parameter.detach().numpy().tobytes() for parameter in model.parameters())
    (Path(folder) / "result").write_text(hashlib.sha256(weights).hexdigest() + f" {trainer.global_step}")


def start(folder):
    command = [sys.executable, __file__, "train", str(folder)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def endure(runs, draw):
    """How many of so many runs, each killed twice, end as one that was left alone."""
    import importlib.metadata

    def twin():
        with tempfile.TemporaryDirectory() as folder:
            started = time.perf_counter()
            process = start(folder)
            _, err = process.communicate()
            if process.returncode != 0:
                sys.exit(err.decode())
            return (Path(folder) / "result").read_text(), time.perf_counter() - started

    expected, seconds = twin()
    again, _ = twin()
    counts = {
        "lightning": importlib.metadata.version("lightning"),
        "torchdata": importlib.metadata.version("torchdata"),
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
                except subprocess.TimeoutExpired:
                    process.send_signal(signal.SIGKILL)
                    process.communicate()
                    killed += 1
                    # Its loader's processes notice on their own.
                    time.sleep(0.1)
            if killed == 0:
                continue
            if not over:
                process = start(folder)
                process.communicate()
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
        print(json.dumps(endure(20, random.Random(15)), indent=2))
