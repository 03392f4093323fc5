"""P6: turning one event into notifications and deliveries, for 100,000 people and for 1,000."""

from __future__ import annotations

import time
from collections.abc import Iterator
from statistics import median

from bench.house import House
from bench.row import Bar, Row, ratios
from bench.scale import Scale
from bench.street import house
from sysmail.db import db
from sysmail.notifications import expand_next

_ANY_PORT = 25
_FEW = 1_000


def rows(scale: Scale) -> Iterator[Row]:
    """Both as the worker does it, a slice and a commit at a time; seconds a person."""
    many: list[float] = []
    few: list[float] = []
    with house(_ANY_PORT, scale.crowd) as crowd, house(_ANY_PORT, _FEW) as handful:
        for _ in range(scale.rounds):
            many.append(_expansion(crowd) / scale.crowd)
            few.append(median(_expansion(handful) for _ in range(5)) / _FEW)
    more = [(ratio - 1) * 100 for ratio in ratios(many, few)]
    what = f"expansion for {scale.crowd:,} people instead of {_FEW:,}, a person costs more by"
    notes = [f"{median(many) * 1e6:.1f} µs a person (goal 1.5) instead of {median(few) * 1e6:.1f}"]
    yield Row("P6", what, more, Bar(15, None, " %", least=False), notes)


def _expansion(home: House) -> float:
    home.comment()
    with home.app.app_context():
        began = time.perf_counter()
        while expand_next(db.session()):
            db.session.commit()
        db.session.commit()
        return time.perf_counter() - began
