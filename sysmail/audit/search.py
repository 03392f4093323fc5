"""Finding entries of the audit log."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, select

from sysmail.audit.entry import Entry


def search(action: str = "", person: str = "", since: datetime | None = None) -> Select[Entry]:
    """Entries of one action, by people whose name holds `person`, from `since` on."""
    statement = select(Entry)
    if action:
        statement = statement.where(Entry.action == action)
    if person:
        statement = statement.where(Entry.actor_name.icontains(person, autoescape=True))
    if since:
        statement = statement.where(Entry.at >= since)
    return statement
