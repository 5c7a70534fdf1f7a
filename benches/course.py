"""Measures the course's trainings alternately in brasa and in PyTorch, Pillow and scikit-learn, and prints the ratios.

    python benches/course.py [PIECE ...] [--bin DIR] [--out FILE] [--rounds N] [--seeds N] [--more-seeds N]

Pieces are decode, mlp, cnn, wine, wine-scaled, which are timed beside their peers; mlp-accuracy and cnn-accuracy, more
seeds of both sides; and best, lenet, wine-good, iris, which are brasa's accuracy alone. Without any, all are measured. What FILE
holds of other pieces stays, so that they can be measured one by one on a machine that is quiet for minutes.

Run with a Python that has requirements.txt's torch, Pillow and scikit-learn; build brasa's release binaries before
(`cargo build --release -p mnist -p wine -p iris`). BRASA_DATA names the folder with mnist/mnist_png_small.zip and MNIST's IDX files.
Both sides use two threads. This process imports none of the peers: what it holds would count as a child's memory.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from peers import KEEP_MEMORY, machine

HERE = Path(__file__).resolve().parent
WINE = HERE.parent / "datasets/wine/winequality-red.csv"


def run(command, **environment):
    """The JSON object that a command prints, the process's seconds and its peak memory."""
    env = {**os.environ, "RAYON_NUM_THREADS": "2", **environment}
    started = time.perf_counter()
    with subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=env) as process:
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"exit code {process.returncode}: {' '.join(map(str, command))}")
    answer = json.loads(output.decode().splitlines()[-1])
    return {**answer, "process_s": time.perf_counter() - started, "peak_rss_mib": usage.ru_maxrss / 1024}


class Course:
    def __init__(self, args, folder):
        self.args = args
        self.folder = Path(folder)
        self.archive = Path(os.environ["BRASA_DATA"]) / "mnist/mnist_png_small.zip"
        self.versions = {}

    def brasa(self, app, *words, cache="cache"):
        command = [self.args.bin / app, "--json", "--runs", self.folder / "runs", *words]
        return run(command, XDG_CACHE_HOME=str(self.folder / cache))

    def peer(self, piece, data, seed=0, **environment):
        answer = run([sys.executable, HERE / "course_peers.py", piece, "--data", data, "--seed", seed], **environment)
        self.versions |= {name: answer.pop(name) for name in ("torch", "pillow", "sklearn") if name in answer}
        return answer

    def trained(self, app, *words):
        """What `train` answers, with the seconds of its epochs and the last of them."""
        answer = self.brasa(app, "train", *words)
        epochs = [json.loads(line) for line in open(Path(answer["run"]) / "metrics.jsonl")]
        answer["train_s"] = sum(epoch["train_seconds"] for epoch in epochs)
        answer["valid_s"] = sum(epoch["valid_seconds"] for epoch in epochs)
        answer["last_valid_accuracy"] = epochs[-1]["valid"]["accuracy"]
        return answer

    def decoding(self):
        first, cached, peers = [], [], []
        for round_ in range(self.args.rounds):
            bench = ["bench", "--loader", "--recipe", "mlp"]
            first.append(self.brasa("mnist", *bench, cache=f"cache-{round_}"))
            cached.append(self.brasa("mnist", *bench, cache=f"cache-{round_}"))
            peers.append(self.peer("decode", self.archive))
        ours, again, theirs = median(first, "load_ms"), median(cached, "load_ms"), median(peers, "first_ms")
        return {
            "brasa_ms": ours, "brasa_cached_ms": again, "pillow_first_ms": theirs,
            "pillow_repeated_ms": median(peers, "median_ms"), "unzip_ms": median(peers, "unzip_ms"),
            "ratio_to_first": ours / theirs, "ratio_to_repeated": ours / median(peers, "median_ms"),
            "ratio_cached_to_first": again / theirs,
            "peak_rss_mib": {"brasa": median(first, "peak_rss_mib"), "pillow": median(peers, "peak_rss_mib")},
        }

    def network(self, recipe, validates):
        """`validates`: whether the peer's seconds hold the validation of every epoch, as ours then do."""
        ours, stock, best = [], [], []
        for seed in range(self.args.seeds):
            answer = self.trained("mnist", "--recipe", recipe, "--seed", seed)
            answer["seconds"] = answer["train_s"] + (answer["valid_s"] if validates else 0.0)
            ours.append(answer)
            stock.append(self.peer(recipe, self.archive, seed))
            kept = self.peer(recipe, self.archive, seed, GLIBC_TUNABLES=KEEP_MEMORY)
            best.append(min(run[key] for run in (stock[-1], kept) for key in ("train_s", "lean_train_s")))
        seconds, stock_s, best_s = median(ours, "seconds"), median(stock, "train_s"), statistics.median(best)
        last = mean(run["last_valid_accuracy"] for run in ours)
        valid = {
            "brasa_kept": mean(run["valid"]["accuracy"] for run in ours), "brasa_last": last,
            "torch_last": mean(run["valid_accuracy"] for run in stock),
        }
        return {
            "seeds": self.args.seeds, "brasa_s": seconds, "torch_course_s": stock_s, "torch_best_s": best_s,
            "ratio_to_course": seconds / stock_s, "ratio_to_best": seconds / best_s,
            "process_s": {
                "brasa": median(ours, "process_s"),
                # The peer trains a second time, with the lean metrics.
                "torch": statistics.median(run["process_s"] - run["lean_train_s"] for run in stock),
            },
            "valid_accuracy": valid, "last_difference_points": 100 * (last - valid["torch_last"]),
            "test_accuracy": {
                "brasa_kept": mean(run["test"]["accuracy"] for run in ours),
                "torch_last": mean(run["test_accuracy"] for run in stock),
            },
            "peak_rss_mib": {"brasa": median(ours, "peak_rss_mib"), "torch": median(stock, "peak_rss_mib")},
        }

    def wine(self, recipe, piece):
        ours, peers = [], []
        for seed in range(self.args.more_seeds):
            answer = self.trained("wine", "--recipe", recipe, "--seed", seed, "--set", f"data.split.seed={seed}")
            confusion = answer["test"]["confusion"]
            answer["answered_classes"] = sum(any(row[at] for row in confusion) for at in range(len(confusion)))
            answer["seconds"] = answer["train_s"] + answer["valid_s"]
            answer["test_accuracy"] = answer["test"]["accuracy"]
            ours.append(answer)
            peers.append(self.peer(piece, WINE, seed))
        seconds = {"brasa": median(ours, "seconds"), "sklearn": median(peers, "train_s")}
        return {
            "seeds": self.args.more_seeds,
            "test_accuracy": {"brasa": spread(ours), "sklearn": spread(peers)},
            "runs_that_answer_one_class": {"brasa": one_class(ours), "sklearn": one_class(peers)},
            "test_accuracy_without_duplicates": {
                "brasa": mean(run["test_without_duplicates"]["accuracy"] for run in ours)
            },
            "train_s": seconds, "ratio": seconds["brasa"] / seconds["sklearn"],
            "process_s": {"brasa": median(ours, "process_s"), "sklearn": median(peers, "process_s")},
            "peak_rss_mib": {"brasa": median(ours, "peak_rss_mib"), "sklearn": median(peers, "peak_rss_mib")},
        }


    def accuracies(self, recipe):
        """Validation accuracy over more seeds than are timed, of the kept weights and of the last epoch."""
        ours, theirs = [], []
        for seed in range(self.args.more_seeds):
            ours.append(self.trained("mnist", "--recipe", recipe, "--seed", seed))
            theirs.append(self.peer(recipe, self.archive, seed))
        kept = [run["valid"]["accuracy"] for run in ours]
        last = [run["last_valid_accuracy"] for run in ours]
        torch = [run["valid_accuracy"] for run in theirs]
        figures = {"brasa_kept": kept, "brasa_last": last, "torch_last": torch}
        of = lambda values: {"mean": mean(values), "deviation": statistics.stdev(values), "mean_of_first_5": mean(values[:5])}
        return {"seeds": len(ours), **{name: of(values) for name, values in figures.items()}}

    def best(self):
        """Trained on 600 images, judged on the 10,000 test images of the IDX files."""
        accuracies = []
        for seed in range(3):
            run_folder = self.brasa("mnist", "train", "--recipe", "best", "--seed", seed)["run"]
            scores = self.brasa("mnist", "eval", "--run", run_folder, "--source", "full", "--split", "test")["scores"]
            accuracies.append(scores["accuracy"])
        return {"seeds": len(accuracies), "idx_test_accuracy": {"mean": mean(accuracies), "each": accuracies}}

    def lenet(self):
        answer = self.trained("mnist", "--recipe", "lenet", "--source", "full")
        return {
            "epochs": answer["epochs"], "valid_accuracy": answer["valid"]["accuracy"],
            "test_accuracy": answer["test"]["accuracy"], "train_and_validation_s": answer["train_s"] + answer["valid_s"],
        }

    def wine_good(self):
        answer = self.brasa("wine", "cv", "--recipe", "good", "--folds", 5, "--repeats", 10)
        accuracy = answer["metrics"]["accuracy"]
        return {"folds": 5, "repeats": 10, "accuracy": accuracy, "repeated_rows": self.repeated_rows()}

    def iris(self):
        """Each seed has its own split and weights: 30 flowers of one split say little."""
        result = {"seeds": self.args.more_seeds}
        for recipe in ("tuned", "course"):
            seeds = [
                self.trained("iris", "--recipe", recipe, "--seed", seed, "--set", f"data.split.seed={seed}")
                for seed in range(self.args.more_seeds)
            ]
            result[recipe] = {
                "test_accuracy": mean(run["test"]["accuracy"] for run in seeds), "process_s": median(seeds, "process_s")
            }
        return result

    def repeated_rows(self):
        return self.brasa("wine", "inspect", "--out", self.folder / "inspect")["data"]["duplicates"]


def median(runs, key):
    return statistics.median(run[key] for run in runs)


def mean(values):
    return statistics.mean(values)


def spread(runs):
    values = [run["test_accuracy"] for run in runs]
    return {"mean": mean(values), "median": statistics.median(values), "least": min(values), "most": max(values)}


def one_class(runs):
    return sum(run["answered_classes"] == 1 for run in runs)


def rounded(value):
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [rounded(item) for item in value]
    return float(f"{value:.4g}") if isinstance(value, float) else value


PIECES = {
    "decode": ("mnist, decoding 900 PNG files", lambda course: course.decoding()),
    "mlp": ("mnist mlp, 100 epochs", lambda course: course.network("mlp", validates=True)),
    "cnn": ("mnist cnn, 10 epochs", lambda course: course.network("cnn", validates=False)),
    "wine": ("wine (2,2), raw columns", lambda course: course.wine("course", "wine")),
    "wine-scaled": ("wine (2,2), standardised columns", lambda course: course.wine("scaled", "wine-scaled")),
    "mlp-accuracy": ("mnist mlp, validation accuracy", lambda course: course.accuracies("mlp")),
    "cnn-accuracy": ("mnist cnn, validation accuracy", lambda course: course.accuracies("cnn")),
    "best": ("mnist best on 600 images, judged on the 10,000 test images", lambda course: course.best()),
    "lenet": ("mnist lenet on 60,000 images", lambda course: course.lenet()),
    "iris": ("iris, test accuracy", lambda course: course.iris()),
    "wine-good": ("wine good, repeated cross-validation", lambda course: course.wine_good()),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pieces", nargs="*", metavar="PIECE")
    parser.add_argument("--bin", type=Path, default=Path("target/release"))
    parser.add_argument("--out", type=Path)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--more-seeds", type=int, default=20)
    args = parser.parse_args()
    if unknown := set(args.pieces) - set(PIECES):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; choose from {', '.join(PIECES)}")

    before = json.loads(args.out.read_text()) if args.out and args.out.exists() else {}
    result = {**before, "machine": machine()}
    with tempfile.TemporaryDirectory() as folder:
        course = Course(args, folder)
        for piece in args.pieces or PIECES:
            name, measure = PIECES[piece]
            print(f"{name} ...", file=sys.stderr, flush=True)
            load = round(os.getloadavg()[0], 2)
            result[name] = {**rounded(measure(course)), "load_average_before": load}
    result |= course.versions
    text = json.dumps(result, indent=2)
    print(text)
    if args.out:
        args.out.write_text(text + "\n")


if __name__ == "__main__":
    main()
