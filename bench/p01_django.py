"""P1: a whole delivery, durable, beside django-post_office as it comes and tuned."""

from __future__ import annotations

from collections.abc import Iterator

from bench.others import rival, task
from bench.row import Bar, Row, rate, ratios
from bench.scale import Scale
from bench.sink import sink
from bench.street import house


def rows(scale: Scale) -> Iterator[Row]:
    """All on SQLite with synchronous=FULL, the same words, from the call to the last mail settled;
    the programs run already."""
    ours: list[float] = []
    theirs: dict[bool, list[float]] = {False: [], True: []}
    with sink() as there, house(there.port, scale.messages) as home, home.worker():
        home.deliver()
        for _ in range(scale.rounds):
            ours.append(scale.messages / home.deliver())
            for tuned, rates in theirs.items():
                given = task(there.port, scale.messages, tuned=tuned)
                rates.append(scale.messages / rival("with_post_office.py", given)["seconds"])
    for tuned, bar in ((False, Bar(6, 12)), (True, Bar(4, 8))):
        how = "tuned" if tuned else "as it comes"
        notes = [rate("Sysmail", ours), rate("django-post_office", theirs[tuned])]
        yield Row("P1", f"vs django-post_office {how}", ratios(ours, theirs[tuned]), bar, notes)
