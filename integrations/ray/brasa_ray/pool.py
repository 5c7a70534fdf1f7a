"""Places on a Ray cluster, and the jobs that wait for one."""

import json
import sys
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import brasa_ray

from .cluster import short
from .place import Place
from .protocol import Unusable

# A trial that is lost again and again without an epoch in between is the cause, not a victim.
LOSSES = 3
FAILED_STARTS = 5
CLOSE_SECONDS = 8.0


@dataclass
class Job:
    """A trial that was handed out, from then until its last line."""

    serial: int
    command: list
    job: dict
    seat: Any = None
    # Whether the actor is at work for it; otherwise it waits for a verdict.
    works: bool = False
    stopped: bool = False

    @property
    def trial(self):
        return self.job["trial"]


@dataclass(eq=False)
class Seat:
    """An actor, as the pool sees it."""

    actor: Any
    ready: bool = False
    job: Job | None = field(default=None)


class Pool:
    """Runs at most so many jobs at once; all its methods are called by one thread, events by `post` of a function included."""

    def __init__(self, ray, places, resources, emit, post):
        self._ray, self._places, self._emit, self._post = ray, places, emit, post
        # By value: nothing of this package needs to be installed on the nodes.
        ray.cloudpickle.register_pickle_by_value(brasa_ray)
        # One thread runs a trial, the other stops it. Ray does not start an actor again that is gone: its trial is said to be lost.
        options = {"max_concurrency": 2, "max_restarts": 0, "scheduling_strategy": "SPREAD", **resources}
        self._actor = ray.remote(Place).options(**options)
        # A trial uses the CPUs that it has asked Ray for.
        threads = max(1, int(resources.get("num_cpus", 1)))
        self._environment = {"RAYON_NUM_THREADS": str(threads)}
        self._seats = []
        self._waiting = deque()
        self._jobs = {}
        self._losses = {}
        self._serial = 0
        self._failed_starts = 0

    def start(self, command, job):
        """Hands out a trial, as soon as a place is there."""
        if job["trial"] in self._jobs:
            raise Unusable(f"trial {job['trial']} was handed out again while it runs")
        self._serial += 1
        handed = Job(self._serial, command, job)
        self._jobs[handed.trial] = handed
        self._waiting.append(handed)
        self._fill()

    def answer(self, trial, verdict):
        """Passes on a verdict. A trial that was lost in the meantime does not hear it any more."""
        job = self._jobs.get(trial)
        if job and job.seat and not job.works:
            self._call(job, job.seat.actor.answer.remote(verdict))

    def stop(self, trial):
        """Ends a trial now."""
        job = self._jobs.get(trial)
        if job is None:
            return
        job.stopped = True
        if job.seat is None:
            self._waiting.remove(job)
            self._end_stopped(job)
        elif job.works:
            job.seat.actor.stop.remote(job.serial)
        else:
            self._call(job, job.seat.actor.answer.remote("stop"))

    def waits(self):
        """Whether there are jobs without a place, though fewer run than may."""
        return bool(self._waiting) and sum(seat.job is not None for seat in self._seats) < self._places

    def close(self):
        """Ends all trials and gives the places back."""
        closing = [seat.actor.close.remote() for seat in self._seats if seat.ready]
        if closing:
            self._ray.wait(closing, num_returns=len(closing), timeout=CLOSE_SECONDS)
        for seat in self._seats:
            self._ray.kill(seat.actor)
        self._seats = []

    def _fill(self):
        for seat in self._seats:
            if self._waiting and seat.ready and seat.job is None:
                job = self._waiting.popleft()
                seat.job, job.seat = job, seat
                self._call(job, seat.actor.begin.remote(job.serial, job.command, job.job))
        starting = sum(not seat.ready for seat in self._seats)
        for _ in range(min(len(self._waiting) - starting, self._places - len(self._seats))):
            seat = Seat(self._actor.remote(self._environment))
            self._seats.append(seat)
            self._when_done(seat.actor.ready.remote(), lambda answer, error, seat=seat: self._started(seat, error))

    def _started(self, seat, error):
        if error is None:
            self._failed_starts, seat.ready = 0, True
        else:
            self._seats.remove(seat)
            self._failed_starts += 1
            if self._failed_starts >= FAILED_STARTS:
                raise Unusable(f"Ray does not start a place for a trial: {short(error)}")
        self._fill()

    def _call(self, job, reference):
        job.works = True
        self._when_done(reference, lambda turn, error: self._turned(job, turn, error))

    def _when_done(self, reference, act):
        def done(future):
            error = future.exception()
            self._post(lambda: act(None if error else future.result(), error))

        reference.future().add_done_callback(done)

    def _turned(self, job, turn, error):
        job.works = False
        if error is not None:
            self._seats.remove(job.seat)
            self._lost(job, f"the place of trial {job.trial} is gone: {short(error)}")
        elif "error" in turn:
            raise Unusable(turn["error"])
        else:
            self._said(job, turn)
        self._fill()

    def _said(self, job, turn):
        if turn["reported"]:
            self._losses.pop(job.trial, None)
        if turn["end"] == "lost":
            for line in turn["lines"][:-1]:
                self._emit(line)
            job.seat.job = None
            self._lost(job, turn["message"])
            return
        for line in turn["lines"]:
            self._emit(line)
        if turn["end"] is not None:
            job.seat.job = None
            del self._jobs[job.trial]
        elif job.stopped:
            # It was told to stop while this turn was on its way here.
            self._call(job, job.seat.actor.answer.remote("stop"))

    def _lost(self, job, why):
        if job.stopped:
            self._end_stopped(job)
            return
        del self._jobs[job.trial]
        losses = self._losses[job.trial] = self._losses.get(job.trial, 0) + 1
        if losses < LOSSES:
            self._emit(json.dumps({"trial": job.trial, "lost": why}))
            return
        del self._losses[job.trial]
        message = f"lost {losses} times without an epoch in between; the last time: {why}"
        self._emit(json.dumps({"trial": job.trial, "ended": "failed", "message": message}))

    def _end_stopped(self, job):
        del self._jobs[job.trial]
        self._emit(json.dumps({"trial": job.trial, "ended": "stopped"}))

    def warn(self):
        """For a person who wonders why nothing happens."""
        print(f"{len(self._waiting)} trials wait for Ray to have room for them (`ray status`)", file=sys.stderr, flush=True)
