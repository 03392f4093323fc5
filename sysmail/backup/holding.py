"""After a restore nothing goes by itself: everything unsent, and untold, becomes held mail."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from sysmail import outbox
from sysmail.events import Event
from sysmail.notifications import expand_next, hold_summaries
from sysmail.outbox import Worker

_GUARDED = datetime(1970, 1, 1, tzinfo=UTC)


def hold_everything(session: Session) -> tuple[int, int]:
    """Holds what was queued, sending or uncertain, what waited in summaries, and what unexpanded
    events would have mailed.

    How many events were expanded, and how many deliveries are held now. Commits in between:
    begun again it goes on where it was. The workers of the backup's time are struck off.
    """
    outbox.hold_unsent(session)
    session.execute(delete(Worker))
    session.commit()
    waiting = or_(Event.expanded_at.is_(None), Event.expanded_at == _GUARDED)
    _hold_summaries(session)
    events = session.scalars(select(Event.id).where(waiting).order_by(Event.id)).all()
    for event_id in events:
        _expand_held(session, event_id)
        session.commit()
    return len(events), outbox.held_count(session)


def _expand_held(session: Session, event_id: int) -> None:
    """In one transaction, so that no worker sees its deliveries before they are held."""
    session.execute(update(Event).where(Event.id == event_id).values(expanded_at=None))
    of_it = select(Event.expanded_at).where(Event.id == event_id)
    while session.scalar(of_it) is None and expand_next(session):
        pass
    outbox.hold_unsent(session, event_id)
    while hold_summaries(session):
        pass


def _hold_summaries(session: Session) -> None:
    """What waited in summaries, due or not, a slice at a time."""
    while hold_summaries(session):
        session.commit()
