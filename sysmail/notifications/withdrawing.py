"""Withdrawing at once what nobody wants or may have any more.

The claim asks again in any case; this is so that the numbers and the history are true before.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, null, select, update
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.events import Event
from sysmail.notifications.items import drop_waiting
from sysmail.notifications.objection import objection
from sysmail.notifications.summary import Summary
from sysmail.outbox import Delivery, State


def withdraw_for(session: Session, person_id: int) -> int:
    """After a person's choice or rights changed: their queued mail that may not go now, and what
    waits in the summary that fills.

    Returns how many mails, and things in the summary, that was.
    """
    withdrawn = _withdraw(session, Delivery.person_id == person_id)
    return withdrawn + drop_waiting(session, Summary.person_id == person_id)


def withdraw_about(
    session: Session,
    *,
    app_id: int | None = None,
    record_id: int | None = None,
    comment_id: int | None = None,
) -> None:
    """After a deletion or a change of members: queued mail about it that may not go now."""
    wanted = {"app_id": app_id, "record_id": record_id, "comment_id": comment_id}
    about = [getattr(Event, name) == value for name, value in wanted.items() if value is not None]
    _withdraw(session, Delivery.event_id.in_(select(Event.id).where(*about)))
    drop_waiting(session, *about)


def _withdraw(session: Session, which: ColumnElement[bool]) -> int:
    session.flush()
    reason = objection()
    withdrawn = session.connection().execute(
        update(Delivery)
        .where(Delivery.state == State.QUEUED.value, which, reason.is_not(None))
        .values(
            state=State.WITHDRAWN.value,
            reason=reason,
            settled_at=clock.now(),
            snapshot=null(),
        )
    )
    return withdrawn.rowcount
