"""The long run's hands: mail that keeps coming, workers that keep dying, and what was seen."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from statistics import quantiles

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sysmail import config as configuration
from sysmail import create_app
from sysmail.db import db
from sysmail.events import RECORD_ADDED, Event
from sysmail.outbox import Delivery, State, points
from sysmail.outbox.journal import read
from sysmail.people import Person, new_person
from sysmail.portal import App, add_app, add_record
from tests.support.instance import make_app
from tests.support.killpoints import FORKS, WorkerProcess
from tests.support.post_office import add_people, use_server
from tests.support.smtp_script import Delay
from tests.support.smtpd import ScriptedSmtp

PEOPLE = 100
_BACKLOG = 150


@dataclass
class Run:
    """One database under fire."""

    app: Flask
    session: Session
    server: ScriptedSmtp
    environ: dict[str, str]
    log: Path
    dice: Random
    events: int = 0
    kills: int = 0
    kills_of_web: int = 0
    in_window: set[int] = field(default_factory=set)
    moved_after: list[float] = field(default_factory=list)
    killed_at: float | None = None

    @property
    def mails(self) -> int:
        return self.events * PEOPLE

    def publish(self) -> None:
        """One event to everybody; now and then its process is killed on the way, and what it had
        not been told is kept is posted again."""
        heard, told = FORKS.Pipe(duplex=False)
        web = FORKS.Process(target=_publish, args=(self.environ, told), daemon=True)
        web.start()
        told.close()
        if self.dice.random() < 0.1:
            heard.poll(self.dice.uniform(0.05, 0.3))
            web.kill()
            self.kills_of_web += 1
        with suppress(EOFError):
            heard.recv()
            self.events += 1
        web.join()
        self.session.rollback()
        published = select(func.count(Event.id)).where(Event.kind == RECORD_ADDED.name)
        found = self.session.scalar(published) or 0
        assert found in (self.events, self.events + 1), "an acknowledged event is missing"
        self.events = found

    def kill_one(self) -> None:
        """A worker starts, mail moves, the worker dies: somewhere, or at a named point."""
        point = self.dice.choice(points.POINTS)
        at_point = f"{point}:{self.dice.randint(1, 12)}" if self.dice.random() < 0.5 else ""
        worker = WorkerProcess(self.environ, kill_at=at_point, log=self.log)
        self._watch(worker, 1.0 if at_point else 60.0, until_mail=not at_point)
        worker.await_end_for(self.dice.uniform(0, 0.25))
        worker.kill()
        self.kills += 1
        self._note(worker)

    def finish(self, seconds: float) -> None:
        """An honest worker until nothing is to go."""
        self.server.honest()
        worker = WorkerProcess(self.environ, log=self.log)
        until = time.monotonic() + seconds
        while self.unsent() and time.monotonic() < until:
            worker.await_end_for(0.2)
        worker.signal(15)
        worker.await_end()

    def unsent(self) -> int:
        """Mails that are still to go, those of events not yet expanded included."""
        self.session.rollback()
        ended = Delivery.state.in_((State.SENT, State.FAILED))
        return self.mails - (self.session.scalar(select(func.count(Delivery.id)).where(ended)) or 0)

    def needs_mail(self) -> bool:
        return self.unsent() < _BACKLOG

    def times(self) -> tuple[float, float, float]:
        """Median, 99th percentile and longest, in seconds, from a kill to the next mail."""
        if len(self.moved_after) < 2:
            return (0.0, 0.0, 0.0)
        cuts = quantiles(self.moved_after, n=100, method="inclusive")
        return cuts[49], cuts[98], max(self.moved_after)

    def _watch(self, worker: WorkerProcess, seconds: float, until_mail: bool) -> None:
        """Until it dies, or mail moves if that is enough; notes how long after the last kill."""
        until, seen, has_moved = time.monotonic() + seconds, len(self.server.ledger), False
        while worker.is_alive and time.monotonic() < until and not (has_moved and until_mail):
            worker.await_end_for(0.01)
            if not has_moved and len(self.server.ledger) > seen:
                has_moved = True
                self._moved()
        assert has_moved or not until_mail, "no mail moved within a minute of the last kill"

    def _moved(self) -> None:
        if self.killed_at is not None:
            self.moved_after.append(time.monotonic() - self.killed_at)
            self.killed_at = None

    def _note(self, worker: WorkerProcess) -> None:
        """When it died, and which dots it had left without an answer."""
        self.killed_at = self.killed_at or time.monotonic()
        folder = Path(self.environ["SYSMAIL_INSTANCE"]) / "journals"
        for path in folder.glob(f"*-{worker.pid}-*.journal"):
            known = read(folder, path.stem) or {}
            self.in_window |= {number for (number, _), one in known.items() if one.code is None}


@contextmanager
def under_fire(folder: Path, seed: int, **settings: str) -> Iterator[Run]:
    """People, an app and a server that answers after a moment, so that dots are under way."""
    settings = {"UNCERTAIN_WAIT": "1s", "UNCERTAIN_TRIES": "100", **settings}
    app = make_app(folder, **settings)
    environ = {f"SYSMAIL_{name}": value for name, value in settings.items()}
    environ |= {"SYSMAIL_INSTANCE": str(folder), "SYSMAIL_BUILTIN": "capture"}
    with ScriptedSmtp(extensions=("PIPELINING",)) as server, app.app_context():
        session = db.session()
        add_people(session, PEOPLE)
        author = new_person("author@example.com", "Author")
        session.add(author)
        session.flush()
        add_app(session, author, "News")
        session.commit()
        server.script("dot", Delay(0.01))
        use_server(app, server)
        log = folder.parent / f"{folder.name}.log"
        try:
            yield Run(app, session, server, environ, log, Random(seed))
        finally:
            session.rollback()
            db.engine.dispose()


def _publish(environ: dict[str, str], told: object) -> None:
    app = create_app(configuration.load(environ))
    with app.app_context():
        session = db.session()
        author = session.scalars(select(Person).where(Person.name == "Author")).one()
        place = session.scalars(select(App)).one()
        add_record(session, author, place, "News", "All is well.")
        session.commit()
    told.send("kept")  # type: ignore[attr-defined]
