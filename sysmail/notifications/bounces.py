"""Addresses that refuse mail: noticed from what became of deliveries, forgotten by a success."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import cast

from sqlalchemy import Date, Table, bindparam, case, func, select, update
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.audit import Actor, record
from sysmail.db import Id, UtcTime
from sysmail.outbox import Delivery, State
from sysmail.people import Person, trust_address

BOUNCING = "bouncing"
# What says of the address itself that no mail ever reaches it; nothing of ours can mend it.
CAUSES = (
    "recipient_unknown",
    "mailbox_full",
    "domain_unknown",
    "domain_takes_no_mail",
    "domain_unroutable",
)

_PEOPLE, _DELIVERIES = cast(Table, Person.__table__), cast(Table, Delivery.__table__)
_P, _D = _PEOPLE.c, _DELIVERIES.c
_IDS = bindparam("ids", expanding=True, type_=Id)
_TODAY, _NOW = bindparam("today", type_=Date), bindparam("now", type_=UtcTime)
_ANY = select(_P.id).where(_P.refused_on.is_not(None)).limit(1)
# A mail that went to another address says nothing of this one.
_TO_THEM = (
    select(_P.id)
    .join(_DELIVERIES, _D.person_id == _P.id)
    .where(_D.id.in_(_IDS), _D.address == _P.email)
)
_REACHED = (
    update(_PEOPLE)
    .where(_P.id.in_(_TO_THEM), _P.refused_on.is_not(None))
    .values(refused_on=None, bouncing_since=None)
)
_REFUSED = (
    update(_PEOPLE)
    .where(
        _P.id.in_(_TO_THEM.where(_D.state == State.FAILED.value, _D.cause.in_(CAUSES))),
        _P.erased_at.is_(None),
    )
    .values(
        refused_on=func.coalesce(_P.refused_on, _TODAY),
        bouncing_since=case(
            (
                _P.refused_on < _TODAY,
                func.coalesce(_P.bouncing_since, bindparam("now", type_=UtcTime)),
            ),
            else_=_P.bouncing_since,
        ),
    )
)


def note_results(session: Session, accepted: Sequence[int], refused: Sequence[int]) -> None:
    """Learns from deliveries that were just settled. Two refusals for good on different days
    (UTC), with nothing accepted between them, and the address is one that bounces."""
    connection = session.connection()
    if accepted and connection.execute(_ANY).first() is not None:
        connection.execute(_REACHED, {"ids": list(accepted)})
    if refused:
        session.flush()
        values = {"ids": list(refused), "today": _today(), "now": clock.now()}
        connection.execute(_REFUSED, values)


def try_address_again(session: Session, person: Person, actor: Actor) -> None:
    """Mail goes to the address again; one more refusal on another day, and it bounces again."""
    if person.bouncing_since is None:
        return
    trust_address(person)
    person.refused_on = _today()
    details = {"id": person.id, "email": person.email, "name": person.name}
    record(session, "mail_tried_again", actor, details)


def _today() -> date:
    return clock.now().date()
