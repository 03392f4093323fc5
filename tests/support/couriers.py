"""A courier at work without a database."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sysmail import clock
from sysmail.mime import Built
from sysmail.outbox.courier import Courier, Job, Result, Way
from sysmail.outbox.journal import Journal
from sysmail.smtp import Deadlines, Trouble
from tests.support.smtp_client import PATIENT

WORKER = "courier:1"


@contextmanager
def courier(
    folder: Path,
    size: int = 1,
    deadlines: Deadlines = PATIENT,
    is_fresh: Callable[[], bool] = lambda: True,
    idle_seconds: float = 8,
) -> Iterator[Courier]:
    journal = Journal(folder, WORKER)
    working = Courier(size, is_fresh, journal, deadlines, idle_seconds)
    try:
        yield working
    finally:
        working.refuse_dots()
        working.close()
        journal.close()


def jobs(way: Way, count: int, domain: str = "example.com", first: int = 0) -> list[Job]:
    return [job(way, number, domain) for number in range(first, first + count)]


def job(way: Way, number: int, domain: str) -> Job:
    data = b"Message-ID: <%d@example.com>\r\n\r\nNumber %d.\r\n" % (number, number)
    sha256 = hashlib.sha256(data).hexdigest()
    built = Built("portal@example.com", f"p{number}@{domain}", data, sha256, False)
    return Job(number, f"token{number}", way, 1, domain, built)


def settled(working: Courier, seconds: float = 10) -> list[Result]:
    """All that is in flight, by delivery; AssertionError after `seconds`."""
    results: list[Result] = []
    until = clock.monotonic() + seconds
    while working.in_flight:
        assert clock.monotonic() < until, f"{working.in_flight} still in flight"
        results += working.collect(0.05)
    return sorted(results, key=lambda result: result.job.delivery_id)


def ends(results: list[Result]) -> list[str]:
    """ "accepted", or the kind of the trouble."""
    return [
        it.outcome.kind.value if isinstance(it.outcome, Trouble) else "accepted" for it in results
    ]
