"""A check that nobody waits for any more ends in the middle of a phase."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sysmail.jobs import Report
from sysmail.smtp import Examination

_LOOK_SECONDS = 0.5


@contextmanager
def watched(talk: Examination, report: Report) -> Iterator[None]:
    """Looks twice a second whether the check was cancelled, and interrupts the talk then."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(_LOOK_SECONDS):
            if report.cancelled():
                talk.interrupt()
                return

    watcher = threading.Thread(target=watch, name="check watch", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
