"""System information: since when this installation exists, and how it is doing."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import version

from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from sysmail import account, clock, notifications, outbox
from sysmail.db import db
from sysmail.outbox import Worker
from sysmail.people import Installation
from sysmail.web import here, kit
from sysmail.web.administration.blueprint import blueprint
from sysmail.web.administration.storage import storage
from sysmail.web.failures.sums import state_url

_ALIVE = timedelta(seconds=30)
_WORKERS_SHOWN = 20


@dataclass(frozen=True)
class Seen:
    """A worker as it was last seen; alive when that is at most 30 seconds ago."""

    worker: Worker
    is_alive: bool


@blueprint.get("/system")
@kit.administrator
def system() -> ResponseReturnValue:
    """One page of facts; what moves asks again every five seconds, and nothing is changed."""
    session = db.session()
    used = account.current(session)
    return kit.render_page(
        "administration/system.html",
        "now",
        installed_at=_installed_at(session),
        version=version("sysmail"),
        python=platform.python_version(),
        storage=storage(session),
        workers=_workers(session),
        pulse=outbox.pulse(session),
        ledger=notifications.ledger(session),
        ledger_url=state_url,
        kept_days=outbox.kept_days(session),
        account=used,
        sender=account.sender(used, here.config()),
        health=account.health(session),
    )


def _installed_at(session: Session) -> datetime | None:
    installation = session.get(Installation, 1)
    return installation.created_at if installation else None


def _workers(session: Session) -> list[Seen]:
    since = clock.now() - _ALIVE
    latest = select(Worker).order_by(Worker.seen_at.desc()).limit(_WORKERS_SHOWN)
    return [Seen(worker, worker.seen_at >= since) for worker in session.scalars(latest)]
