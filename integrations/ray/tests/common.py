"""What several tests need."""

import json
import os
import sys
import time
from pathlib import Path

import fake

FAKE = [sys.executable, str(Path(__file__).with_name("fake.py"))]
PACKAGE = str(Path(__file__).parent.parent)


def recipe(lr=0.5, epochs=4, **behaviour):
    return {"optimizer": {"lr": lr}, "training": {"epochs": epochs}, "fake": behaviour}


def job(folder, trial=7, from_epoch=0, **rest):
    job = {"trial": trial, "recipe": recipe(**rest), "folder": str(folder), "metric": "loss"}
    return {**job, "from_epoch": from_epoch, "until_epoch": None}


def values(of, epochs):
    """The figures of a trial that nothing interrupts."""
    state, found = fake.START, []
    for epoch in range(1, epochs + 1):
        state = fake.advance(state, of)
        found.append(fake.value(state, of, epoch))
    return found


def pids(folder):
    """The binary that runs a folder's trial, and what started it."""
    found = json.loads(wait_for(lambda: (Path(folder) / "pid").read_text()))
    return found["process"], found["parent"]


def gone(pid):
    try:
        os.kill(pid, 0)
        # A zombie is gone, too.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (ProcessLookupError, FileNotFoundError):
        return True


def wait_for(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while True:
        try:
            if found := condition():
                return found
        except FileNotFoundError:
            pass
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)
