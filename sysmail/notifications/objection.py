"""The question asked in the very statement that claims: may this mail still go?"""

from __future__ import annotations

from sqlalchemy import ColumnElement, case, exists, func, literal, null, select
from sqlalchemy.orm import Mapped, aliased

from sysmail import preferences
from sysmail.events import CATALOGUE, Event
from sysmail.notifications.bounces import BOUNCING
from sysmail.notifications.notification import Notification
from sysmail.notifications.recipients import DISABLED, MENTIONED
from sysmail.notifications.summary import DIGEST
from sysmail.outbox import Delivery
from sysmail.people import Person
from sysmail.portal import app_access, subject_exists
from sysmail.preferences import Skip

Words = ColumnElement[str] | Mapped[str] | Mapped[str | None]

DELETED = "deleted"
NO_ACCESS = "no_access"
READ = "read"
_BOUNCING = case((Person.bouncing_since.is_not(None), literal(BOUNCING)), else_=null())
_FOR_ADMINISTRATORS = tuple(kind.name for kind in CATALOGUE.values() if kind.administrators_only)


def objection() -> ColumnElement[str | None]:
    """A reason not to send a Delivery, or NULL; correlated to the statement around it.

    Tests concern no person; account mails go to whoever is still active, even to an address
    that bounces.
    """
    is_active = exists().where(Person.id == Delivery.person_id, Person.active)
    return case(
        (Delivery.person_id.is_(None), null()),
        (~is_active.correlate(Delivery), literal(DISABLED)),
        (Delivery.kind == DIGEST, _to_any_summary()),
        (Delivery.event_id.is_(None), null()),
        else_=_to_an_event(),
    )


def objection_to_told(kind: Words, because: Words) -> ColumnElement[str | None]:
    """The same of one thing told; the statement joins Event, Person and `with_choices`."""
    exists_still = subject_exists(Event.app_id, Event.record_id, Event.comment_id)
    return func.coalesce(
        preferences.objection(kind, because),
        case(
            (~exists_still, literal(DELETED)),
            (~_has_access(kind), literal(NO_ACCESS)),
            else_=null(),
        ),
    )


def _to_any_summary() -> ColumnElement[str | None]:
    """What it tells is asked one by one, before it is composed."""
    off = literal(Skip.SWITCHED_OFF.value)
    refused = preferences.objection(Delivery.kind, literal(MENTIONED))
    switched_off = case((refused == off, off), else_=_BOUNCING)
    asked = select(switched_off).select_from(Person)
    return (
        preferences.with_choices(asked, Person.id, None, None)
        .where(Person.id == Delivery.person_id)
        .correlate(Delivery)
        .scalar_subquery()
    )


def _to_an_event() -> ColumnElement[str | None]:
    reason = func.coalesce(
        objection_to_told(Delivery.kind, Delivery.because), _BOUNCING, _read_already()
    )
    asked = select(reason).select_from(Event).join(Person, Person.id == Delivery.person_id)
    return (
        preferences.with_choices(asked, Person.id, Event.app_id, Event.record_id)
        .where(Event.id == Delivery.event_id)
        .correlate(Delivery)
        .scalar_subquery()
    )


def _read_already() -> ColumnElement[str | None]:
    """Whether it was read is asked only about those who want no mail of what they read."""
    told = aliased(Notification)
    was_read = (
        exists()
        .where(told.event_id == Delivery.event_id, told.person_id == Delivery.person_id)
        .where(told.read_at.is_not(None))
        .correlate_except(told)
    )
    read = case((was_read, literal(READ)), else_=null())
    return case((preferences.unread_only(), read), else_=null())


def _has_access(kind: Words) -> ColumnElement[bool]:
    return case(
        (kind.in_(_FOR_ADMINISTRATORS), Person.is_administrator),
        else_=app_access(Person.id, Event.app_id),
    )
