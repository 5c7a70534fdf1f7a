"""RealMLP beside its authors' own (pytabkit), on one table of 10,000 rows and 20 numbers, one after the other in one run.

    python benches/real_mlp.py [--rounds 5]      # needs pytabkit, and target/release/brasa or BRASA_BIN

Seconds of an epoch are the difference of two trainings over different numbers of epochs, so that neither start-up nor reading counts.
Both have two threads. Prints a line a round, and JSON with medians at the end.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

ROWS, COLUMNS, SHORT, LONG = 10_000, 20, 8, 32
PEER = """
import json, resource, sys, time, warnings
warnings.filterwarnings("ignore")
import numpy as np, pandas as pd, torch
from pytabkit import RealMLP_TD_Regressor
torch.set_num_threads(2)
table = pd.read_csv(sys.argv[1])
y = table.pop("y")
model = RealMLP_TD_Regressor(device="cpu", random_state=0, n_threads=2, n_epochs=int(sys.argv[2]), val_fraction=0.2)
started = time.perf_counter()
model.fit(table.iloc[:8000], y.iloc[:8000])
seconds = time.perf_counter() - started
error = float(((model.predict(table.iloc[8000:]) - y.iloc[8000:]) ** 2).mean() ** 0.5)
print(json.dumps({"seconds": seconds, "rmse": error, "mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
"""


def write(path: pathlib.Path) -> None:
    import numpy as np

    rng = np.random.default_rng(1)
    x = rng.normal(size=(ROWS, COLUMNS))
    y = np.sin(2 * x[:, 0]) + x[:, 1] * x[:, 2] + np.abs(x[:, 3]) + 0.3 * rng.normal(size=ROWS)
    header = ",".join([f"x{column}" for column in range(COLUMNS)] + ["y"])
    np.savetxt(path, np.column_stack([x, y]), delimiter=",", header=header, comments="", fmt="%.6f")


def brasa(binary: str, folder: pathlib.Path, epochs: int) -> dict:
    """One network over the first 6,400 of the rows, as the peer has it: a fifth of 8,000 rows chooses, 2,000 judge."""
    changes = {"training.bag": 1, "training.epochs": epochs, "schedule.stop_early": "false"}
    words = [word for key, value in changes.items() for word in ("--set", f"{key}={value}")]
    command = [binary, "train", "table.csv", "--target", "y", "--json", "--runs", str(folder / "runs"), *words]
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    answer = json.loads(process.stdout.read())
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0, answer
    lines = (folder / answer["run"] / "metrics.jsonl").read_text().splitlines()
    seconds = sum(json.loads(line)["train_seconds"] + json.loads(line)["valid_seconds"] for line in lines)
    return {"seconds": seconds, "rmse": answer["test"]["rmse"], "mib": usage.ru_maxrss / 1024}


def peer(folder: pathlib.Path, epochs: int) -> dict:
    command = [sys.executable, "-c", PEER, str(folder / "table.csv"), str(epochs)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.strip().splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    binary = os.environ.get("BRASA_BIN", str(pathlib.Path("target/release/brasa").resolve()))
    found = {"brasa": [], "pytabkit": []}
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        write(folder / "table.csv")
        for _ in range(rounds):
            for who, run in (("brasa", lambda epochs: brasa(binary, folder, epochs)), ("pytabkit", lambda epochs: peer(folder, epochs))):
                short, long = run(SHORT), run(LONG)
                epoch = (long["seconds"] - short["seconds"]) / (LONG - SHORT)
                found[who].append({"epoch_ms": 1e3 * epoch, "rmse": long["rmse"], "mib": long["mib"]})
                print(who, found[who][-1], flush=True)
    medians = {who: {key: statistics.median(one[key] for one in all) for key in all[0]} for who, all in found.items()}
    medians["ratio"] = medians["brasa"]["epoch_ms"] / medians["pytabkit"]["epoch_ms"]
    print(json.dumps(medians))


if __name__ == "__main__":
    main()
