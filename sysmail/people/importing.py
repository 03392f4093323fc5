"""Importing people from a CSV file: all of it or nothing, with one audit entry."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from sysmail.audit import Actor, record
from sysmail.people.lines import Line
from sysmail.people.person import Person, new_person

_AT_ONCE = 500


@dataclass(frozen=True)
class Imported:
    """Who was added, each with what their line says of `receive`, and how many were there."""

    added: list[tuple[Person, str | None]]
    already_there: int


def import_people(session: Session, actor: Actor, lines: list[Line]) -> Imported:
    """Adds everybody whose address is new; whoever is there already stays as they are.

    Preferences lie above people, so the caller stores what `receive` says.
    """
    there = _already_there(session, [line.email for line in lines])
    added = [
        (new_person(line.email, line.name, line.administrator), line.receive)
        for line in lines
        if line.email not in there
    ]
    session.add_all([person for person, _ in added])
    session.flush()
    details = {"added": len(added), "already_there": len(there)}
    record(session, "users_imported", actor, details)
    return Imported(added, len(there))


def _already_there(session: Session, emails: list[str]) -> set[str]:
    there: set[str] = set()
    for start in range(0, len(emails), _AT_ONCE):
        some = emails[start : start + _AT_ONCE]
        there.update(session.scalars(select(Person.email).where(Person.email.in_(some))))
    return there
