"""The truth about now: the state of the account in one sentence, and the one thing to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from urllib.parse import urlsplit

from flask import g, request
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.account import (
    EXTERNAL,
    PAUSED,
    Account,
    Health,
    connections,
    current,
    health,
    is_waiting,
    uses_oauth,
)
from sysmail.config import Config
from sysmail.diagnosis import Explanation, explain
from sysmail.outbox import Delivery, State, worker_alive
from sysmail.smtp import is_loopback_host
from sysmail.web.host import ASKED_FOR
from sysmail.web.times import relative
from sysmail.words import _, ngettext

_COUNTED = 1000


@dataclass(frozen=True)
class Status:
    """How the account is. `kind` paused | stopped (no worker) | waiting | active.

    `waiting` says in words how many mails wait; it is asked for only when something is wrong.
    `pace` says that fewer connections than usual are used, "" where all are.
    """

    kind: str
    has_worker: bool
    health: Health
    account: Account
    builtin: str
    explanation: Explanation | None
    waiting: str
    pace: str

    @property
    def is_external(self) -> bool:
        return self.account.mail_server == EXTERNAL

    @property
    def next_at(self) -> datetime | None:
        """When the account is tried again by itself."""
        return self.health.next_probe_at if self.kind == PAUSED else self.health.waits_until

    @property
    def mark(self) -> str:
        """The same for as long as a page that shows it reads the same."""
        now, health = clock.now(), self.health
        times = (health.since, self.next_at, health.last_accepted_at)
        read = [relative(moment, now) if moment else "" for moment in times]
        said = (self.kind, self.has_worker, health.cause, health.words, health.last_accepted_host)
        shown = (*said, self.account.smtp_host, self.waiting, self.pace, *read)
        return blake2b(repr(shown).encode(), digest_size=8).hexdigest()


def shown_status(session: Session, config: Config) -> Status:
    """The account's state as one page shows it: read once for its banner and its content."""
    if "account_status" not in g:
        g.account_status = account_status(session, config)
    shown: Status = g.account_status
    return shown


def account_status(session: Session, config: Config) -> Status:
    """The account's state as it is now."""
    account, state = current(session), health(session)
    has_worker = worker_alive(session)
    kind = kind_of(state, has_worker)
    return Status(
        kind=kind,
        has_worker=has_worker,
        health=state,
        account=account,
        builtin=config.builtin,
        explanation=_explanation(config, account, state) if state.cause else None,
        waiting="" if kind == "active" else _waiting(session),
        pace=_pace(state, config.delivery_connections),
    )


def kind_of(state: Health, has_worker: bool) -> str:
    """That of `Status`."""
    if state.state == PAUSED:
        return PAUSED
    if not has_worker:
        return "stopped"
    return "waiting" if is_waiting(state, clock.now()) else "active"


def _explanation(config: Config, account: Account, state: Health) -> Explanation:
    external = account.mail_server == EXTERNAL
    relay = config.builtin_relay[0] if config.builtin_relay else ""
    return explain(
        state.cause,
        host=account.smtp_host if external else relay,
        words=state.words,
        mode="external" if external else config.builtin,
        by_token=uses_oauth(account),
    )


def _waiting(session: Session) -> str:
    """How many mails wait, in words; counting stops at 1,000."""
    waits = select(Delivery.id).where(Delivery.state == State.QUEUED).limit(_COUNTED + 1)
    count = session.scalar(select(func.count()).select_from(waits.subquery())) or 0
    if count > _COUNTED:
        return _("More than 1,000 mails wait, none is lost.")
    if count == 0:
        return _("No mail waits.")
    return ngettext("%(num)s mail waits, none is lost.", "%(num)s mails wait, none is lost.", count)


def _pace(state: Health, size: int) -> str:
    used = connections(state, size)
    if used == size:
        return ""
    return _(
        "The mail server asked for fewer mails at a time: of %(size)s connections %(used)s may be "
        "used, and one more every five minutes while mail is accepted.",
        size=size,
        used=used,
    )


def public_url_advice(config: Config) -> str:
    """Whether links in mails will lead anywhere; empty when nothing is wrong."""
    public = urlsplit(config.public_url)
    asked = urlsplit(request.environ.get(ASKED_FOR, ""))
    if is_loopback_host(public.hostname or ""):
        return _(
            "Links in mails begin with %(url)s, which only this machine can open. Set "
            "SYSMAIL_PUBLIC_URL to the address people use.",
            url=config.public_url,
        )
    if asked.netloc and asked.netloc.lower() != public.netloc.lower():
        return _(
            "Links in mails begin with %(url)s, but you opened this page at %(asked)s. If that is "
            "the address people use, set SYSMAIL_PUBLIC_URL to it.",
            url=config.public_url,
            asked=asked.netloc,
        )
    return ""
