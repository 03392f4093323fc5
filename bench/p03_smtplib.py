"""P3: our courier beside smtplib, both with ready bytes, one kept connection and one CPU."""

from __future__ import annotations

from collections.abc import Iterator

from bench.others import courier, raw_smtplib
from bench.row import Bar, Row, rate, ratios
from bench.scale import Scale
from bench.sink import sink
from bench.street import house

_ONE = {0}


def rows(scale: Scale) -> Iterator[Row]:
    """Client and sink share CPU 0. What the whole product does there (queue, composing and
    settling on disk included, which smtplib does not do) is told beside it."""
    ours: list[float] = []
    theirs: list[float] = []
    whole: list[float] = []
    with sink(_ONE) as there, house(there.port, scale.messages) as home:
        for _ in range(scale.rounds):
            ours.append(courier(there.port, scale.messages, cpus=_ONE))
            theirs.append(raw_smtplib(there.port, scale.messages, cpus=_ONE))
            with home.worker(_ONE):
                whole.append(scale.messages / home.deliver())
    notes = [
        rate("courier", ours),
        rate("smtplib", theirs),
        rate("the whole product, no bar", whole),
    ]
    yield Row("P3", "vs smtplib with ready bytes", ratios(ours, theirs), Bar(1.0, 1.3), notes)
