"""An instance with mail to send, a scripted server to send it to, and workers to kill.

with battlefield(folder, mails=40) as field:
    field.worker(kill_at="before_dot:3").await_end()
    field.finish()
    assert_settled(field.session, field.server, kills=1)
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sysmail.db import db
from sysmail.outbox import Delivery, State
from sysmail.people import new_person
from tests.support.instance import make_app
from tests.support.killpoints import WorkerProcess
from tests.support.post_office import add_news, add_people, use_server
from tests.support.processes import wait_for
from tests.support.smtpd import ScriptedSmtp


@dataclass
class Battlefield:
    app: Flask
    session: Session
    server: ScriptedSmtp
    environ: dict[str, str]
    folder: Path
    log: Path
    workers: list[WorkerProcess] = field(default_factory=list)

    def worker(self, drain: bool = False, **how: Any) -> WorkerProcess:
        """As WorkerProcess has it."""
        self.workers.append(WorkerProcess(self.environ, drain, log=self.log, **how))
        return self.workers[-1]

    def count(self, *states: State) -> int:
        """Deliveries in these states; in all without any."""
        self.session.rollback()
        found = select(func.count(Delivery.id))
        return self.session.scalar(found.where(Delivery.state.in_(states or list(State)))) or 0

    def await_count(self, number: int, *states: State, seconds: float = 30) -> None:
        what = f"{number} deliveries {states}"
        wait_for(lambda: self.count(*states) >= number or None, seconds, what, self.log)

    def finish(self, seconds: float = 30, is_hasty: bool = False) -> None:
        """An honest worker that runs until everything is sent."""
        self.server.honest()
        last = self.worker(is_hasty=is_hasty)
        try:
            wait_for(self._all_sent, seconds, "everything to be sent", self.log)
        finally:
            last.signal(15)
            last.await_end()

    def _all_sent(self) -> bool:
        mails = self.count()
        return mails > 0 and self.count(State.SENT) == mails


@contextmanager
def battlefield(folder: Path, mails: int, **settings: str) -> Iterator[Battlefield]:
    """One event to so many people, not yet expanded, and no worker."""
    settings = {"UNCERTAIN_WAIT": "1s", "UNCERTAIN_TRIES": "100", **settings}
    app = make_app(folder, **settings)
    environ = {f"SYSMAIL_{name}": value for name, value in settings.items()}
    environ |= {"SYSMAIL_INSTANCE": str(folder), "SYSMAIL_BUILTIN": "capture"}
    with ScriptedSmtp() as server, app.app_context():
        session = db.session()
        add_people(session, mails)
        author = new_person("author@example.com", "Author")
        session.add(author)
        session.commit()
        use_server(app, server)
        add_news(session, author)
        found = Battlefield(app, session, server, environ, folder, folder.parent / "workers.log")
        try:
            yield found
        finally:
            for worker in found.workers:
                worker.kill()
            session.rollback()
            db.engine.dispose()
