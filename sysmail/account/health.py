"""Whether the account can send: three behaviours for three kinds of trouble.

config × account pauses until a probe succeeds; transient × account makes the whole account
wait; domain scope makes one recipient domain wait. No function here charges a delivery a try.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.account.domains import domain_waits, end_domain_waits, forget_domains
from sysmail.account.models import Account, Health
from sysmail.account.pace import forget_pace, slow_down
from sysmail.account.quota import window_ends
from sysmail.account.schedule import DICE, Dice, jittered, step
from sysmail.audit import SYSTEM, Actor, record
from sysmail.config import Config
from sysmail.smtp import Phase

ACTIVE = "active"
PAUSED = "paused"


@dataclass(frozen=True)
class Incident:
    """One failed try as the verdict sees it.

    `klass` transient | permanent | config, `scope` message | domain | account (smtp.judge,
    which has already asked for a second recipient domain where one alone proves nothing).
    `version` is the account's version the try was made with, `hint` the server's "try again in".
    """

    klass: str
    scope: str
    cause: str
    phase: str
    words: str = ""
    host: str = ""
    recipient_domain: str = ""
    version: int | None = None
    hint: timedelta | None = None


def health(session: Session) -> Health:
    """The state for reading; on a new installation active since now."""
    return session.get(Health, 1) or _fresh()


def blocked(health: Health, now: datetime) -> bool:
    """No ordinary mail may be tried now; a due probe may."""
    return health.state == PAUSED or is_waiting(health, now)


def is_waiting(health: Health, now: datetime) -> bool:
    """Transient trouble of the whole account: nothing is tried before `waits_until`."""
    return health.waits_until is not None and health.waits_until > now


def tries_alone(health: Health) -> bool:
    """After a wait one connection tries first, until something is accepted."""
    return health.state == ACTIVE and health.waits > 0


def probe_due(health: Health, now: datetime) -> bool:
    """Paused, and it is time to repeat the phase that failed."""
    due = health.next_probe_at
    return health.state == PAUSED and due is not None and due <= now


def note_accepted(session: Session, host: str, now: datetime, encrypted: bool = False) -> None:
    """A mail was accepted by `host`: waits are over, and a paused account resumes."""
    row = _locked(session)
    _resume(session, row, now)
    row.last_accepted_at = now
    row.last_accepted_host = host[:255]
    if encrypted:
        row.encrypted_host = host[:255]
    elif row.encrypted_host == host[:255]:
        row.encrypted_host = ""


def accepts(health: Health, host: str, now: datetime) -> bool:
    """Whether it is noted already that `host` accepts mail: a second's difference is not worth
    a lock that every worker wants."""
    return (
        health.state == ACTIVE
        and health.waits == 0
        and health.last_accepted_host == host[:255]
        and health.last_accepted_at is not None
        and timedelta(0) <= now - health.last_accepted_at < timedelta(seconds=1)
    )


def note_reached(session: Session, now: datetime) -> None:
    """A probe got past the phase that failed, without sending anything: resumes."""
    _resume(session, _locked(session), now)


def note_trouble(
    session: Session, config: Config, trouble: Incident, now: datetime, dice: Dice = DICE
) -> None:
    """Applies what one failed try says about the account or the recipient's domain.

    Trouble of message scope, and trouble with settings that were replaced meanwhile, is not
    the account's.
    """
    if trouble.scope == "message" or _is_outdated(session, trouble):
        return
    if trouble.scope == "domain":
        domain_waits(session, config, trouble.recipient_domain, trouble.cause, now, dice)
    elif trouble.klass == "config":
        _pause(session, config, trouble, now)
    else:
        _account_waits(session, config, trouble, now, dice)


def probe_failed(session: Session, config: Config, trouble: Incident, now: datetime) -> None:
    """The probe met trouble: the next one by SYSMAIL_PROBE_SCHEDULE.

    Only trouble of the configuration changes the reason shown: a server that is down for
    once says nothing about the login it refused. Trouble of one domain in a later phase than
    the one that failed shows that this one works again.
    """
    row = _locked(session)
    if row.state != PAUSED or _is_outdated(session, trouble):
        return
    if trouble.scope == "domain" and _is_past(trouble.phase, row.phase):
        _resume(session, row, now)
        return
    if trouble.klass == "config" and trouble.scope == "account":
        _describe(row, trouble)
    row.probes += 1
    row.next_probe_at = _next_probe(config, row, trouble, now)


def try_now(session: Session, actor: Actor) -> None:
    """An administrator does not want to wait: every probe and wait is due at once."""
    row, now = _locked(session), clock.now()
    if row.state == PAUSED:
        row.next_probe_at = now
    if row.waits_until is not None:
        row.waits_until = now
    end_domain_waits(session, now)
    record(session, "mail_account_tried", actor, {"state": row.state, "cause": row.cause})


def start_anew(session: Session, now: datetime, changed: bool) -> None:
    """After a save nothing known about the old settings counts any more."""
    row = _locked(session)
    if changed or row.state == PAUSED:
        row.since = now
    if changed:
        row.last_accepted_at, row.last_accepted_host = None, ""
        forget_pace(row)
    _clear(row)
    forget_domains(session)


def _fresh() -> Health:
    now = clock.now()
    row = Health(id=1, since=now, last_accepted_at=None, last_accepted_host="", encrypted_host="")
    _clear(row)
    return row


def _locked(session: Session) -> Health:
    """The row as it is now, kept from other writers until the transaction ends."""
    row = session.get(Health, 1, populate_existing=True, with_for_update=True)
    if row is None:
        row = _fresh()
        session.add(row)
        session.flush()
    return row


def _clear(row: Health) -> None:
    row.state, row.cause, row.phase, row.words = ACTIVE, None, None, ""
    row.probes, row.next_probe_at = 0, None
    row.waits, row.waits_until = 0, None


def _resume(session: Session, row: Health, now: datetime) -> None:
    if row.state == PAUSED:
        details = {"change": "resumed", "cause": row.cause}
        record(session, "mail_trouble", SYSTEM, details)
        row.since = now
    if row.state == PAUSED or row.waits:
        _clear(row)


def _is_outdated(session: Session, trouble: Incident) -> bool:
    if trouble.version is None:
        return False
    version = session.scalar(select(Account.version).where(Account.id == 1))
    return version is not None and version != trouble.version


def _pause(session: Session, config: Config, trouble: Incident, now: datetime) -> None:
    row = _locked(session)
    if row.state == PAUSED:
        return
    _clear(row)
    _describe(row, trouble)
    row.state, row.since = PAUSED, now
    row.next_probe_at = _next_probe(config, row, trouble, now)
    details = {"change": "paused", "cause": trouble.cause, "host": trouble.host}
    record(session, "mail_trouble", SYSTEM, details)


def _account_waits(
    session: Session, config: Config, trouble: Incident, now: datetime, dice: Dice
) -> None:
    """Several connections may fail in one moment; the wait grows once."""
    row = _locked(session)
    if blocked(row, now):
        return
    _describe(row, trouble)
    row.waits_until = now + jittered(config.retry_schedule, row.waits, dice)
    row.waits += 1
    if trouble.cause == "sending_too_fast":
        slow_down(row, config.delivery_connections, now)


def _next_probe(config: Config, row: Health, trouble: Incident, now: datetime) -> datetime:
    """By the schedule; for a used-up quota not before its window ends, where that is told."""
    by_schedule = now + step(config.probe_schedule, row.probes)
    if row.cause != "quota_exceeded":
        return by_schedule
    ends = window_ends(row.words, trouble.hint, row.since, now)
    return ends if ends is not None and ends > now else by_schedule


def _is_past(phase: str, failed: str | None) -> bool:
    order = list(Phase)
    return failed is not None and order.index(Phase(phase)) > order.index(Phase(failed))


def _describe(row: Health, trouble: Incident) -> None:
    row.cause, row.phase, row.words = trouble.cause, trouble.phase, trouble.words
