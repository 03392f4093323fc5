"""The question asked in the very statement that claims: may this mail still go?"""

from __future__ import annotations

from sqlalchemy import ColumnElement, case, exists, func, literal, null, select

from sysmail import preferences
from sysmail.events import CATALOGUE, Event
from sysmail.notifications.recipients import DISABLED
from sysmail.outbox import Delivery
from sysmail.people import Person
from sysmail.portal import app_access, subject_exists
from sysmail.preferences import AppChoice, Preference, RecordChoice

DELETED = "deleted"
NO_ACCESS = "no_access"
_FOR_ADMINISTRATORS = tuple(kind.name for kind in CATALOGUE.values() if kind.administrators_only)


def objection() -> ColumnElement[str | None]:
    """A reason not to send a Delivery, or NULL; correlated to the statement around it.

    Tests concern no person; account mails go to whoever is still active.
    """
    is_active = exists().where(Person.id == Delivery.person_id, Person.active)
    return case(
        (Delivery.person_id.is_(None), null()),
        (~is_active.correlate(Delivery), literal(DISABLED)),
        (Delivery.event_id.is_(None), null()),
        else_=_to_an_event(),
    )


def _to_an_event() -> ColumnElement[str | None]:
    exists_still = subject_exists(Event.app_id, Event.record_id, Event.comment_id)
    return (
        select(
            func.coalesce(
                preferences.objection(Delivery.kind, Delivery.because),
                case(
                    (~exists_still, literal(DELETED)),
                    (~_has_access(), literal(NO_ACCESS)),
                    else_=null(),
                ),
            )
        )
        .select_from(Event)
        .join(Person, Person.id == Delivery.person_id)
        .outerjoin(Preference, Preference.person_id == Person.id)
        .outerjoin(
            AppChoice, (AppChoice.person_id == Person.id) & (AppChoice.app_id == Event.app_id)
        )
        .outerjoin(
            RecordChoice,
            (RecordChoice.person_id == Person.id) & (RecordChoice.record_id == Event.record_id),
        )
        .where(Event.id == Delivery.event_id)
        .correlate(Delivery)
        .scalar_subquery()
    )


def _has_access() -> ColumnElement[bool]:
    return case(
        (Delivery.kind.in_(_FOR_ADMINISTRATORS), Person.is_administrator),
        else_=app_access(Person.id, Event.app_id),
    )
