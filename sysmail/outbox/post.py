"""Posting a single mail: in the caller's transaction, counted for the ledger."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.outbox.delivery import Delivery, Posted, State


def post(
    session: Session,
    kind: str,
    priority: int,
    address: str,
    name: str,
    person_id: int | None,
    snapshot: str,
    expires_at: datetime | None = None,
) -> Delivery:
    """Queues a test or account mail, due at once.

    `snapshot` is the sealed content; it is erased when the delivery is terminal.
    """
    now = clock.now()
    delivery = Delivery(
        kind=kind,
        state=State.QUEUED,
        priority=priority,
        address=address,
        name=name,
        person_id=person_id,
        created_at=now,
        due_at=now,
        expires_at=expires_at,
        snapshot=snapshot,
    )
    session.add(delivery)
    _count(session)
    session.flush()
    return delivery


def _count(session: Session) -> None:
    counted = update(Posted).where(Posted.id == 1).values(count=Posted.count + 1)
    # Otherwise each count looks through every object of the session (an import has thousands).
    unsynchronised = {"synchronize_session": False}
    if session.scalar(counted.returning(Posted.id), execution_options=unsynchronised) is None:
        session.add(Posted(id=1, count=1))
