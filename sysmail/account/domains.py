"""Recipient domains that wait: direct delivery's trouble reaches no further than its domain."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from sysmail.account.models import DomainWait
from sysmail.account.schedule import Dice, jittered
from sysmail.config import Config


def waiting_domains(session: Session, now: datetime) -> set[str]:
    """Recipient domains not to be tried now."""
    return set(session.scalars(select(DomainWait.domain).where(DomainWait.until > now)))


def clear_domain(session: Session, domain: str) -> None:
    """A server of the domain answered for itself: it waits no longer."""
    session.execute(delete(DomainWait).where(DomainWait.domain == domain))


def domain_waits(
    session: Session, config: Config, domain: str, cause: str, now: datetime, dice: Dice
) -> None:
    """The domain's next wait by SYSMAIL_RETRY_SCHEDULE; one that still waits is left alone."""
    wait = session.get(DomainWait, domain, populate_existing=True, with_for_update=True)
    if wait is None:
        wait = DomainWait(domain=domain, cause=cause, waits=0, until=now)
        session.add(wait)
    if wait.waits and wait.until > now:
        return
    wait.cause = cause
    wait.until = now + jittered(config.retry_schedule, wait.waits, dice)
    wait.waits += 1


def end_domain_waits(session: Session, now: datetime) -> None:
    """Every domain may be tried again at once; how often it waited stays known."""
    session.execute(update(DomainWait).values(until=now))


def forget_domains(session: Session) -> None:
    session.execute(delete(DomainWait))
