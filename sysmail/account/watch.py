"""The daily look at the account's mail server: when it is due, and what it found."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, Session, mapped_column

from sysmail.account.account import EXTERNAL, current
from sysmail.account.health import ACTIVE, health, is_waiting
from sysmail.account.models import Account, Health
from sysmail.db import Base, UtcTime

EVERY = timedelta(days=1)
SOON = timedelta(hours=1)


class Watch(Base):
    """One row (id 1), about the account's `version`. `cause`, `phase` and `words` tell the
    trouble the last look met, if any; `certificate_ends_at` is of the last handshake."""

    __tablename__ = "account_watch"

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int]
    next_at: Mapped[datetime] = mapped_column(UtcTime)
    looked_at: Mapped[datetime | None] = mapped_column(UtcTime)
    cause: Mapped[str | None] = mapped_column(String(40))
    phase: Mapped[str | None] = mapped_column(String(10))
    words: Mapped[str] = mapped_column(Text, default="")
    certificate_ends_at: Mapped[datetime | None] = mapped_column(UtcTime)


def watched(session: Session) -> Watch | None:
    """What is known of the account as it is stored now; None after a save, for a day."""
    row = session.get(Watch, 1, populate_existing=True)
    return row if row is not None and row.version == current(session).version else None


def begin_look(session: Session, now: datetime) -> bool:
    """Whether a look is due and the caller's to do; the next one is set a day ahead.

    An active account is looked at, once a day, where nothing else tells that it works: nothing
    was accepted for a day, or a certificate may be running out. After a save the first look
    comes a day later.
    """
    account = current(session)
    if not _may_look(account, health(session), now) or not _is_due(_next(session, account), now):
        return False
    row = session.get(Watch, 1, populate_existing=True, with_for_update=True)
    if row is None:
        row = Watch(id=1, version=0, next_at=now)
        session.add(row)
    elif row.version == account.version and not _is_due(row.next_at, now):
        return False
    if row.version != account.version:
        row.version, row.words = account.version, ""
        row.looked_at = row.cause = row.phase = row.certificate_ends_at = None
    row.next_at = now + EVERY
    session.flush()
    return True


def note_look(
    session: Session,
    version: int,
    now: datetime,
    trouble: tuple[str, str, str] | None,
    passes: bool,
    certificate_ends_at: datetime | None,
) -> None:
    """Writes what a look at that version of the account found: `trouble` is cause, phase and
    words. Trouble that passes is looked at again soon. It never pauses the account."""
    row = session.get(Watch, 1, populate_existing=True, with_for_update=True)
    if row is None or row.version != version:
        return
    row.looked_at = now
    row.cause, row.phase, row.words = trouble or (None, None, "")
    row.next_at = now + (SOON if trouble and passes else EVERY)
    if trouble is None:
        row.certificate_ends_at = certificate_ends_at


def _may_look(account: Account, state: Health, now: datetime) -> bool:
    if account.mail_server != EXTERNAL or state.state != ACTIVE or is_waiting(state, now):
        return False
    accepted = state.last_accepted_at
    is_idle = accepted is None or now - accepted >= EVERY
    return is_idle or account.encryption != "plain"


def _next(session: Session, account: Account) -> datetime:
    row = session.get(Watch, 1, populate_existing=True)
    is_known = row is not None and row.version == account.version
    return row.next_at if row is not None and is_known else account.changed_at + EVERY


def _is_due(at: datetime, now: datetime) -> bool:
    """A time that a wrong clock put too far ahead counts as past."""
    return at <= now or at > now + 2 * EVERY
