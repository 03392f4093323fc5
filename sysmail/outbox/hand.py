"""What a courier's thread has in hand, and what is told of it when a fault of our own ends that."""

from __future__ import annotations

import logging
import threading

from sysmail import clock
from sysmail.faults import told
from sysmail.outbox.job import Job, Result
from sysmail.smtp import Endpoint, Kind, Phase, Trouble

log = logging.getLogger("sysmail.courier")

_LONG_SECONDS = 10.0


class Hand:
    """Jobs begun and not told yet; of those, the ones whose dot was allowed. `is_last`: no more
    is begun."""

    def __init__(self) -> None:
        self.is_last = False
        self._begun: dict[int, Job] = {}
        self._dotted: dict[int, float] = {}
        self._spared: set[int] = set()
        self._lock = threading.Lock()

    def begin(self, job: Job) -> None:
        with self._lock:
            if job.delivery_id not in self._spared:
                self._begun[job.delivery_id] = job

    def dot(self, job: Job) -> bool:
        """Whether its dot may leave; it is taken for one that did from now on."""
        with self._lock:
            if not self.is_last:
                self._dotted[job.delivery_id] = clock.monotonic()
            return not self.is_last

    def end(self) -> tuple[list[Job], bool]:
        """No dot is allowed any more; may be called from another thread. The jobs that can have
        none now, which are in hand no longer, and whether a dot is still without its answer."""
        with self._lock:
            self.is_last = True
            spared = [job for job in self._begun.values() if job.delivery_id not in self._dotted]
            self._spared.update(self._begun.keys() - self._dotted.keys())
            self._begun = {number: self._begun[number] for number in self._dotted}
            return spared, bool(self._dotted)

    def tell(self, job: Job) -> bool:
        """Whether it was still to be told."""
        with self._lock:
            self._dotted.pop(job.delivery_id, None)
            return self._begun.pop(job.delivery_id, None) is not None

    def awaited_long(self) -> int:
        """How many have waited for the answer to their dot for so long that they tell nothing of
        what would be tried now."""
        since = clock.monotonic() - _LONG_SECONDS
        with self._lock:
            return sum(at < since for at in self._dotted.values())

    def lost(self, fault: Exception, endpoint: Endpoint) -> list[Result]:
        """Everything in hand, uncertain where its dot was allowed; else it waits by the schedule,
        so that a mail that meets the same fault each time keeps nobody busy."""
        log.error("a fault in a courier's thread, which goes on: %s", told(fault))
        with self._lock:
            return [self._lost(job, endpoint) for job in self._begun.values()]

    def _lost(self, job: Job, endpoint: Endpoint) -> Result:
        phase = Phase.DOT if job.delivery_id in self._dotted else Phase.LOCAL
        trouble = Trouble(phase, Kind.LOST, detail="internal error, see the log")
        return Result(job, trouble, endpoint, None, 0, "")
