"""Waits of the account that a wrong clock put too far ahead."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from sysmail.account.models import DomainWait, Health
from sysmail.account.schedule import JITTER
from sysmail.config import Config

LONGEST_HINT = timedelta(days=1)
_SKEW = timedelta(minutes=1)


def longest_wait(config: Config) -> timedelta:
    """The longest that SYSMAIL_RETRY_SCHEDULE can ask for."""
    return max(config.retry_schedule) * (1 + JITTER)


def pull_back_waits(session: Session, config: Config, now: datetime) -> None:
    """Ends what would last longer than any schedule asks for."""
    wait = now + max(longest_wait(config), LONGEST_HINT)
    probe = now + max(*config.probe_schedule, LONGEST_HINT)
    found = session.get(Health, 1)
    if found is not None and _is_after(found.waits_until, wait):
        found.waits_until = now
    if found is not None and _is_after(found.next_probe_at, probe):
        found.next_probe_at = now
    if found is not None and _is_after(found.slowed_at, now + _SKEW):
        found.slowed_at = now
    if session.scalar(select(DomainWait.domain).where(DomainWait.until > wait).limit(1)):
        session.execute(update(DomainWait).where(DomainWait.until > wait).values(until=now))


def _is_after(at: datetime | None, limit: datetime) -> bool:
    return at is not None and at > limit
