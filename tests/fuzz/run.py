"""Runs fuzz targets, each for so many seconds of processor time, and tells how many inputs each was given.

run.py PLACE PROGRAMS SECONDS TARGET...   (run.sh builds them and calls this)

The same program goes on where an earlier run of it was interrupted: its time, inputs and memory are of all its runs.
"""

import hashlib
import json
import math
import os
import re
import resource
import signal
import subprocess
import sys
import time

# The codes that libFuzzer ends with when it is told to, and when an input took a hundred seconds: of a clock, which goes on while others
# have the processor.
INTERRUPTED, TIMEOUT = 72, 70
# A signal that this program was sent: what was spent until then counts.
stopped: list[int] = []


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


def digest(program: str) -> str:
    with open(program, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def spent(place: str, name: str, program: str) -> dict:
    """What earlier runs of the same program have spent; nothing, after a change to it."""
    try:
        with open(f"{place}/{name}.spent.json") as file:
            before = json.load(file)
    except (OSError, ValueError):
        before = {}
    same = before.get("program") == digest(program)
    return before if same else {"processor_seconds": 0, "inputs": 0, "peak_mb": 0}


def fuzz(place: str, programs: str, seconds: float, name: str) -> dict:
    found = f"{place}/found/{name}"
    os.makedirs(found, exist_ok=True)
    command = [
        f"{programs}/{name}", f"{place}/corpus/{name}", "-rss_limit_mb=512", "-timeout=100", "-report_slow_units=1",
        "-max_len=4096",
        f"-artifact_prefix={found}/", "-print_final_stats=1",
    ]
    log = f"{place}/{name}.log"
    earlier = spent(place, name, command[0])
    if earlier["processor_seconds"] >= seconds:
        total = {key: earlier[key] for key in ("processor_seconds", "inputs", "peak_mb")}
        return {"target": name} | total | {"found": [], "whole": True, "log": log}
    used = 0.0
    with open(log, "wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out)
        while process.poll() is None:
            used = max(used, processor_seconds(process.pid))
            if earlier["processor_seconds"] + used >= seconds or stopped:
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
    total = {
        "processor_seconds": math.ceil(earlier["processor_seconds"] + used),
        "inputs": earlier["inputs"] + int(stats.get("number_of_executed_units", 0)),
        "peak_mb": max(earlier["peak_mb"], int(stats.get("peak_rss_mb", 0))),
    }
    whole = process.returncode in (INTERRUPTED, TIMEOUT) and not faults
    if whole:
        with open(f"{place}/{name}.spent.json", "w") as out:
            json.dump({"program": digest(command[0])} | total, out)
        if total["processor_seconds"] < seconds and not stopped:
            return fuzz(place, programs, seconds, name)
    return {"target": name} | total | {"found": faults, "whole": whole, "log": log}


def main() -> None:
    place, programs, seconds, *names = sys.argv[1:]
    failed = False
    for end in (signal.SIGINT, signal.SIGTERM):
        signal.signal(end, lambda *_: stopped.append(end))
    for name in names:
        if stopped:
            break
        result = fuzz(place, programs, float(seconds), name)
        failed |= not result["whole"]
        log = result.pop("log")
        print(json.dumps(result) if result["whole"] else f"{json.dumps(result)} FAILED, see {log}", flush=True)
    sys.exit(failed or bool(stopped))


main()
