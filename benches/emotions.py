"""Puts two finished trainings of the faces into one results file: their scores, and the curve of every epoch.

    python benches/emotions.py RUN... [--out FILE]

A RUN is the folder that `emotions train --recipe tutorial` or `--recipe strong` made; each takes hours, so they are trained apart from
this. It needs Python alone. What FILE holds of other recipes stays there.
"""

import argparse
import json
from pathlib import Path

# The tutorial's figure, over public and private faces together.
TUTORIAL = 0.6213
SPLITS = {"valid": "public", "test": "private", "test_without_duplicates": "private_without_duplicates", "train": "train"}


def figures(scores):
    return {name: round(scores[name], 4) for name in ("loss", "accuracy", "f1_macro") if scores.get(name) is not None}


def epoch(line):
    one = json.loads(line)
    seconds = round(one["train_seconds"] + one["valid_seconds"], 1)
    about = {"epoch": one["epoch"], "lr": round(one["lr"], 6), "seconds": seconds}
    return {**about, "train": figures(one["train"]), "valid": figures(one["valid"])}


def training(folder):
    record = json.loads((folder / "run.json").read_text())
    scores = record["scores"]
    splits = {name: {"rows": scores[split]["rows"], **figures(scores[split])} for split, name in SPLITS.items() if scores.get(split)}
    both = [scores[split] for split in ("valid", "test")]
    right = sum(split["accuracy"] * split["rows"] for split in both)
    return record["recipe"], {
        "command": f"emotions train --recipe {record['recipe']}",
        **{key: record[key] for key in ("epochs", "best_epoch", "stop")},
        **splits,
        "public_and_private_accuracy": round(right / sum(split["rows"] for split in both), 4),
        "hours": round(record["seconds"] / 3600, 2),
        "curve": [epoch(line) for line in (folder / "metrics.jsonl").read_text().splitlines()],
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+", type=Path, metavar="RUN")
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    result = json.loads(args.out.read_text()) if args.out and args.out.exists() else {}
    for folder in args.runs:
        on = json.loads((folder / "environment.json").read_text())
        result["machine"] = f"{on['processor'] or 'processor unknown'}, {on['threads']} threads, {on['platform']}, device {on['device']}"
        result["tutorial_public_and_private_accuracy"] = TUTORIAL
        recipe, answer = training(folder)
        result[recipe] = answer
    text = json.dumps(result, indent=2)
    print(text)
    if args.out:
        args.out.write_text(text + "\n")


if __name__ == "__main__":
    main()
