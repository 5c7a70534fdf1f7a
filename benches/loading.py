"""Measures reading of series and faces alternately in brasa and in pandas, and prints the ratios.

    python benches/loading.py [--bin DIR] [--out FILE] [--rounds N]

Run with a Python that has requirements.txt's packages but gensim; build brasa's release binaries before
(`cargo build --release -p floor -p emotions`). BRASA_DATA names the folder with fer2013/fer2013.csv.gz. The series are made up
by `floor data synth` in the full set's size. Both sides use two threads; every start is a process of its own. Brasa's time ends with the
first batch of a training and has split, leak check and scaling in it; pandas' ends with the series or images in memory.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from peers import machine

HERE = Path(__file__).resolve().parent


def run(command, **environment):
    env = {**os.environ, "RAYON_NUM_THREADS": "2", **environment}
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=env, check=True)
    return json.loads(done.stdout.decode().splitlines()[-1])


def median(answers, key):
    return statistics.median(answer[key] for answer in answers)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=Path, default=HERE.parent / "target/release")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    faces = Path(os.environ["BRASA_DATA"]) / "fer2013"

    with tempfile.TemporaryDirectory() as folder:
        series = Path(folder) / "series"
        subprocess.run([args.bin / "floor", "data", "synth", series], check=True, stdout=subprocess.DEVNULL)

        def loader(app, data, cache, *more):
            return run([args.bin / app, "--json", "bench", "--loader", "--data", data, *more], XDG_CACHE_HOME=str(Path(folder) / cache))

        def peer(piece, data):
            return run([sys.executable, HERE / "loading_peers.py", piece, "--data", data])

        answers = {name: [] for name in ("floor", "loop", "vectorised", "cold", "cached", "text", "workers")}
        for number in range(args.rounds):
            answers["floor"].append(loader("floor", series, f"floor-{number}"))
            answers["loop"].append(peer("floor", series))
            answers["vectorised"].append(peer("floor-vectorised", series))
            answers["cold"].append(loader("emotions", faces, f"faces-{number}", "--set", "training.workers=2"))
            answers["text"].append(peer("faces", faces))
            answers["cached"].append(loader("emotions", faces, f"faces-{number}", "--set", "training.workers=2"))
            answers["workers"].append(peer("faces-loader", faces))
    start = lambda name: median(answers[name], "load_ms") + median(answers[name], "first_batch_ms")
    results = {
        "machine": machine(),
        "pandas": answers["loop"][0]["pandas"],
        "rounds": args.rounds,
        "floor": {
            "brasa_ms": start("floor"),
            "brasa_peak_mib": median(answers["floor"], "peak_rss_mib"),
            "pandas_loop_ms": median(answers["loop"], "ms"),
            "pandas_loop_peak_mib": median(answers["loop"], "peak_rss_mib"),
            "pandas_vectorised_ms": median(answers["vectorised"], "ms"),
        },
        "faces": {
            "brasa_cold_ms": start("cold"),
            "brasa_cold_peak_mib": median(answers["cold"], "peak_rss_mib"),
            "brasa_cached_ms": start("cached"),
            "pandas_ms": median(answers["text"], "ms"),
            "pandas_peak_mib": median(answers["text"], "peak_rss_mib"),
            "brasa_augmented_per_s": median(answers["cached"], "samples_per_s"),
            "dataloader_augmented_per_s": median(answers["workers"], "samples_per_s"),
        },
    }
    floor, images = results["floor"], results["faces"]
    floor["loop_over_brasa"] = floor["pandas_loop_ms"] / floor["brasa_ms"]
    floor["vectorised_over_brasa"] = floor["pandas_vectorised_ms"] / floor["brasa_ms"]
    images["pandas_over_brasa_cold"] = images["pandas_ms"] / images["brasa_cold_ms"]
    images["brasa_over_dataloader"] = images["brasa_augmented_per_s"] / images["dataloader_augmented_per_s"]
    text = json.dumps(results, indent=2)
    print(text)
    if args.out:
        args.out.write_text(text + "\n")


if __name__ == "__main__":
    main()
