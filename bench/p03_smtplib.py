"""P3: the whole product beside smtplib that has nothing to do but talk, all on one CPU."""

from __future__ import annotations

from collections.abc import Iterator

from bench.others import raw_smtplib
from bench.row import Bar, Row, rate, ratios
from bench.scale import Scale
from bench.sink import sink
from bench.street import house

_ONE = {0}


def rows(scale: Scale) -> Iterator[Row]:
    """Our worker, smtplib and the sink share CPU 0; smtplib keeps one connection."""
    ours: list[float] = []
    theirs: list[float] = []
    with sink(_ONE) as there, house(there.port, scale.messages) as home, home.worker(_ONE):
        home.deliver()
        for _ in range(scale.rounds):
            ours.append(scale.messages / home.deliver())
            theirs.append(raw_smtplib(there.port, scale.messages, cpus=_ONE))
    notes = [rate("Sysmail", ours), rate("smtplib", theirs)]
    yield Row("P3", "vs smtplib with ready bytes", ratios(ours, theirs), Bar(1.0, 1.3), notes)
