"""A made-up table of many rows: seconds and memory of `brasa inspect` and `brasa train`, beside pandas reading it.

    python benches/large_table.py [--bin DIR] [--rows N] [--out FILE]

Ten columns: a row number, six of numbers (one with missing cells), a town, a date, and a target of two classes that follows from some of them. 20 million rows
take 1.1 GB on the disk. Of the memory, what a program holds itself (anonymous) is told beside all that it touched, which the system may take back:
pages of mapped files are its own to keep or to drop.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from peers import machine

TOWNS = np.array(["Rome", "Oslo", "Lima", "Bonn", "Kyiv", "Cork", "Pisa", "Nice"])
PART = 500_000
PANDAS = "import sys, pandas; print(len(pandas.read_csv(sys.argv[1], parse_dates=['day'])))"


def write(path, rows):
    draw = np.random.default_rng(0)
    with open(path, "w", buffering=1 << 20) as file:
        file.write("id,age,income,score,rate,hours,visits,town,day,paid\n")
        for start in range(0, rows, PART):
            count = min(PART, rows - start)
            age, town = draw.integers(18, 90, count), draw.integers(0, len(TOWNS), count)
            income, score = np.round(draw.lognormal(10, 0.5, count), 2), np.round(draw.normal(0, 1, count), 4)
            rate, hours = np.round(draw.random(count), 3), draw.integers(0, 60, count)
            visits, day = draw.poisson(3, count), np.datetime64("2020-01-01") + draw.integers(0, 1500, count)
            logit = 0.03 * (age - 50) + 0.8 * score - 0.5 * (town == 2) + 0.4 * np.log(income) - 4 + 0.1 * visits + 0.5 * np.sin(6 * rate)
            paid = np.where(draw.random(count) < 1 / (1 + np.exp(-logit)), "yes", "no")
            scores = score.astype(str)
            scores[draw.random(count) < 0.02] = ""
            numbers = [np.arange(start + 1, start + count + 1), age, income, scores, rate, hours, visits]
            columns = [column.astype(str) for column in [*numbers, TOWNS[town], day, paid]]
            file.write("\n".join(map(",".join, zip(*columns))) + "\n")


def measured(command):
    """Seconds, and the most memory, looked at fifty times a second."""
    started, held, touched = time.perf_counter(), 0, 0
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None:
        try:
            status = Path(f"/proc/{process.pid}/status").read_text()
        except OSError:
            break
        size = {name: int(kib) >> 10 for name, kib in re.findall(r"(RssAnon|VmHWM):\s+(\d+) kB", status)}
        held, touched = max(held, size.get("RssAnon", 0)), max(touched, size.get("VmHWM", 0))
        time.sleep(0.02)
    if process.wait():
        sys.exit(f"{command} ended with {process.returncode}")
    return {"s": round(time.perf_counter() - started, 1), "peak_anonymous_mib": held, "peak_rss_mib": touched}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=Path, default=Path("target/release"))
    parser.add_argument("--rows", type=int, default=20_000_000)
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "large.csv"
        brasa = [args.bin / "brasa", "--runs", Path(folder) / "runs"]
        write(table, args.rows)
        result = {
            "machine": machine(),
            "rows": args.rows,
            "file_mib": table.stat().st_size >> 20,
            "pandas, read_csv": measured([sys.executable, "-c", PANDAS, table]),
            "inspect": measured([*brasa, "inspect", table, "--target", "paid"]),
            "train, --effort quick --time 60s": measured(
                [*brasa, "train", table, "--target", "paid", "--effort", "quick", "--time", "60s"]
            ),
        }
    print(json.dumps(result, indent=2))
    if args.out:
        known = json.loads(args.out.read_text()) if args.out.exists() else {}
        args.out.write_text(json.dumps(known | {str(args.rows): result}, indent=2) + "\n")


if __name__ == "__main__":
    main()
