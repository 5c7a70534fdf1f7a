"""Trains titles' recipes and the same network in PyTorch, times its word vectors beside gensim's, and measures what many titles
need to be loaded.

    python benches/titles.py [--bin DIR] [--out FILE] [--only recipes,peer,vectors,loading] [--rounds N] [--seeds N] [--lines N]

Run with a Python that has requirements.txt's gensim, torch and scikit-learn; build brasa's release binaries before
(`cargo build --release -p titles` and `cargo build --release -p brasa-embed --example embed`). BRASA_DATA names the folder with
pricerunner/pricerunner_aggregate.csv. With --out, pieces that are not measured stay in the file as they are.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from peers import machine
from titles_peers import read_titles

PEERS = Path(__file__).resolve().parent / "titles_peers.py"


def run(command, **environment):
    """What a command prints, its seconds and its peak memory."""
    started = time.perf_counter()
    env = {**os.environ, "RAYON_NUM_THREADS": "2", **environment}
    with subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=env) as process:
        output = process.stdout.read().decode()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"exit code {process.returncode}: {' '.join(map(str, command))}")
    return output, {"seconds": round(time.perf_counter() - started, 2), "peak_rss_mib": round(usage.ru_maxrss / 1024)}


def recipes(args, folder):
    """Scores of each recipe and seed, and their means over the seeds."""
    result = {}
    for recipe in ("pricerunner", "strong"):
        words = ["train", "--recipe", recipe, "--data", args.data, "--seed"]
        runs = []
        for seed in range(args.seeds):
            output, _ = run([args.bin / "titles", "--json", "--runs", folder / "runs", *words, seed])
            answer = json.loads(output.splitlines()[-1])
            record = json.load(open(Path(answer["run"]) / "run.json"))
            splits = record["scores"]
            scores = {
                f"{split}_{name}": splits[split][key]
                for split in ("valid", "test", "test_without_duplicates")
                for name, key in (("accuracy", "accuracy"), ("macro_recall", "recall_macro"))
            }
            rows = {split: splits[split]["rows"] for split in ("train", "valid", "test", "test_without_duplicates")}
            about = {key: record[key] for key in ("epochs", "best_epoch")}
            runs.append({"seed": seed, **about, "rows": rows, **scores, "seconds": round(record["seconds"], 1)})
        means = {key: statistics.mean(one[key] for one in runs) for key in scores}
        result[recipe] = {"command": f"titles train --recipe {recipe} --seed N", "mean": means, "runs": runs}
    return result


def peer(piece, data, seed=0):
    output, _ = run([sys.executable, PEERS, piece, "--data", data, "--seed", seed])
    return json.loads(output.splitlines()[-1])


def pytorch(args, _folder):
    """The tutorial's network in PyTorch over gensim's vectors; it has no validation split, so the test split is twice ours."""
    runs = [peer("cnn", args.table, seed) for seed in range(args.seeds)]
    means = {key: statistics.mean(one[key] for one in runs) for key in ("test_accuracy", "test_macro_recall")}
    return {"mean": means, "runs": runs}


def training_titles(args, path):
    """Four fifths of the titles, as words that blanks separate."""
    titles = [" ".join(words) for words, _ in read_titles(args.table)]
    random.Random(42).shuffle(titles)
    titles = titles[: len(titles) * 4 // 5]
    path.write_text("\n".join(titles) + "\n")
    return {"titles": len(titles), "tokens": sum(len(title.split()) for title in titles)}


def vectors(args, folder):
    """Seconds of FastText in brasa, one thread, and in gensim, two threads, by turns."""
    path = folder / "titles.txt"
    size = training_titles(args, path)
    ours, theirs, version = [], [], None
    for _ in range(args.rounds):
        output, _ = run([args.bin / "examples/embed", path])
        ours.append(float(output.split(" titles")[1].split()[0]))
        answer = peer("vectors", path)
        theirs.append(answer["seconds"])
        version = answer["gensim"]
    middle = statistics.median
    return {
        **size, "rounds": args.rounds, "gensim": version,
        "brasa_s": middle(ours), "brasa_best_s": min(ours), "gensim_s": middle(theirs), "gensim_best_s": min(theirs),
        "ratio": middle(ours) / middle(theirs), "ratio_of_best": min(ours) / min(theirs),
    }


def loading(args, folder):
    """Seconds and peak memory of `titles inspect`, which reads, splits and checks: the first start and one from the cache."""
    made = folder / "made"
    run([args.bin / "titles", "data", "synth", made, "--samples", args.lines])
    cache = {"XDG_CACHE_HOME": str(folder / "cache")}
    inspect = [args.bin / "titles", "--json", "inspect", "--data", made]
    return {
        "lines": args.lines,
        "packed_mib": round((made / "spanish.train.jsonl.gz").stat().st_size / 2**20),
        "command": f"titles data synth DIR --samples {args.lines}; titles inspect --data DIR",
        "first_start": run(inspect, **cache)[1],
        "from_cache": run(inspect, **cache)[1],
    }


PIECES = {"recipes": recipes, "peer": pytorch, "vectors": vectors, "loading": loading}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=Path, default=Path("target/release"))
    parser.add_argument("--out", type=Path)
    parser.add_argument("--only", default=",".join(PIECES))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--lines", type=int, default=1_000_000)
    args = parser.parse_args()
    args.data = Path(os.environ["BRASA_DATA"]) / "pricerunner"
    args.table = args.data / "pricerunner_aggregate.csv"
    result = json.loads(args.out.read_text()) if args.out and args.out.exists() else {}
    result["machine"] = machine()
    for piece in args.only.split(","):
        name = f"loading {args.lines} titles" if piece == "loading" else piece
        with tempfile.TemporaryDirectory() as folder:
            result[name] = {"load_average_before": round(os.getloadavg()[0], 2), **PIECES[piece](args, Path(folder))}
    text = json.dumps(result, indent=2)
    print(text)
    if args.out:
        args.out.write_text(text + "\n")


if __name__ == "__main__":
    main()
