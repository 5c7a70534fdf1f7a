"""Ray itself: whether it is there and fits, and the way to a cluster."""

import os
import socket
import sys
import textwrap
from dataclasses import dataclass

from .protocol import Unusable

MAJOR = 2
FIND_SECONDS = 10.0
# Trials pass nothing through Ray's object store.
OBJECT_STORE_BYTES = 100 * 1024 * 1024


@dataclass
class Cluster:
    """What the driver tells of the cluster that it has reached."""

    ray: str
    cpus: int
    nodes: int


def import_ray():
    # Ray is not to report its use elsewhere, nor to warn of what does not concern trials.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    try:
        import ray
    except ImportError as error:
        raise Unusable(
            f"Ray is not there for {sys.executable}: `{sys.executable} -m pip install 'ray>=2.60,<3'`, or name the Python "
            f"that has it ({error})"
        ) from error
    version = getattr(ray, "__version__", "unknown")
    if version.split(".")[0] != str(MAJOR):
        raise Unusable(f"Ray {version} is not Ray {MAJOR}: `{sys.executable} -m pip install 'ray>=2.60,<3'`, in the cluster, too")
    return ray


def connect(ray, address, cpus=None):
    """Joins the cluster at an address, `auto` for the one of this machine; `local` starts one that ends with this process."""
    options = {"log_to_driver": False, "logging_level": "warning"}
    if address == "local":
        options |= {"num_cpus": cpus, "include_dashboard": False, "object_store_memory": OBJECT_STORE_BYTES}
    else:
        _find(address)
    try:
        ray.init(address=address, **options)
    # Ray raises whatever comes up; all of it means the same here.
    except Exception as error:
        raise Unusable(unreachable(address, error)) from error
    nodes = [node for node in ray.nodes() if node["Alive"]]
    total = sum(node["Resources"].get("CPU", 0) for node in nodes)
    return Cluster(ray.__version__, int(total), len(nodes))


def _find(address):
    """Ray tries an address where nobody listens for minutes."""
    host, colon, port = address.partition("://")[2 if "://" in address else 0].rpartition(":")
    if not colon or not port.isdigit():
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), FIND_SECONDS).close()
    except OSError as error:
        raise Unusable(unreachable(address, error)) from error


def unreachable(address, error):
    why = short(error).rstrip(".")
    if "ersion mismatch" in why:
        return f"Ray at {address} does not fit: {why}. Install the same versions of Python and Ray here as there"
    # Ray sends its token to the cluster of this machine only, unless it is told to.
    token = "" if os.environ.get("RAY_AUTH_MODE") == "token" else "; a cluster with a token wants RAY_AUTH_MODE=token here, too"
    return f"Ray at {address} cannot be reached: {why}. `ray start --head` starts it and prints its address{token}"


def short(error):
    """Ray's errors are pages."""
    return textwrap.shorten(str(error), 300, placeholder=" ...")
