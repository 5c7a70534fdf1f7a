"""The driver on a real Ray of this machine, and what it says where there is none."""

import os
import signal

import pytest
from common import FAKE, gone, job, pids, recipe, values, wait_for
from rust_side import Driver


@pytest.fixture(scope="module")
def driver():
    driver = Driver("local", "--places", "2")
    ready = driver.hear()["ready"]
    assert (ready["version"], ready["cpus"], ready["nodes"], ready["places"]) == (1, 2, 1, 2)
    assert ready["ray"].startswith("2.")
    yield driver
    assert driver.end() == ([], 0)


def test_a_trial_continues_pauses_and_goes_on(driver, tmp_path):
    driver.start(job(tmp_path))
    found = [driver.hear()]
    driver.answer(7, "continue")
    found.append(driver.hear())
    driver.answer(7, "pause")
    assert driver.hear() == {"trial": 7, "checkpoint": 2}
    assert driver.hear() == {"trial": 7, "ended": "paused"}
    driver.start(job(tmp_path, from_epoch=2))
    for _ in range(2):
        found.append(driver.hear())
        driver.answer(7, "continue")
    assert driver.hear() == {"trial": 7, "ended": "completed"}
    assert [(line["epoch"], line["value"]) for line in found] == list(enumerate(values(recipe(), 4), 1))


def test_each_end_of_a_trial_is_passed_on(driver, tmp_path):
    driver.start(job(tmp_path, fail_at=1))
    assert driver.hear() == {"trial": 7, "ended": "failed", "message": "the data are not there"}
    driver.start(job(tmp_path, diverge_at=1))
    assert driver.hear() == {"trial": 7, "ended": "diverged"}
    driver.start(job(tmp_path, crash_at=1))
    assert "exited with 1 in the middle of a trial: out of luck" in driver.hear()["message"]
    driver.start({**job(tmp_path), "version": 2})
    assert driver.hear()["message"] == "version 1 of the protocol is spoken here, not 2"
    driver.start(job(tmp_path))
    driver.hear()
    driver.answer(7, "stop")
    assert driver.hear() == {"trial": 7, "ended": "stopped"}


def test_trials_are_stopped_wherever_they_are(driver, tmp_path):
    folders = [tmp_path / str(trial) for trial in range(3)]
    for trial, folder in enumerate(folders):
        folder.mkdir()
        driver.start(job(folder, trial=trial, slow=0 if trial == 0 else 60))
    # One waits for its verdict, one is in an epoch, one waits for a place.
    assert driver.hear()["epoch"] == 1
    process, _ = pids(folders[1])
    for trial in (2, 1, 0):
        driver.say({"stop": trial})
    assert {driver.hear()["trial"] for _ in range(3)} == {0, 1, 2}
    wait_for(lambda: gone(process))


def test_a_trial_that_is_lost_thrice_in_an_epoch_has_failed(driver, tmp_path):
    for loss in range(3):
        (tmp_path / "pid").unlink(missing_ok=True)
        driver.start(job(tmp_path, slow=60))
        os.kill(pids(tmp_path)[0], signal.SIGKILL)
        message = driver.hear()
        assert ("lost" in message) == (loss < 2)
    assert message["ended"] == "failed"
    assert message["message"].startswith("lost 3 times without an epoch in between; the last time: `")


@pytest.mark.parametrize("end", ["close its input", "TERM"])
def test_nothing_is_left_when_the_driver_ends(tmp_path, end):
    driver = Driver("local", "--places", "1")
    driver.hear()
    driver.start(job(tmp_path, slow=60))
    process, parent = pids(tmp_path)
    if end == "TERM":
        driver.process.terminate()
    assert driver.end()[1] == 0
    wait_for(lambda: gone(process) and gone(parent))


def refused(driver):
    message = driver.hear()
    while "ready" in message:
        message = driver.hear()
    assert driver.end() == ([], 2)
    return message["error"]


def test_a_binary_that_is_not_on_the_node(tmp_path):
    driver = Driver("local", "--places", "1")
    driver.start(job(tmp_path), command=["/no/such/iris", "--json", "trial"])
    assert refused(driver).startswith("`/no/such/iris` is not a program on ")


def test_a_folder_that_is_not_on_the_node(tmp_path):
    driver = Driver("local", "--places", "1")
    driver.start(job(tmp_path / "elsewhere"))
    assert "checkpoints lie on storage that all nodes share" in refused(driver)


def test_another_version_of_the_protocol(tmp_path):
    driver = Driver("local", "--places", "1")
    driver.start(job(tmp_path), version=2)
    assert refused(driver).startswith("the driver speaks version 1 of the trial protocol, not 2")


def test_a_line_that_means_nothing():
    driver = Driver("local", "--places", "1")
    driver.say({"answer": {"trial": 1, "verdict": "hope"}})
    assert "does not understand" in refused(driver)


@pytest.mark.parametrize(
    ("address", "words"),
    [("127.0.0.1:1", "Ray at 127.0.0.1:1 cannot be reached"), ("nonsense", "Invalid address")],
)
def test_no_ray_at_the_address(address, words):
    error = refused(Driver(address, "--places", "1"))
    assert words in error
    assert "`ray start --head`" in error


@pytest.mark.parametrize(
    ("module", "words"),
    [
        ('raise ImportError("No module named ray")', "-m pip install 'ray>=2.60,<3'`"),
        ('__version__ = "3.1.0"', "Ray 3.1.0 is not Ray 2: `"),
    ],
)
def test_no_ray_or_another(tmp_path, module, words):
    (tmp_path / "ray.py").write_text(module)
    path = os.pathsep.join([str(tmp_path), os.path.dirname(os.path.dirname(FAKE[1]))])
    assert words in refused(Driver("local", environment={"PYTHONPATH": path}))


def test_no_places():
    assert refused(Driver("local", "--places", "0")).startswith("--places is at least 1; usage:")
