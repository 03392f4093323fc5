"""A history with some days behind it, and retries of many in each of their states."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.events import Event
from sysmail.notifications import Notification, ledger
from sysmail.outbox import Filters, HistoryDay, Posted, Resend

_ACCEPTED = (310, 402, 388, 0, 12, 455, 420, 398, 377, 102, 0, 421, 440, 205)
_TROUBLED = (2, 0, 5, 0, 0, 1, 60, 3, 0, 0, 0, 4, 2, 14)
_FAILED = 143


def make_days(session: Session) -> None:
    """Two weeks, one bad day among them."""
    today = clock.now().date()
    for ago, (accepted, troubled) in enumerate(zip(_ACCEPTED, _TROUBLED, strict=True)):
        day = today - timedelta(days=len(_ACCEPTED) - 1 - ago)
        session.merge(HistoryDay(day=day, accepted=accepted, troubled=troubled))
    session.commit()


def make_history(session: Session, person_id: int) -> dict[str, int]:
    """The ids of the retries by the name of their place, such as "retry_done"."""
    make_days(session)
    event = Event(
        kind="comment_posted", created_at=clock.now(), expanded_at=clock.now(), snapshot={}
    )
    session.add(event)
    session.flush()
    session.add(
        Notification(event_id=event.id, person_id=person_id, because="follows", skip="own_action")
    )
    found = {f"retry_{state}": _resend(session, state) for state in ("done", "cancelled")}
    session.commit()
    return found


def balance(session: Session) -> None:
    """Counts what was put into the tables by hand, as if it had been posted."""
    posted = session.get(Posted, 1) or Posted(id=1, count=0)
    posted.count -= ledger(session).difference
    session.add(posted)
    session.commit()


def running(session: Session) -> Resend:
    """One that is half way through."""
    return session.get_one(Resend, _resend(session, "running"))


def _resend(session: Session, state: str) -> int:
    part = _FAILED if state == "done" else 60
    asked = Resend(
        state=state,
        asked_by="Alice Archer",
        asked_at=clock.now(),
        filters=Filters(state="failed").as_json(),
        expected=_FAILED,
        resent=part - 6,
        dropped=4,
        passed_over=2,
    )
    session.add(asked)
    session.flush()
    return asked.id
