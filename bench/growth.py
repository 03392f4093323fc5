"""COST: what each step takes on each engine; docs/growing.md calculates from these."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bench.depth import PEOPLE, cost_of_long
from bench.house import House
from bench.process import cpu_seconds, family_seconds
from bench.row import figure
from bench.scale import Scale
from bench.sink import sink
from bench.street import house, postgres, server_pid
from sysmail.db import db
from sysmail.notifications import expand_next

_EVENTS = 300
_SIZES = {
    "sqlite": "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size",
    "postgresql": "SELECT pg_database_size(current_database())",
}


@dataclass(frozen=True)
class Told:
    """A line without a bar."""

    text: str
    is_missed: bool = False

    def lines(self) -> Iterator[str]:
        yield f"COST {self.text}"


def rows(scale: Scale) -> Iterator[Told]:
    """Where the database is a server, its CPU stands beside that of our own process."""
    with sink() as there:
        with house(there.port, PEOPLE) as home:
            yield from _told(scale, "SQLite", home, lambda: 0.0)
        with postgres() as server, server.database() as url:
            master = server_pid(server)
            with house(there.port, PEOPLE, DATABASE_URL=url) as home:
                yield from _told(scale, "PostgreSQL", home, lambda: family_seconds(master))


def _told(scale: Scale, engine: str, home: House, server: Callable[[], float]) -> Iterator[Told]:
    own = os.getpid()
    spent = _spent(own, server, lambda: _publish(home))
    yield Told(f"{engine}: an event {_micros(spent, _EVENTS)}")
    events = scale.messages * 3 // PEOPLE + 1
    for _ in range(events):
        home.comment()
    before = _size(home)
    spent = _spent(own, server, lambda: _expand(home))
    yield Told(f"{engine}: a notice {_micros(spent, events * PEOPLE)}")
    with home.worker() as [process]:
        served = server()
        mail = cost_of_long(home, process.pid, scale.messages, cpu_seconds)
        served = (server() - served) / scale.messages
        home_sent = home.sent()
    yield Told(
        f"{engine}: a mail {figure(mail.cpu)} µs, and {figure(served * 1e6)} µs of a server; "
        f"{mail.rate:,.0f} mails a second; "
        f"{(_size(home) - before) / (events * PEOPLE):,.0f} octets a notice, "
        f"{home_sent * 100 // (events * PEOPLE)} % of them sent"
    )


def _micros(spent: tuple[float, float], count: int) -> str:
    own, served = (figure(seconds / count * 1e6) for seconds in spent)
    return f"{own} µs, and {served} µs of a server"


def _spent(pid: int, server: Callable[[], float], work: Callable[[], None]) -> tuple[float, float]:
    own, served = cpu_seconds(pid), server()
    work()
    return cpu_seconds(pid) - own, server() - served


def _publish(home: House) -> None:
    """Comments of which nobody is told."""
    for _ in range(_EVENTS):
        home.comment()
    with home.app.app_context():
        db.session.execute(db.text("UPDATE event SET expanded_at = created_at"))
        db.session.commit()


def _expand(home: House) -> None:
    with home.app.app_context():
        while expand_next(db.session()):
            db.session.commit()
        db.session.commit()


def _size(home: House) -> int:
    with home.app.app_context():
        size = db.session.scalar(db.text(_SIZES[db.engine.dialect.name]))
        db.session.rollback()
    return int(size)
