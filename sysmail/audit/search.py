"""Finding entries of the audit log."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, or_, select

from sysmail.audit.entry import Entry


def search(action: str = "", person: str = "", since: datetime | None = None) -> Select[Entry]:
    """Entries of one action, from `since` on, done by or to people whose name or address
    holds `person`.
    """
    statement = select(Entry)
    if action:
        statement = statement.where(Entry.action == action)
    if person:
        named = (Entry.actor_name, *(Entry.details[key].as_string() for key in ("name", "email")))
        statement = statement.where(
            or_(*(text.icontains(person, autoescape=True) for text in named))
        )
    if since:
        statement = statement.where(Entry.at >= since)
    return statement
