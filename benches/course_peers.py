"""The course's trainings in PyTorch, Pillow and scikit-learn: one piece per process, one JSON object on stdout.

    python benches/course_peers.py decode|mlp|cnn|wine|wine-scaled --data FILE [--seed N]

FILE is mnist_png_small.zip, or winequality-red.csv. `mlp` trains twice, with the metrics of every epoch as the course
computes them (scikit-learn's F1, Python's sum) and lean ones; times are without imports and reading.
"""

import argparse
import io
import json
import statistics
import tempfile
import time
import zipfile
from pathlib import Path

SPLITS = ("train", "valid", "test")


def timed(work):
    started = time.perf_counter()
    result = work()
    return result, time.perf_counter() - started


def decode(archive, _seed):
    """Unpacks once, then reads the 900 files as the course does."""
    import numpy as np
    import PIL
    from PIL import Image

    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(archive) as packed:
            _, unzip = timed(lambda: packed.extractall(folder))

        def read():
            for split in SPLITS:
                files = sorted(Path(folder, "mnist", split).glob("*/*.png"))
                np.array([np.array(Image.open(file)) for file in files]).astype("float32")

        times = [timed(read)[1] for _ in range(7)]
    return {
        "pillow": PIL.__version__, "unzip_ms": unzip * 1e3, "first_ms": times[0] * 1e3,
        "median_ms": statistics.median(times) * 1e3,
    }


def digits(archive):
    import numpy as np
    import torch
    from PIL import Image

    torch.set_num_threads(2)
    splits = {split: ([], []) for split in SPLITS}
    with zipfile.ZipFile(archive) as packed:
        for name in sorted(name for name in packed.namelist() if name.endswith(".png")):
            *_, split, digit, _ = name.split("/")
            splits[split][0].append(np.array(Image.open(io.BytesIO(packed.read(name)))))
            splits[split][1].append(int(digit))
    return {split: (torch.from_numpy(np.array(x)).float(), torch.tensor(y)) for split, (x, y) in splits.items()}


def course_metrics(targets, logits):
    import torch
    from sklearn.metrics import f1_score

    answers = torch.argmax(logits, 1)
    return f1_score(targets, answers, average="macro"), sum(targets == answers) / len(answers)


def lean_metrics(targets, logits):
    import torch

    answers = logits.argmax(1)
    confusion = torch.bincount(targets * 10 + answers, minlength=100).view(10, 10)
    right = confusion.diagonal()
    return (2 * right / (confusion.sum(0) + confusion.sum(1)).clamp(min=1)).mean().item(), (right.sum() / len(targets)).item()


def accuracies(network, splits, shaped):
    import torch

    network.eval()
    with torch.inference_mode():
        right = {split: (network(shaped(x)).argmax(1) == y).float().mean().item() for split, (x, y) in splits.items()}
    return {f"{split}_accuracy": right[split] for split in ("valid", "test")}


def mlp(archive, seed):
    """784-100-10 over raw pixels, Adam, all images in each of 100 steps, validated after each."""
    import torch
    from torch import nn

    splits = digits(archive)
    flat = lambda x: x.flatten(1)
    (x, y), (valid_x, valid_y) = splits["train"], splits["valid"]
    loss_of = nn.CrossEntropyLoss()

    def train(metrics, fused):
        torch.manual_seed(seed)
        network = nn.Sequential(nn.Linear(784, 100), nn.ReLU(), nn.Linear(100, 10))
        optimizer = torch.optim.Adam(network.parameters(), fused=fused)

        def epochs():
            for _ in range(100):
                network.train()
                logits = network(flat(x))
                loss = loss_of(logits, y)
                loss.item()
                metrics(y, logits)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                network.eval()
                with torch.inference_mode():
                    logits = network(flat(valid_x))
                    loss_of(logits, valid_y).item()
                    metrics(valid_y, logits)

        return network, timed(epochs)[1]

    network, seconds = train(course_metrics, None)
    _, lean = train(lean_metrics, True)
    return {"torch": torch.__version__, "train_s": seconds, "lean_train_s": lean, **accuracies(network, splits, flat)}


def cnn(archive, seed):
    """Two 5x5 convolutions over raw pixels, batches of 256, 10 epochs; the course validates after the last alone."""
    import torch
    from torch import nn
    from torch.utils.data import DataLoader, TensorDataset

    import networks

    splits = digits(archive)
    x, y = splits["train"]
    loss_of = nn.CrossEntropyLoss()

    def train(metrics, fused):
        torch.manual_seed(seed)
        network = networks.digits()
        optimizer = torch.optim.Adam(network.parameters(), lr=.001, weight_decay=.1, fused=fused)
        loader = DataLoader(TensorDataset(x, y), batch_size=256, shuffle=True)

        def epochs():
            for _ in range(10):
                for batch_x, batch_y in loader:
                    network.train()
                    logits = network(batch_x.unsqueeze(1))
                    loss = loss_of(logits, batch_y)
                    metrics(batch_y, logits)
                    optimizer.zero_grad()
                    loss.backward()
                    optimizer.step()

        return network, timed(epochs)[1]

    network, seconds = train(course_metrics, None)
    _, lean = train(lean_metrics, True)
    shaped = lambda x: x.unsqueeze(1)
    return {"torch": torch.__version__, "train_s": seconds, "lean_train_s": lean, **accuracies(network, splits, shaped)}


def wine(table, seed, scaled=False):
    """scikit-learn's network of two hidden layers of two, as the course has it: Adam 0.1, a quarter to judge by."""
    import numpy as np
    import sklearn
    from sklearn.model_selection import train_test_split
    from sklearn.neural_network import MLPClassifier
    from sklearn.preprocessing import StandardScaler

    rows = np.genfromtxt(table, delimiter=";", skip_header=1)
    x, y = rows[:, :-1], (rows[:, -1] >= 6).astype(int)
    train_x, test_x, train_y, test_y = train_test_split(x, y, random_state=seed)
    if scaled:
        scaler = StandardScaler().fit(train_x)
        train_x, test_x = scaler.transform(train_x), scaler.transform(test_x)
    network = MLPClassifier((2, 2), activation="relu", solver="adam", learning_rate_init=.1, random_state=seed)
    _, seconds = timed(lambda: network.fit(train_x, train_y))
    answers = network.predict(test_x)
    return {
        "sklearn": sklearn.__version__, "train_s": seconds, "test_accuracy": float((answers == test_y).mean()),
        "answered_classes": len(set(answers.tolist())),
    }


PIECES = {
    "decode": decode, "mlp": mlp, "cnn": cnn, "wine": wine,
    "wine-scaled": lambda table, seed: wine(table, seed, scaled=True),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("piece", choices=PIECES)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    print(json.dumps(PIECES[args.piece](args.data, args.seed)))


if __name__ == "__main__":
    main()
