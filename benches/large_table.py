"""A made-up table of many rows: seconds and memory of `brasa inspect` and `brasa train`.

    python benches/large_table.py [--bin DIR] [--rows N] [--out FILE]

Ten columns: a row number, five of numbers, three of categories, and a target of two classes that follows from some of them. 20 million rows take 1.1 GB
on the disk, and some eight times as much memory.
"""

import argparse
import json
import random
import resource
import subprocess
import tempfile
import time
from pathlib import Path

from peers import processor

CITIES = [f"city{place}" for place in range(40)]
PLANS = ["basic", "plus", "pro"]


def write(path, rows):
    draw = random.Random(1)
    with open(path, "w", buffering=1 << 20) as file:
        file.write("id,age,income,score,visits,ratio,city,plan,flag,target\n")
        for row in range(rows):
            age, income, score = draw.randrange(18, 90), draw.lognormvariate(10, .5), round(draw.random(), 4)
            visits, ratio = draw.randrange(50), round(draw.gauss(0, 1), 5)
            city, plan = draw.choice(CITIES), draw.choice(PLANS)
            flag = "yes" if draw.random() < .3 else "no"
            high = age / 50 + 2 * score + ratio + (plan == "pro") + draw.gauss(0, .5) > 2.6
            file.write(f"{row},{age},{income:.2f},{score},{visits},{ratio},{city},{plan},{flag},{'a' if high else 'b'}\n")


def measured(command):
    """Seconds, and the largest child so far in MiB: the commands come in the order of their needs."""
    started = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return {"s": round(time.perf_counter() - started, 1), "peak_rss_mib": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=Path, default=Path("target/release"))
    parser.add_argument("--rows", type=int, default=20_000_000)
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    brasa = args.bin / "brasa"
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "large.csv"
        write(table, args.rows)
        result = {
            "machine": processor()[0],
            "rows": args.rows,
            "file_mib": table.stat().st_size >> 20,
            "inspect": measured([brasa, "inspect", table, "--target", "target"]),
            "train, --effort quick --time 60s": measured(
                [brasa, "--runs", Path(folder) / "runs", "train", table, "--target", "target", "--effort", "quick", "--time", "60s"]
            ),
        }
    print(json.dumps(result, indent=2))
    if args.out:
        known = json.loads(args.out.read_text()) if args.out.exists() else {}
        args.out.write_text(json.dumps(known | {str(args.rows): result}, indent=2) + "\n")


if __name__ == "__main__":
    main()
