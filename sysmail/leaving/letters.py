"""Taking a person out of the failure history: their deliveries, and each try of these."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

from sqlalchemy import Table, case, func, null, select, update
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.audit import FORMER_USER
from sysmail.leaving.known import Known
from sysmail.leaving.slices import REST, last_id
from sysmail.notifications import withdraw_for
from sysmail.outbox import Attempt, Delivery, State

_OWN, _SINGLES = 500, 20_000
_DELIVERIES, _ATTEMPTS = cast(Table, Delivery.__table__), cast(Table, Attempt.__table__)
_WAITING = (State.QUEUED.value, State.UNCERTAIN.value)


def clear_own(session: Session, known: Known, position: int, _captured: Path) -> int | None:
    """Mail to the person. What is under way is left until it is settled."""
    theirs = (Delivery.person_id == known.person_id, Delivery.address != known.stand_in)
    resting = select(Delivery.id).where(*theirs, Delivery.state != State.SENDING)
    after = resting.where(Delivery.id > position).order_by(Delivery.id)
    ids = session.scalars(after.limit(_OWN)).all()
    if ids:
        _clear(session, known, ids)
        return ids[-1]
    is_left = session.scalar(select(Delivery.id).where(*theirs).limit(1)) is not None
    return REST if is_left else None


def clear_singles(session: Session, known: Known, position: int, _captured: Path) -> int | None:
    """Tests that went to an address of the person, wherever they stand."""
    last = last_id(session, Delivery.id, position, _SINGLES)
    if last is None:
        return None
    tests = select(Delivery.id).where(
        Delivery.id > position,
        Delivery.id <= last,
        Delivery.person_id.is_(None),
        func.lower(Delivery.address).in_(known.addresses),
        Delivery.state != State.SENDING,
    )
    if ids := session.scalars(tests).all():
        _clear(session, known, ids)
    return last


def withdraw_waiting(session: Session, known: Known, _position: int, _captured: Path) -> None:
    """What a summary was to tell, and whatever was posted since."""
    withdraw_for(session, known.person_id)


def _clear(session: Session, known: Known, ids: Sequence[int]) -> None:
    ending = {
        "state": State.WITHDRAWN.value,
        "reason": "erased",
        "settled_at": clock.now(),
        "held": False,
        "claim_token": null(),
    }
    waits, columns = _DELIVERIES.c.state.in_(_WAITING), _DELIVERIES.c
    ended = {name: case((waits, value), else_=columns[name]) for name, value in ending.items()}
    anonymous = {"address": known.stand_in, "name": FORMER_USER, "snapshot": null()}
    theirs = update(_DELIVERIES).where(columns.id.in_(ids))
    session.connection().execute(theirs.values(**anonymous, **ended))
    tries = update(_ATTEMPTS).where(_ATTEMPTS.c.delivery_id.in_(ids))
    session.connection().execute(tries.values(words="", transcript=""))
    session.expire_all()
