"""Who may see what: SQL conditions, so that pages, expansion and claims ask the same question."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, exists, literal, or_, select
from sqlalchemy.orm import Mapped, Session, aliased

from sysmail.db import Id
from sysmail.people import Person
from sysmail.portal.models import App, Comment, Membership, Record

Value = ColumnElement[int] | ColumnElement[int | None] | Mapped[int] | Mapped[int | None]


def app_access(person_id: Value | int | None, app_id: Value | int | None) -> ColumnElement[bool]:
    """True where the app exists and is open, or the person is a member or an administrator.

    Both are values or columns of any statement around; NULL gives false. Whether the person
    is active is another question.
    """
    person_id, app_id = _column(person_id), _column(app_id)
    app, membership, person = aliased(App), aliased(Membership), aliased(Person)
    member = exists().where(membership.app_id == app.id, membership.person_id == person_id)
    administrator = exists().where(person.id == person_id, person.is_administrator)
    allowed = or_(
        app.is_open,
        member.correlate_except(membership),
        administrator.correlate_except(person),
    )
    return exists().where(app.id == app_id, allowed).correlate_except(app)


def visible_apps(person: Person) -> ColumnElement[bool]:
    """A condition on App: those this person may see. Administrators see every app."""
    return literal(True) if person.is_administrator else app_access(person.id, App.id)


def may_see(session: Session, person: Person, app_id: int) -> bool:
    """Whether the app exists and this person may see it."""
    return bool(session.scalar(select(app_access(person.id, app_id))))


def may_change(person: Person, thing: Record | Comment) -> bool:
    """Whether this person may edit or delete it: their own, or any for an administrator."""
    return person.is_administrator or thing.created_by == person.id


def subject_exists(
    app_id: Value | int | None, record_id: Value | int | None, comment_id: Value | int | None
) -> ColumnElement[bool]:
    """True where what an event is about has not been deleted; an id that is NULL is ignored."""
    return and_(
        _exists_or_unnamed(App, app_id),
        _exists_or_unnamed(Record, record_id),
        _exists_or_unnamed(Comment, comment_id),
    )


def _exists_or_unnamed(
    model: type[App] | type[Record] | type[Comment], id_: Value | int | None
) -> ColumnElement[bool]:
    column, row = _column(id_), aliased(model)
    return or_(column.is_(None), exists().where(row.id == column).correlate_except(row))


def _column(value: Value | int | None) -> ColumnElement[int | None]:
    if value is None or isinstance(value, int):
        return literal(value, Id)
    return value  # type: ignore[return-value]
