"""A real Ray on this machine: a head without CPUs of its own for trials, and two worker nodes of one CPU each."""

import os

import pytest

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
# Ray gives up a head that is gone after a minute; no test has that long.
os.environ.setdefault("RAY_gcs_rpc_server_reconnect_timeout_s", "5")


@pytest.fixture
def cluster():
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
    for _ in range(2):
        cluster.add_node(num_cpus=1)
    yield cluster
    cluster.shutdown()
