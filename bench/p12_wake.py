"""P12: how soon a mail is accepted when nothing else is to do."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from statistics import median

from bench.clocked import Clocked, clocked
from bench.house import House
from bench.process import wait_until
from bench.row import Bar, Row
from bench.scale import Scale
from bench.street import house

_PER_SECOND = 30


def rows(scale: Scale) -> Iterator[Row]:
    """From the commit of a comment until the mail server has taken the one mail it causes."""
    middle: list[float] = []
    slow: list[float] = []
    with clocked() as there, house(there.port, 1) as home, home.worker():
        _latency(home, there)
        for _ in range(scale.rounds):
            took = sorted(_latency(home, there) for _ in range(round(scale.seconds * _PER_SECOND)))
            middle.append(median(took))
            slow.append(took[int(len(took) * 0.99)])
    yield Row("P12", "committed until accepted, p50", middle, Bar(50, 20, " ms", least=False))
    yield Row("P12", "committed until accepted, p99", slow, Bar(250, 100, " ms", least=False))


def _latency(home: House, there: Clocked) -> float:
    """Milliseconds; the worker rests before."""
    wait_until(home.is_done, "an empty queue", 20)
    time.sleep(random.uniform(0.02, 0.05))
    accepted = len(there.accepted_at)
    committed = home.comment()
    wait_until(lambda: len(there.accepted_at) > accepted, "the mail", 20, pause=0.001)
    return (there.accepted_at[-1] - committed) * 1000
