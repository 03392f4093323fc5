"""What the daily look saw coming, or found broken while nobody noticed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from sysmail.account.account import EXTERNAL, current
from sysmail.account.health import ACTIVE, health
from sysmail.account.models import Account, Health
from sysmail.account.watch import Watch, watched

# Most certificates are renewed by themselves about a month before they end.
_AHEAD = timedelta(days=14)


@dataclass(frozen=True)
class Concern:
    """`kind` certificate (the mail server's own runs out) | login (the look met trouble: `cause`,
    `words`). `at` is when it ends, or when the look was."""

    kind: str
    at: datetime
    host: str
    cause: str = ""
    words: str = ""


def concerns(session: Session, now: datetime) -> list[Concern]:
    """The most urgent first; nothing with the built-in server or while the account is paused."""
    account, state, row = current(session), health(session), watched(session)
    if account.mail_server != EXTERNAL or state.state != ACTIVE or row is None:
        return []
    found = [*_met(account, state, row), *_ending(account, row, now)]
    return sorted(found, key=lambda concern: concern.at)


def _met(account: Account, state: Health, row: Watch) -> Iterator[Concern]:
    """What was accepted since the look shows that its trouble has passed."""
    if row.cause is None or row.looked_at is None:
        return
    if state.last_accepted_at is None or state.last_accepted_at < row.looked_at:
        yield Concern("login", row.looked_at, account.smtp_host, row.cause, row.words)


def _ending(account: Account, row: Watch, now: datetime) -> Iterator[Concern]:
    """A pinned certificate is told of where its trust is set."""
    ends = row.certificate_ends_at
    if ends is not None and ends - now <= _AHEAD and not account.trust_fingerprint:
        yield Concern("certificate", ends, account.smtp_host)
