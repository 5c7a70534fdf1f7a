#!/usr/bin/env python3
"""Stands for a binary's verb `trial`: speaks the protocol, trains nothing, and its figures depend on recipe and epoch alone.

`recipe["fake"]` makes it behave badly: slow (seconds of an epoch), and fail_at, crash_at, abort_at, diverge_at, babble_at (epochs).
"""

import json
import os
import sys
import time

VERSION = 1
START = 12345


def tell(trial, **message):
    print(json.dumps({"trial": trial, **message}), flush=True)


def advance(state, recipe):
    """What an epoch makes of the weights; the next can only be had from this one."""
    return (state * 6364136223846793005 + int(recipe["optimizer"]["lr"] * 1e6) + 1442695040888963407) % 2**64


def value(state, recipe, epoch):
    return recipe["optimizer"]["lr"] + 1 / epoch + state / 2**64 / 100


def checkpoint(folder, epoch):
    return os.path.join(folder, f"checkpoint-{epoch}.json")


def run(job):
    trial, recipe, folder = job["trial"], job["recipe"], job["folder"]
    if job["version"] != VERSION:
        return tell(trial, ended="failed", message=f"version {VERSION} of the protocol is spoken here, not {job['version']}")
    # So that a test can kill it.
    with open(os.path.join(folder, "pid"), "w") as file:
        json.dump({"process": os.getpid(), "parent": os.getppid()}, file)
    fake, epoch, state = recipe.get("fake", {}), job["from_epoch"], START
    if epoch:
        with open(checkpoint(folder, epoch)) as file:
            state = json.load(file)["state"]
    while epoch < recipe["training"]["epochs"]:
        epoch += 1
        time.sleep(fake.get("slow", 0))
        if epoch == fake.get("fail_at"):
            return tell(trial, ended="failed", message="the data are not there")
        if epoch == fake.get("diverge_at"):
            return tell(trial, ended="diverged")
        if epoch == fake.get("crash_at"):
            sys.exit("out of luck")
        if epoch == fake.get("abort_at"):
            os.abort()
        if epoch == fake.get("babble_at"):
            print("Hello!", flush=True)
        state = advance(state, recipe)
        tell(trial, epoch=epoch, value=value(state, recipe, epoch), seconds=fake.get("slow", 0.0))
        verdict = json.loads(sys.stdin.readline() or '{"verdict": "stop"}')["verdict"]
        if verdict == "pause":
            # Whole or not at all, as the binary saves.
            with open(checkpoint(folder, epoch) + ".part", "w") as file:
                json.dump({"epoch": epoch, "state": state}, file)
            os.replace(checkpoint(folder, epoch) + ".part", checkpoint(folder, epoch))
            return tell(trial, checkpoint=epoch)
        if verdict == "stop":
            return None
    return tell(trial, ended="completed")


if __name__ == "__main__":
    for line in iter(sys.stdin.readline, ""):
        run(json.loads(line))
