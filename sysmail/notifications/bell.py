"""The bell: what a person is told in the portal, and what of it they have read."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import Boolean, ColumnElement, Select, and_, bindparam, func, or_, select, update
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.db import Id
from sysmail.events import CATALOGUE, Event
from sysmail.notifications.notification import SHOWN, Notification
from sysmail.notifications.withdrawing import withdraw_for
from sysmail.people import Person
from sysmail.portal import app_access, subject_exists
from sysmail.preferences import choice_of

MOST_UNREAD = 100
_LOOKED_AT = 1000
_FOR_ADMINISTRATORS = tuple(kind.name for kind in CATALOGUE.values() if kind.administrators_only)

# Built once: the count is asked for every page.
_ME = bindparam("me", type_=Id)
_MINE = (Notification.person_id == _ME, SHOWN)
_UNREAD = Notification.read_at.is_(None)
# Who lost access, and whose thing was deleted, is told nothing.
_STILL_MINE = or_(
    and_(
        Event.kind.not_in(_FOR_ADMINISTRATORS),
        app_access(_ME, Event.app_id),
        subject_exists(Event.app_id, Event.record_id, Event.comment_id),
    ),
    and_(Event.kind.in_(_FOR_ADMINISTRATORS), bindparam("is_administrator", type_=Boolean)),
)
_NEWEST = (
    select(Notification.event_id)
    .where(*_MINE, _UNREAD)
    .order_by(Notification.read_at.desc(), Notification.id.desc())
    .limit(_LOOKED_AT)
    .subquery()
)
_COUNTED = (
    select(Event.id)
    .join(_NEWEST, _NEWEST.c.event_id == Event.id)
    .where(_STILL_MINE)
    .limit(MOST_UNREAD)
    .subquery()
)
_COUNT = select(func.count()).select_from(_COUNTED)
_TOLD = (
    *(Notification.id, Notification.read_at, Notification.because, Event.kind),
    *(Event.created_at, Event.actor_id, Event.app_id, Event.snapshot),
)


class Place(NamedTuple):
    """Where a thing told stands; without an app it is an entry of the audit log."""

    app_id: int | None
    record_id: int | None
    comment_id: int | None


def unread_count(session: Session, person: Person) -> int:
    """How many things are unread, counted up to MOST_UNREAD.

    It looks at the newest 1,000 at most, those included that the person may not see any more.
    """
    return session.connection().execute(_COUNT, _asking(person)).scalar_one()


def heard(person: Person, *, is_read: bool) -> Select[*tuple[Any, ...]]:
    """What the person has read, or not, as rows: id, read_at, because, and what the event was."""
    found = select(*_TOLD).join(Event, Event.id == Notification.event_id)
    which = Notification.read_at.is_not(None) if is_read else _UNREAD
    return found.where(*_MINE, which, _STILL_MINE).params(_asking(person))


def open_heard(session: Session, person: Person, notification_id: int) -> Place | None:
    """Marks one thing as read and says where it stands; None where the person may not see it."""
    asked = (
        select(Event.app_id, Event.record_id, Event.comment_id)
        .join(Notification, Notification.event_id == Event.id)
        .where(Notification.id == notification_id, *_MINE, _STILL_MINE)
    )
    found = session.execute(asked, _asking(person)).one_or_none()
    if found is None:
        return None
    _mark(session, person, Notification.id == notification_id)
    return Place(*found)


def mark_all_read(session: Session, person: Person, newest_id: int) -> None:
    """Marks everything up to the newest that was shown: what came since stays unread."""
    _mark(session, person, Notification.id <= newest_id)


def _mark(session: Session, person: Person, which: ColumnElement[bool]) -> None:
    session.connection().execute(
        update(Notification).where(*_MINE, _UNREAD, which).values(read_at=clock.now()),
        {"me": person.id},
    )
    if choice_of(session, person.id).unread_only:
        withdraw_for(session, person.id)


def _asking(person: Person) -> dict[str, Any]:
    return {"me": person.id, "is_administrator": person.is_administrator}
