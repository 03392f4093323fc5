"""The audit log: who did what and when; an entry may be news for administrators."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from sysmail import clock
from sysmail.audit.former import Name
from sysmail.db import Base, Id, UtcTime
from sysmail.events import AUDIT_LOG_ADDED, Snapshot, Subject, publish

_SILENT = (
    "sign_in_failed",
    "throttled",
    "reset_asked_for",
    "mail_trouble",
    "signed_in",
    "signed_out",
    "backup_restored",
)


@dataclass(frozen=True)
class Actor:
    """Who did it, as known at that moment; id None for the installation itself."""

    id: int | None
    name: str


SYSTEM = Actor(None, "Sysmail")


class Entry(Base):
    """One line of the audit log. `details` holds plain values, never a secret."""

    __tablename__ = "audit_entry"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcTime)
    action: Mapped[str] = mapped_column(String(40), index=True)
    actor_id: Mapped[int | None] = mapped_column(Id, index=True)
    actor_name: Mapped[str] = mapped_column(Name)
    details: Mapped[dict[str, Any]] = mapped_column(JSON)


def record(session: Session, action: str, actor: Actor, details: dict[str, Any]) -> Entry:
    """Writes the entry and publishes audit_log_added.

    What anybody outside could provoke (failed sign-ins, throttles, resets asked for), plain
    sign-ins and mail trouble are entries without an event, so that nobody can fill an
    administrator's mailbox. So is a restore, since it mails nothing by itself.
    """
    entry = Entry(
        at=clock.now(),
        action=action,
        actor_id=actor.id,
        actor_name=actor.name[:200],
        details=details,
    )
    session.add(entry)
    session.flush()
    if action not in _SILENT:
        _publish(session, entry)
    return entry


def _publish(session: Session, entry: Entry) -> None:
    snapshot = Snapshot(
        {"action": entry.action, "actor": entry.actor_name, "details": entry.details}
    )
    subject = Subject(entry_id=entry.id)
    publish(session, AUDIT_LOG_ADDED, entry.actor_id, subject, snapshot)
