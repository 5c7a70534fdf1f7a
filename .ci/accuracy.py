"""Accuracy gates: the figures that the README promises, from the release binaries, on real data where they are."""

import json
import os
import statistics
import subprocess
import sys

binaries, work = sys.argv[1], sys.argv[2]


def train(app, *arguments):
    command = [f"{binaries}/{app}", "--runs", f"{work}/runs", "--json", "train", *arguments]
    answer = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True, timeout=1800)
    return json.loads(answer.stdout)


def gate(what, found, least):
    print(f"{what}: {found:.4f} (at least {least})", flush=True)
    if found < least:
        sys.exit(f"{what} is {found:.4f}, below {least}")


seeds = [train("iris", "--set", f"training.seed={n}", "--set", f"data.split.seed={n}") for n in range(20)]
gate("iris, mean test accuracy of 20 seeds", statistics.mean(run["test"]["accuracy"] for run in seeds), 0.95)

if os.environ.get("BRASA_DATA") and os.path.isdir(os.path.join(os.environ["BRASA_DATA"], "fashion-mnist")):
    # One seed: the means of three are in docs/results; a single tuned-2 run scatters by 0.001 around 0.9051.
    for recipe, valid, test in (("cosine", 0.895, 0.885), ("tuned-2", 0.902, 0.895)):
        run = train("fashion-mnist", "--recipe", recipe)
        gate(f"fashion-mnist {recipe}, validation accuracy", run["valid"]["accuracy"], valid)
        gate(f"fashion-mnist {recipe}, test accuracy", run["test"]["accuracy"], test)
else:
    print("no Fashion-MNIST at BRASA_DATA: its gates are left out")
