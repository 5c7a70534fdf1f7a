"""Runs fuzz targets, each for so many seconds of processor time, and tells how many inputs each was given.

run.py PLACE PROGRAMS SECONDS TARGET...   (run.sh builds them and calls this)
"""

import json
import os
import re
import resource
import signal
import subprocess
import sys
import time

# The code that libFuzzer ends with when it is told to.
INTERRUPTED = 72


def processor_seconds(pid: int) -> float:
    try:
        with open(f"/proc/{pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def is_fault(program: str, path: str) -> bool:
    """Whether an input that was kept still takes a second of a processor, or ends the program: others may have had the processor meanwhile."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    ended = subprocess.run([program, "-rss_limit_mb=512", path], capture_output=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return ended.returncode != 0 or used >= 1.0


def fuzz(place: str, programs: str, seconds: float, name: str) -> dict:
    found = f"{place}/found/{name}"
    os.makedirs(found, exist_ok=True)
    command = [
        f"{programs}/{name}", f"{place}/corpus/{name}", "-rss_limit_mb=512", "-timeout=10", "-report_slow_units=1",
        "-max_len=4096",
        f"-artifact_prefix={found}/", "-print_final_stats=1",
    ]
    log = f"{place}/{name}.log"
    used = 0.0
    with open(log, "wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out)
        while process.poll() is None:
            used = max(used, processor_seconds(process.pid))
            if used >= seconds:
                process.send_signal(signal.SIGINT)
                try:
                    process.wait(60)
                except subprocess.TimeoutExpired:
                    process.kill()
            time.sleep(0.2)
    with open(log, errors="replace") as text:
        stats = dict(re.findall(r"stat::(\w+):\s+(\d+)", text.read()))
    # Those of earlier runs as well.
    faults = [name for name in sorted(os.listdir(found)) if is_fault(command[0], f"{found}/{name}")]
    return {
        "target": name,
        "processor_seconds": round(used),
        "inputs": int(stats.get("number_of_executed_units", 0)),
        "peak_mb": int(stats.get("peak_rss_mb", 0)),
        "found": faults,
        "whole": process.returncode == INTERRUPTED and not faults,
        "log": log,
    }


def main() -> None:
    place, programs, seconds, *names = sys.argv[1:]
    failed = False
    for name in names:
        result = fuzz(place, programs, float(seconds), name)
        failed |= not result["whole"]
        log = result.pop("log")
        print(json.dumps(result) if result["whole"] else f"{json.dumps(result)} FAILED, see {log}", flush=True)
    sys.exit(failed)


main()
