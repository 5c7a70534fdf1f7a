"""Ray Tune's own schedulers over the Trainable."""

import math

import pytest
import ray
from common import FAKE, gone, pids, recipe, values
from ray import tune
from ray.tune.schedulers import ASHAScheduler, HyperBandScheduler

from brasa_ray.trainable import BrasaTrainable

EPOCHS = 8


@pytest.fixture(scope="module", autouse=True)
def local_ray():
    ray.init(address="local", num_cpus=2, include_dashboard=False, object_store_memory=100 * 1024 * 1024, log_to_driver=False)
    yield
    ray.shutdown()


def search(folder, scheduler, rates=(0.1, 0.2, 0.3, 0.4, 0.5, 0.6), reuse=True, **behaviour):
    searched = recipe(epochs=EPOCHS, **behaviour)
    searched["optimizer"]["lr"] = tune.grid_search(list(rates))
    tuner = tune.Tuner(
        BrasaTrainable,
        param_space={"command": FAKE, "recipe": searched},
        tune_config=tune.TuneConfig(scheduler=scheduler, reuse_actors=reuse),
        run_config=tune.RunConfig(
            storage_path=str(folder),
            checkpoint_config=tune.CheckpointConfig(checkpoint_frequency=2, checkpoint_at_end=True),
            verbose=0,
        ),
    )
    return tuner.fit()


def check_curves(results):
    """However often a trial was saved, paused and continued, its figures are those of one that was not."""
    for result in results:
        frame = result.metrics_dataframe
        expected = values(result.config["recipe"], EPOCHS)
        assert [expected[epoch - 1] for epoch in frame["epoch"]] == list(frame["loss"])


@pytest.mark.parametrize("reuse", [True, False])
def test_asha_stops_by_epoch(tmp_path, reuse):
    scheduler = ASHAScheduler(time_attr="epoch", metric="loss", mode="min", max_t=EPOCHS, grace_period=2, reduction_factor=2)
    results = search(tmp_path, scheduler, reuse=reuse)
    assert not results.errors
    check_curves(results)
    epochs = {result.config["recipe"]["optimizer"]["lr"]: result.metrics["epoch"] for result in results}
    assert epochs[0.1] == EPOCHS
    assert min(epochs.values()) < EPOCHS
    assert results.get_best_result("loss", "min").config["recipe"]["optimizer"]["lr"] == 0.1


def test_hyperband_pauses_and_goes_on(tmp_path):
    scheduler = HyperBandScheduler(time_attr="epoch", metric="loss", mode="min", max_t=EPOCHS, reduction_factor=2)
    results = search(tmp_path, scheduler)
    assert not results.errors
    check_curves(results)
    assert max(result.metrics["epoch"] for result in results) == EPOCHS


def test_a_trial_that_diverges_has_no_number_and_one_that_fails_is_an_error(tmp_path):
    (diverged,) = search(tmp_path / "diverged", None, rates=[0.1], diverge_at=3)
    assert math.isnan(diverged.metrics["loss"])
    assert diverged.metrics["epoch"] == 2
    failed = search(tmp_path / "failed", None, rates=[0.1], fail_at=3)
    assert "the data are not there" in str(failed.errors[0])


def test_the_process_is_used_again_and_ends_with_the_trainable():
    trainable = BrasaTrainable({"command": FAKE, "recipe": recipe(lr=0.5)})
    assert trainable.train()["loss"] == values(recipe(lr=0.5), 1)[0]
    first = pids(trainable._folder)
    assert trainable.reset({"command": FAKE, "recipe": recipe(lr=0.25)})
    assert trainable.train()["loss"] == values(recipe(lr=0.25), 1)[0]
    assert pids(trainable._folder) == first
    trainable.stop()
    assert gone(first[0])
