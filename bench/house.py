"""An installation of Sysmail to be measured: people, one app, one record, and its worker."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, or_, select
from sqlalchemy.orm import Session

from bench.content import COMMENT
from bench.process import started, wait_until
from sysmail import clock
from sysmail.db import db
from sysmail.events import FIRST_CHOICE, Event
from sysmail.notifications import expand_next
from sysmail.outbox import Delivery, State, Worker
from sysmail.people import Person, new_person
from sysmail.portal import add_app, add_comment, add_record, find_app, find_record
from sysmail.preferences import Preference
from tests.support.instance import make_app

_AT_ONCE = 10_000
_OPEN = (State.QUEUED.value, State.SENDING.value)
_UNDONE = select(
    or_(
        select(Event.id).where(Event.expanded_at.is_(None)).exists(),
        select(Delivery.id).where(Delivery.state.in_(_OPEN)).exists(),
    )
)


class House:
    """`people` want to hear of everything; whoever comments is one more and hears nothing."""

    def __init__(self, folder: Path, sink_port: int, people: int, **settings: str) -> None:
        settings = {
            "BUILTIN": f"relay://127.0.0.1:{sink_port}",
            "BUILTIN_ADDRESS": "no-reply@portal.example.com",
            "PUBLIC_URL": "https://portal.example.com",
            **settings,
        }
        self.app = make_app(folder, **settings)
        self.people = people
        self.environ = {
            "PATH": os.environ["PATH"],
            "SYSMAIL_INSTANCE": str(folder),
            **{f"SYSMAIL_{name}": value for name, value in settings.items()},
        }
        self.log = folder / "worker.log"
        with self.app.app_context():
            self._engine = db.engine
            self._furnish(people)

    def comment(self) -> float:
        """Somebody comments, so everybody is to be told; when that was committed (monotonic)."""
        with self.app.app_context():
            _comment(db.session())
            db.session.commit()
            return time.monotonic()

    def queue(self) -> None:
        """A comment whose deliveries all stand in the queue with the same commit."""
        with self.app.app_context():
            _comment(db.session())
            while expand_next(db.session()):
                pass
            db.session.commit()

    def count(self, *states: State) -> int:
        """Deliveries in these states."""
        with self.app.app_context():
            wanted = Delivery.state.in_([state.value for state in states])
            return db.session.scalar(select(func.count()).where(wanted)) or 0

    def sent(self) -> int:
        return self.count(State.SENT)

    def waiting(self) -> int:
        return self.count(State.QUEUED)

    def is_done(self) -> bool:
        """Whether every event is expanded and every delivery settled. Asked a hundred times a
        second beside what is measured, so it costs next to nothing."""
        with self._engine.connect() as connection:
            return not connection.scalar(_UNDONE)

    def deliver(self) -> float:
        """Seconds from the comment's commit until the last mail it caused is settled."""
        began = self.comment()
        wait_until(self.is_done, f"the queue to empty, see {self.log}")
        return time.monotonic() - began

    @contextmanager
    def worker(
        self, cpus: set[int] | None = None, count: int = 1, **settings: str
    ) -> Iterator[list[subprocess.Popen[bytes]]]:
        """So many workers, up and idle when the block begins."""
        if count == 0:
            yield []
            return
        environ = self.environ | {f"SYSMAIL_{name}": value for name, value in settings.items()}
        before = self._workers()
        command = [sys.executable, "-m", "flask", "worker"]
        with self.log.open("ab") as log, started(command, cpus, environ, log) as process:
            wait_until(lambda: self._workers() > before, f"a worker, see {self.log}", 30)
            with self.worker(cpus, count - 1, **settings) as others:
                yield [process, *others]

    def _workers(self) -> int:
        with self.app.app_context():
            return db.session.scalar(select(func.count()).select_from(Worker)) or 0

    def _furnish(self, people: int) -> None:
        session = db.session()
        author = new_person("author@example.com", "Author", administrator=True)
        session.add(author)
        session.flush()
        app = add_app(session, author, "Leads")
        record = add_record(session, author, app, "ACME renewal", "Three years, 40 seats.").thing
        assert (author.id, app.id, record.id) == (1, 1, 1)
        session.flush()
        while expand_next(session):
            pass
        for first in range(0, people, _AT_ONCE):
            self._add_people(first, min(people, first + _AT_ONCE))
        session.commit()

    def _add_people(self, first: int, last: int) -> None:
        now = clock.now()
        numbers = range(first + 2, last + 2)
        db.session.execute(insert(Person), [_person(number, now) for number in numbers])
        db.session.execute(insert(Preference), [_choice(number, now) for number in numbers])


def _comment(session: Session) -> None:
    author = session.get_one(Person, 1)
    app = find_app(session, author, 1)
    record = find_record(session, app, 1) if app else None
    assert app
    assert record
    add_comment(session, author, app, record, COMMENT)


def _person(number: int, now: Any) -> dict[str, Any]:
    return {
        "id": number,
        "email": f"person{number}@example.com",
        "name": f"Person {number}",
        "active": True,
        "is_administrator": False,
        "fs_uniquifier": f"{number:032x}",
        "created_at": now,
    }


def _choice(number: int, now: Any) -> dict[str, Any]:
    return {
        "person_id": number,
        "receive": "all",
        "kinds": FIRST_CHOICE,
        "format": "html",
        "chosen_at": now,
    }
