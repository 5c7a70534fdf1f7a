"""The Ray actor: a place on some node where one trial after another runs."""

import json
import platform

from .protocol import Turn, Unusable, Worker


class Place:
    """Answers in plain tables, since the classes of this package need not be installed on the nodes."""

    def __init__(self, environment=None):
        self._environment = environment
        self._worker = None
        self._serial = None
        self._trial = None
        self._stopped = set()

    def ready(self):
        return platform.node()

    def begin(self, serial, command, job):
        """Runs a job until its first report. The serial number tells the jobs of this place apart."""
        self._serial, self._trial = serial, job["trial"]
        if serial in self._stopped:
            return self._stopped_turn([])
        if self._worker and self._worker.command != command:
            self._worker.close()
            self._worker = None
        self._worker = self._worker or Worker(command, self._environment)
        return self._turn(lambda: self._worker.begin(job))

    def answer(self, verdict):
        """Gives a verdict, and runs until the next report."""
        return self._turn(lambda: self._worker.answer(verdict))

    def stop(self, serial):
        """Ends a job now; what awaits its next report hears of it. This is called while another method runs."""
        self._stopped.add(serial)
        if serial == self._serial and self._worker:
            self._worker.close()

    def close(self):
        """The actor is killed after this."""
        if self._worker:
            self._worker.close()

    def _turn(self, take):
        try:
            turn = take()
        except Unusable as error:
            return {"error": str(error)}
        if self._serial in self._stopped and turn.end in (None, "lost"):
            # It may have been stopped before there was a process to end.
            self._worker.close()
            return self._stopped_turn(turn.lines[:-1] if turn.end else turn.lines)
        return _plain(turn)

    def _stopped_turn(self, lines):
        line = json.dumps({"trial": self._trial, "ended": "stopped"})
        return _plain(Turn(lines=[*lines, line], end="stopped"))


def _plain(turn):
    return {"lines": turn.lines, "reported": turn.report is not None, "end": turn.end, "message": turn.message}
