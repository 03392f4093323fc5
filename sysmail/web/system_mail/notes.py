"""Notes on Setting Up a System Email Address: written advice, and a live check of the sender."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Response
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from sysmail.account import (
    EXTERNAL,
    current,
    keys_of,
    sender,
    sender_domain,
    signs_here,
)
from sysmail.db import db
from sysmail.diagnosis import SENDER_JOB, DnsLine, Topic, read_topics, sender_question
from sysmail.jobs import LOST, Job, ask
from sysmail.outbox import worker_alive
from sysmail.web import here, kit
from sysmail.web.system_mail.blueprint import blueprint
from sysmail.web.throttle import Throttle

_CHECKS = Throttle("sender_checks", "5 per minute; 30 per hour")


@dataclass(frozen=True)
class Check:
    """The last check of the sender. `state` never | waiting | running | done | lost.

    `address` is what it was about; `fits` says that it is still the address in use.
    """

    state: str
    topics: list[Topic]
    at: datetime | None
    address: str
    fits: bool
    has_worker: bool

    @property
    def is_moving(self) -> bool:
        return self.state in ("waiting", "running")

    @property
    def severity(self) -> str:
        """The worst of all topics."""
        found = {topic.severity for topic in self.topics}
        return "problem" if "problem" in found else "advice" if "advice" in found else "ok"


@blueprint.get("/system-mail/notes", endpoint="notes")
@kit.administrator
def notes() -> ResponseReturnValue:
    """The notes, with the address in use as their example."""
    return _page()


@blueprint.get("/system-mail/notes/sender")
@kit.administrator
def sender_check() -> ResponseReturnValue:
    """What the page's block asks while a check runs."""
    return _page("sender")


@blueprint.post("/system-mail/notes/sender")
@kit.administrator
def check_sender() -> ResponseReturnValue:
    """Asks the worker to look at the DNS now."""
    _CHECKS.count(str(here.me().id))
    session = db.session()
    asked = sender_question(session, here.config())
    ask(session, here.vault(), SENDER_JOB, asked, here.me().id)
    session.commit()
    return kit.see_other("system_mail.notes", _anchor="sender")


def _page(*blocks: str) -> Response:
    session, config = db.session(), here.config()
    account = current(session)
    domain = sender_domain(account, config)
    keys = keys_of(session, domain)
    return kit.render_page(
        "system_mail/notes.html",
        *blocks,
        address=sender(account, config),
        domain=domain,
        installation=config,
        check=_last_check(session),
        keys=[(key, DnsLine(key.place, key.value)) for key in keys],
        states={key.state for key in keys},
        is_external=account.mail_server == EXTERNAL,
        signs=signs_here(account),
    )


def _last_check(session: Session) -> Check:
    job = session.scalar(select(Job).where(Job.kind == SENDER_JOB).order_by(Job.id.desc()).limit(1))
    if job is None:
        return Check("never", [], None, "", True, True)
    about = job.report.get("about", {})
    account, config = current(session), here.config()
    mode = "external" if account.mail_server == EXTERNAL else config.builtin
    now = {"address": sender(account, config), "mode": mode}
    return Check(
        state="lost" if LOST in job.report else job.state,
        topics=read_topics(job.report),
        at=job.ended_at,
        address=about.get("address", ""),
        fits=not about or now.items() <= about.items(),
        has_worker=worker_alive(session),
    )
