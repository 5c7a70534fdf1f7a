"""PriceRunner's titles in gensim and PyTorch: one piece per process, one JSON object on stdout.

    python benches/titles_peers.py vectors|cnn --data FILE [--seed N]

`vectors` times FastText on a text file with a title per line. `cnn` reads pricerunner_aggregate.csv, trains FastText on four fifths
of its titles as the tutorial does, then the tutorial's network over these vectors, and judges it on the other fifth. Times are without imports
and reading.
"""

import argparse
import csv
import json
import re
import statistics
import time
from pathlib import Path

LENGTH, DIMS, BATCH, EPOCHS = 20, 50, 128, 5


def read_titles(file):
    """Words and category of each title."""
    with open(file, newline="") as rows:
        return [
            (re.findall(r"[^\W_]+", row["Product Title"].lower()), row["Category Label"])
            for row in csv.DictReader(rows, skipinitialspace=True)
        ]


def fasttext(titles):
    from gensim.models import FastText

    return FastText(sentences=titles, vector_size=DIMS, window=5, min_count=2, epochs=5, workers=2)


def vectors(file, _seed):
    import gensim

    titles = [line.split() for line in open(file)]
    started = time.perf_counter()
    fasttext(titles)
    return {"seconds": time.perf_counter() - started, "gensim": gensim.__version__}


def cnn(file, seed):
    import gensim
    import numpy as np
    import torch
    from sklearn.metrics import recall_score
    from sklearn.model_selection import train_test_split

    from networks import Titles

    torch.set_num_threads(2)
    torch.manual_seed(seed)
    titles, labels = zip(*read_titles(file))
    categories = {name: number for number, name in enumerate(sorted(set(labels)))}
    y = torch.tensor([categories[label] for label in labels])
    train, test = train_test_split(np.arange(len(y)), test_size=.2, random_state=42, stratify=y)
    embedding = fasttext([titles[row] for row in train]).wv

    # Words that training did not meet get a vector from their parts; number 0 fills short titles up.
    numbers = {word: number for number, word in enumerate(sorted({word for title in titles for word in title}), 1)}
    table = torch.zeros(len(numbers) + 1, DIMS)
    for word, number in numbers.items():
        table[number] = torch.from_numpy(embedding[word].copy())
    x = torch.zeros(len(titles), LENGTH, dtype=torch.long)
    for row, title in enumerate(titles):
        words = [numbers[word] for word in title[:LENGTH]]
        x[row, : len(words)] = torch.tensor(words, dtype=torch.long)

    network = Titles(len(categories))
    optimizer = torch.optim.Adam(network.parameters(), fused=True)
    train, test = torch.from_numpy(train), torch.from_numpy(test)
    seconds = []
    for _ in range(EPOCHS):
        started = time.perf_counter()
        for rows in train[torch.randperm(len(train))].split(BATCH):
            loss = torch.nn.functional.cross_entropy(network(table[x[rows]]), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        seconds.append(time.perf_counter() - started)
    network.eval()
    with torch.inference_mode():
        answers = torch.cat([network(table[x[rows]]).argmax(1) for rows in test.split(512)])
    return {
        "train_rows": len(train), "test_rows": len(test), "epoch_s": statistics.median(seconds),
        "test_accuracy": (answers == y[test]).float().mean().item(),
        "test_macro_recall": float(recall_score(y[test], answers, average="macro")),
        "torch": torch.__version__, "gensim": gensim.__version__,
    }


PIECES = {"vectors": vectors, "cnn": cnn}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("piece", choices=PIECES)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    print(json.dumps(PIECES[args.piece](args.data, args.seed)))


if __name__ == "__main__":
    main()
