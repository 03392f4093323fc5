"""P13: a second worker on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

from bench.row import Bar, Row, rate, ratios
from bench.scale import Scale
from bench.sink import sink
from bench.street import house, postgres


def rows(scale: Scale) -> Iterator[Row]:
    """One connection for each worker; every mail is counted at the mail server. The workers have
    sent before: what a process compiles once is no part of it."""
    one: list[float] = []
    two: list[float] = []
    copies = 0
    with sink() as there, postgres() as server, server.database() as url:
        settings = {"DATABASE_URL": url, "DELIVERY_CONNECTIONS": "1"}
        with house(there.port, scale.messages, **settings) as home:
            for _ in range(scale.rounds):
                for count, rates in ((1, one), (2, two)):
                    with home.worker(count=count):
                        home.deliver()
                        before = there.accepted()
                        rates.append(scale.messages / home.deliver())
                        copies += there.accepted() - before - scale.messages
    notes = [rate("one worker", one), rate("two", two), f"{copies} mails too many at the server"]
    yield Row("P13", "two workers instead of one", ratios(two, one), Bar(1.5, 1.8), notes)
