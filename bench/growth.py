"""COST: what each step takes on each engine; README's page on growing calculates from these."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass

from bench.depth import PEOPLE, Cpu, cost_of_long
from bench.house import House
from bench.process import cpu_seconds, family_seconds
from bench.row import figure
from bench.scale import Scale
from bench.sink import sink
from bench.street import house, postgres, server_pid
from sysmail.db import db
from sysmail.notifications import expand_next

_EVENTS = 300


@dataclass(frozen=True)
class Told:
    """A line without a bar."""

    text: str
    is_missed: bool = False

    def lines(self) -> Iterator[str]:
        yield f"COST {self.text}"


def rows(scale: Scale) -> Iterator[Told]:
    """CPU of all processes concerned; the expansion is one worker's, in seconds of its own."""
    with sink() as there:
        with house(there.port, PEOPLE) as home:
            yield _told(scale, "SQLite", home, cpu_seconds)
        with postgres() as server, server.database() as url:
            master = server_pid(server)
            with house(there.port, PEOPLE, DATABASE_URL=url) as home:
                cpu: Cpu = lambda pid: cpu_seconds(pid) + family_seconds(master)  # noqa: E731
                yield _told(scale, "PostgreSQL", home, cpu)


def _told(scale: Scale, engine: str, home: House, cpu: Cpu) -> Told:
    publish = _publishing(home, cpu)
    expand = _expanding(home, scale.messages * 3 // PEOPLE + 1)
    with home.worker() as [process]:
        mail = cost_of_long(home, process.pid, scale.messages, cpu)
    return Told(
        f"{engine}: an event {figure(publish)} µs (a comment, its audit and its commit), "
        f"a notice {figure(expand)} µs, a mail {figure(mail.cpu)} µs of CPU, "
        f"{mail.rate:,.0f} mails a second"
    )


def _publishing(home: House, cpu: Cpu) -> float:
    """CPU of one comment, in microseconds; nobody is told of it."""
    own = os.getpid()
    before = cpu(own)
    for _ in range(_EVENTS):
        home.comment()
    spent = cpu(own) - before
    with home.app.app_context():
        db.session.execute(db.text("UPDATE event SET expanded_at = created_at"))
        db.session.commit()
    return spent / _EVENTS * 1e6


def _expanding(home: House, events: int) -> float:
    """Seconds of the worker for one person of one event, in microseconds."""
    for _ in range(events):
        home.comment()
    with home.app.app_context():
        began = time.perf_counter()
        while expand_next(db.session()):
            db.session.commit()
        db.session.commit()
        return (time.perf_counter() - began) / (events * home.people) * 1e6
