"""Mails that quiet hours held go at once when the hours end early."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, update
from sqlalchemy.orm import Session

from sysmail.outbox import Delivery, Priority, State


def release_held(session: Session, person_id: int, now: datetime, end: datetime) -> int:
    """Makes due what waits though no try of it failed, or for the `end` of the quiet hours; what
    a server put off otherwise keeps its time.

    Returns how many mails that was.
    """
    held = (
        Delivery.person_id == person_id,
        Delivery.state == State.QUEUED.value,
        Delivery.priority.in_((Priority.NOTIFICATION, Priority.SUMMARY)),
        or_(Delivery.trouble_at.is_(None), Delivery.due_at == end),
        Delivery.due_at > now,
    )
    moved = session.connection().execute(update(Delivery).where(*held).values(due_at=now))
    return moved.rowcount
