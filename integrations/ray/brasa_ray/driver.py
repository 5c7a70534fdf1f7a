"""Runs trials on Ray for a study that another process keeps: JSON lines on standard input and output, as the README tells.

    python3 -m brasa_ray.driver --address ADDRESS|auto|local [--places N] [--num-cpus C] [--num-gpus G]
"""

import argparse
import json
import os
import queue
import signal
import sys
import threading

from .cluster import connect, import_ray, unreachable
from .pool import Pool
from .protocol import VERDICTS, VERSION, Unusable

UNUSABLE = 2
CONNECT_SECONDS = 90.0
WARN_SECONDS = 30.0


def main():
    lines = _claim_stdout()

    def emit(line):
        lines.write(line + "\n")
        lines.flush()

    code = 0
    try:
        _run(_options(), emit)
    except BrokenPipeError:
        # Nobody reads: whoever started this is gone.
        pass
    except Unusable as error:
        emit(json.dumps({"error": str(error)}))
        code = UNUSABLE
    # The thread that reads standard input may still wait there, which the end of the interpreter does not suffer.
    sys.stderr.flush()
    os._exit(code)


def _claim_stdout():
    """Standard output for the protocol alone; whatever else writes there, Ray included, writes to standard error."""
    lines = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return lines


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        raise Unusable(f"{message}; {' '.join(self.format_usage().split())}")


def _options():
    parser = _Parser(prog="brasa_ray.driver", description=__doc__.partition("\n")[0])
    parser.add_argument("--address", required=True, help="ADDRESS of a cluster, `auto` for this machine's, `local` for a new one")
    parser.add_argument("--places", type=int, help="trials at once (default: as many as there are CPUs for)")
    parser.add_argument("--num-cpus", type=float, default=1.0, help="CPUs of a trial (default 1)")
    parser.add_argument("--num-gpus", type=float, default=0.0, help="GPUs of a trial (default 0)")
    options = parser.parse_args()
    if options.places is not None and options.places < 1:
        parser.error("--places is at least 1")
    if options.num_cpus <= 0:
        parser.error("--num-cpus is above 0")
    return options


def _run(options, emit):
    ray = import_ray()
    cluster = _connect(ray, options, emit)
    places = options.places or max(1, int(cluster.cpus / options.num_cpus))
    events = queue.SimpleQueue()
    resources = {"num_cpus": options.num_cpus, **({"num_gpus": options.num_gpus} if options.num_gpus else {})}
    pool = Pool(ray, places, resources, emit, events.put)
    try:
        _listen(events)
        ready = {"version": VERSION, "ray": cluster.ray, "cpus": cluster.cpus, "nodes": cluster.nodes, "places": places}
        emit(json.dumps({"ready": ready}))
        _serve(pool, events)
    finally:
        pool.close()
        ray.shutdown()


def _connect(ray, options, emit):
    """A head that listens and does not answer would be waited for without end; Ray cannot be told to give up."""

    def give_up():
        emit(json.dumps({"error": unreachable(options.address, f"no answer in {CONNECT_SECONDS:.0f} seconds")}))
        os._exit(UNUSABLE)

    timer = threading.Timer(CONNECT_SECONDS, give_up)
    timer.daemon = True
    timer.start()
    try:
        return connect(ray, options.address, options.places and int(max(1, options.places * options.num_cpus)))
    finally:
        timer.cancel()


def _listen(events):
    """Lines of standard input become events; its end, and TERM, are None."""

    def read():
        for line in sys.stdin:
            events.put(line)
        events.put(None)

    threading.Thread(target=read, daemon=True).start()
    # After Ray has set handlers of its own.
    signal.signal(signal.SIGTERM, lambda *_: events.put(None))
    # Ctrl-C reaches the whole terminal; whoever started this decides what it means.
    signal.signal(signal.SIGINT, lambda *_: None)


def _serve(pool, events):
    warned = False
    while True:
        try:
            event = events.get(timeout=WARN_SECONDS)
        except queue.Empty:
            if pool.waits() and not warned:
                pool.warn()
                warned = True
            continue
        if event is None:
            return
        if callable(event):
            event()
        elif event.strip():
            _obey(pool, event)


def _obey(pool, line):
    try:
        message = json.loads(line)
        if "start" in message:
            job = dict(message["start"])
            _check_version(message.get("version"))
            pool.start([str(word) for word in job.pop("command")], {"version": VERSION, **job})
        elif "answer" in message:
            if message["answer"]["verdict"] not in VERDICTS:
                raise ValueError(message["answer"]["verdict"])
            pool.answer(message["answer"]["trial"], message["answer"]["verdict"])
        elif "stop" in message:
            pool.stop(message["stop"])
        else:
            raise ValueError("none of start, answer and stop")
    except (ValueError, KeyError, TypeError) as error:
        raise Unusable(f"the driver does not understand `{line.strip()[:200]}`: {error!r}") from error


def _check_version(version):
    if version != VERSION:
        raise Unusable(
            f"the driver speaks version {VERSION} of the trial protocol, not {version}: install brasa_ray of the same release as "
            "the binary"
        )


if __name__ == "__main__":
    main()
