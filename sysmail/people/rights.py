"""Who may sign in and who administers; the last administrator is never locked out."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session, aliased

from sysmail import clock
from sysmail.audit import FORMER_USER, Actor, former_address, record
from sysmail.people.changes import changed, end_sessions, trust_address, who
from sysmail.people.person import Person
from sysmail.people.refused import Refused
from sysmail.words import _


def disable_person(session: Session, actor: Actor, person: Person) -> Refused | None:
    """Signs the person out at once and keeps them out, unless nobody else could administer."""
    if not person.active:
        return None
    if not _set_unless_last(session, person, active=False):
        return _last_one()
    end_sessions(person)
    record(session, "user_disabled", actor, who(person))
    return None


def enable_person(session: Session, actor: Actor, person: Person) -> None:
    """Lets the person sign in again."""
    if not person.active:
        person.active = True
        record(session, "user_enabled", actor, who(person))


def make_administrator(session: Session, actor: Actor, person: Person) -> None:
    """Gives all rights; the person signs in anew to use them."""
    if not person.is_administrator:
        person.is_administrator = True
        _renew(person)
        changed(session, actor, person, {"administrator": False}, {"administrator": True})


def unmake_administrator(session: Session, actor: Actor, person: Person) -> Refused | None:
    """Takes the rights away, unless nobody else could administer."""
    if not person.is_administrator:
        return None
    if not _set_unless_last(session, person, is_administrator=False):
        return _last_one()
    _renew(person)
    changed(session, actor, person, {"administrator": True}, {"administrator": False})
    return None


def forget_person(session: Session, person: Person) -> Refused | None:
    """Nobody can sign in as this person any more, or read their name or address here, unless
    nobody else could administer. The row stays: it is who wrote things."""
    if not _set_unless_last(session, person, active=False):
        return _last_one()
    person.is_administrator = False
    person.email, person.name = former_address(person.id), FORMER_USER
    person.password = None
    trust_address(person)
    person.erased_at = clock.now()
    end_sessions(person)
    session.flush()
    return None


def _set_unless_last(session: Session, person: Person, **values: bool) -> bool:
    """One statement, so that two administrators cannot remove each other at the same moment.

    Who was only invited may never come, and does not replace one who can sign in. On PostgreSQL
    two such statements would not see each other: the locks make them queue.
    """
    row = update(Person).where(Person.id == person.id)
    if person.is_administrator and person.active:
        session.scalars(select(Person.id).where(Person.is_administrator).with_for_update()).all()
        other = aliased(Person)
        able = select(other.id).where(other.is_administrator, other.active, other.id != person.id)
        if person.password is not None:
            able = able.where(other.password.is_not(None))
        row = row.where(able.exists())
    statement = row.values(**values).execution_options(synchronize_session=False)
    done = cast(CursorResult[Any], session.execute(statement)).rowcount == 1
    session.refresh(person)
    return done


def _renew(person: Person) -> None:
    """Rights change with a new session; an invitation under way stays good."""
    if person.password is not None:
        end_sessions(person)


def _last_one() -> Refused:
    return Refused(
        "",
        _("This is the only active administrator who can sign in. Make somebody else one first."),
    )
