"""The protocol, spoken with a binary that trains nothing."""

import os
import signal
import threading
import time

import pytest
from common import FAKE, gone, job, pids, recipe, values, wait_for

from brasa_ray import protocol
from brasa_ray.protocol import Unusable, Worker


@pytest.fixture
def worker():
    worker = Worker(FAKE)
    yield worker
    worker.close()


def finish(worker, turn):
    """Goes on to the end; the values on the way, and the last turn."""
    found = []
    while turn.report:
        found.append(turn.report["value"])
        turn = worker.answer("continue")
    return found, turn


def test_a_trial_that_may_continue_is_completed(worker, tmp_path):
    found, last = finish(worker, worker.begin(job(tmp_path)))
    assert (found, last.end) == (values(recipe(), 4), "completed")


def test_a_paused_trial_goes_on_from_its_checkpoint(worker, tmp_path):
    first = worker.begin(job(tmp_path))
    second = worker.answer("continue")
    paused = worker.answer("pause")
    assert (paused.checkpoint, paused.end) == (2, "paused")
    assert [line for line in paused.lines if "ended" in line] == ['{"trial": 7, "ended": "paused"}']
    rest, _ = finish(worker, worker.begin(job(tmp_path, from_epoch=2)))
    assert [first.report["value"], second.report["value"], *rest] == values(recipe(), 4)


def test_a_stopped_trial_leaves_its_process_to_the_next(worker, tmp_path):
    worker.begin(job(tmp_path))
    pid = worker.pid
    assert worker.answer("stop").end == "stopped"
    assert worker.begin(job(tmp_path, trial=8)).report["trial"] == 8
    assert worker.pid == pid


def test_a_trial_that_comes_back_gets_a_new_process(worker, tmp_path):
    worker.begin(job(tmp_path))
    pid = worker.pid
    worker.answer("pause")
    worker.begin(job(tmp_path, from_epoch=1))
    assert worker.pid != pid


@pytest.mark.parametrize(
    ("behaviour", "end", "message"),
    [
        ({"fail_at": 2}, "failed", "the data are not there"),
        ({"diverge_at": 2}, "diverged", ""),
        ({"crash_at": 2}, "failed", "exited with 1 in the middle of a trial: out of luck"),
        ({"abort_at": 2}, "failed", "died of SIGABRT"),
        ({"babble_at": 2}, "failed", "said what is no line of the protocol: Hello!"),
    ],
)
def test_a_trial_that_goes_wrong_says_how(worker, tmp_path, behaviour, end, message):
    found, last = finish(worker, worker.begin(job(tmp_path, **behaviour)))
    assert (len(found), last.end) == (1, end)
    assert message in last.message
    assert end in last.lines[-1]
    # The next one has a process that works.
    assert worker.begin(job(tmp_path, trial=8)).report


def test_a_job_of_another_version_is_refused_by_the_binary(worker, tmp_path):
    turn = worker.begin({**job(tmp_path), "version": 2})
    assert (turn.end, turn.message) == ("failed", "version 1 of the protocol is spoken here, not 2")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_process_that_somebody_ends_is_lost_and_not_failed(worker, tmp_path, number):
    threading.Timer(0.3, lambda: os.kill(worker.pid, number)).start()
    turn = worker.begin(job(tmp_path, slow=30))
    assert (turn.end, turn.message) == ("lost", f"`{os.path.basename(FAKE[0])}` was ended by {number.name}")


def test_a_process_that_does_not_hear_term_is_killed(tmp_path):
    deaf = ["sh", "-c", 'trap "" TERM; echo "{\\"trial\\":7,\\"epoch\\":1,\\"value\\":1}"; while :; do sleep 0.1; done']
    worker = Worker(deaf)
    worker.begin(job(tmp_path))
    pid, started = worker.pid, time.monotonic()
    worker.close(grace=0.3)
    assert gone(pid)
    assert 0.3 <= time.monotonic() - started < 3


def test_a_binary_does_not_outlive_who_started_it(tmp_path):
    starter = os.fork()
    if starter == 0:
        try:
            Worker(FAKE).begin(job(tmp_path, slow=60))
        finally:
            os._exit(1)
    process, _ = pids(tmp_path)
    os.kill(starter, signal.SIGKILL)
    os.waitpid(starter, 0)
    wait_for(lambda: gone(process), 5)


def test_a_binary_that_is_not_there_is_named_with_its_node(tmp_path):
    with pytest.raises(Unusable, match="`/no/such/iris` is not a program on .*: install the binary there"):
        Worker(["/no/such/iris"]).begin(job(tmp_path))


def test_a_folder_that_is_not_shared_is_named_with_its_node(tmp_path, monkeypatch):
    monkeypatch.setattr(protocol, "FOLDER_SECONDS", 0.2)
    with pytest.raises(Unusable, match="does not exist on .*: checkpoints lie on storage that all nodes share"):
        Worker(FAKE).begin(job(tmp_path / "elsewhere"))


def test_an_unknown_verdict_is_refused(worker, tmp_path):
    worker.begin(job(tmp_path))
    with pytest.raises(ValueError, match="`hope` is not a verdict"):
        worker.answer("hope")
