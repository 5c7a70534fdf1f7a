"""A search on a head and two worker nodes, of which something dies."""

import os
import signal

import pytest
from common import gone, pids, values, wait_for
from rust_side import Driver, Study


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    driver = Driver("local", "--places", "2")
    assert driver.hear()["ready"]
    study = Study(tmp_path_factory.mktemp("undisturbed"))
    assert study.run(driver, 2)
    assert driver.end() == ([], 0)
    # Nothing of Ray is in the figures.
    for trial, curve in study.curves.items():
        assert list(curve.values()) == values(study.recipes[trial], 9)[: len(curve)]
    assert sorted(len(curve) for curve in study.curves.values()) == [3] * 6 + [6] * 3 + [9] * 3
    return study


def kill_process(cluster, process, actor):
    os.kill(process, signal.SIGKILL)


def kill_actor(cluster, process, actor):
    os.kill(actor, signal.SIGKILL)


def kill_node(cluster, process, actor):
    """The node on which this actor runs, all at once."""
    raylet = int(open(f"/proc/{actor}/stat").read().rpartition(")")[2].split()[1])
    (node,) = [
        node
        for node in cluster.worker_nodes
        if any(one.process.pid == raylet for ones in node.all_processes.values() for one in ones)
    ]
    cluster.remove_node(node, allow_graceful=False)


@pytest.mark.parametrize("kill", [kill_process, kill_actor, kill_node])
def test_a_search_ends_as_if_nothing_had_been_killed(cluster, tmp_path, undisturbed, kill):
    driver = Driver(cluster.address)
    ready = driver.hear()["ready"]
    assert (ready["cpus"], ready["nodes"], ready["places"]) == (2, 3, 2)
    study = Study(tmp_path, slow=0.05)
    killed = []

    def observe(message):
        # In the middle: a trial that is on its way from a checkpoint, not the first report after it.
        if not killed and message.get("epoch") == 5:
            killed.append(message["trial"])
            process, actor = pids(study.folder_of(message["trial"]))
            kill(cluster, process, actor)
            wait_for(lambda: gone(process))

    assert study.run(driver, 2, observe)
    assert driver.end() == ([], 0)
    assert (study.curves, study.ends) == (undisturbed.curves, undisturbed.ends)
    assert study.lost == killed
    # It went on from its checkpoint after epoch 3.
    assert study.repeated == 2


def test_a_head_that_dies_loses_nothing(cluster, tmp_path, undisturbed):
    driver = Driver(cluster.address)
    assert driver.hear()["ready"]
    # So slow that it is not over before the driver gives the head up.
    study = Study(tmp_path, slow=0.4)
    seen = set()

    def observe(message):
        if "value" in message:
            seen.update(pids(study.folder_of(message["trial"])))
        if message.get("epoch") == 2 and cluster.head_node:
            cluster.remove_node(cluster.head_node, allow_graceful=False)

    assert not study.run(driver, 2, observe)
    assert driver.process.wait(10) == 1
    assert "GCS may have been killed" in driver.stderr()
    wait_for(lambda: all(gone(pid) for pid in seen))
    # The study is this side's: it goes on with a driver on another Ray.
    driver = Driver("local", "--places", "2")
    assert driver.hear()["ready"]
    assert study.run(driver, 2)
    assert driver.end() == ([], 0)
    assert (study.curves, study.ends) == (undisturbed.curves, undisturbed.ends)
