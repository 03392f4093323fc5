"""Taking a person out of the audit log and of what happened."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from sysmail.audit import FORMER_USER, Entry
from sysmail.events import Event
from sysmail.leaving.known import Known
from sysmail.leaving.slices import last_id

_ENTRIES, _EVENTS = 1000, 300


def clear_entries(session: Session, known: Known, position: int, _captured: Path) -> int | None:
    """Entries by the person, and those that name them."""
    last = last_id(session, Entry.id, position, _ENTRIES)
    if last is None:
        return None
    theirs = or_(Entry.actor_id == known.person_id, known.stands_in(Entry.details))
    within = (Entry.id > position, Entry.id <= last)
    for entry in session.scalars(select(Entry).where(*within, theirs)):
        if entry.actor_id == known.person_id:
            entry.actor_name = FORMER_USER
        entry.details = known.details(entry.details)
    return last


def clear_events(session: Session, known: Known, position: int, _captured: Path) -> int | None:
    """What mails and the bell tell: who did it, whom it mentions, audit entries once more.

    An event's snapshot never changes, but for this.
    """
    last = last_id(session, Event.id, position, _EVENTS)
    if last is None:
        return None
    mentions = [f"@{name}" for name in known.names]
    theirs = or_(Event.actor_id == known.person_id, known.stands_in(Event.snapshot, *mentions))
    within = (Event.id > position, Event.id <= last)
    for event in session.scalars(select(Event).where(*within, theirs)):
        _clear(event, known)
    return last


def _clear(event: Event, known: Known) -> None:
    snapshot = dict(event.snapshot)
    if "details" in snapshot:
        snapshot["details"] = known.details(snapshot["details"])
    if known.person_id in snapshot.get("mentioned", []):
        snapshot["text"] = known.without_mentions(snapshot["text"])
    if event.actor_id == known.person_id and "actor" in snapshot:
        snapshot["actor"] = FORMER_USER
    event.snapshot = known.without_addresses(snapshot)
