"""Adding and changing people; each change is audited."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from sysmail.audit import Actor, record
from sysmail.people.address import BadAddress, normalise_address
from sysmail.people.person import Person, new_person
from sysmail.people.refused import Refused
from sysmail.words import _

LONGEST_NAME = 200
Values = dict[str, Any]


def add_person(
    session: Session,
    actor: Actor,
    email: str,
    name: str,
    *,
    administrator: bool = False,
    password_hash: str | None = None,
) -> Person | Refused:
    """A new person, audited; without a hash one who still has to be invited."""
    person = create(session, email, name, administrator, password_hash)
    if isinstance(person, Person):
        details = {"administrator": True} if administrator else {}
        record(session, "user_added", actor, who(person) | details)
    return person


def create(
    session: Session, email: str, name: str, administrator: bool, password_hash: str | None
) -> Person | Refused:
    """The row alone, without an audit entry."""
    checked = _checked(email, name)
    if isinstance(checked, Refused):
        return checked
    person = new_person(*checked, administrator)
    if not _write(session, person, password=password_hash):
        return _taken(checked[0])
    return person


def edit_person(
    session: Session, actor: Actor, person: Person, email: str, name: str
) -> Refused | None:
    """New name and address, audited with both; a new address ends sessions and links."""
    checked = _checked(email, name)
    if isinstance(checked, Refused):
        return checked
    before = (person.email, person.name)
    if checked == before:
        return None
    if not _write(session, person, email=checked[0], name=checked[1]):
        return _taken(checked[0])
    if person.email != before[0]:
        end_sessions(person)
        trust_address(person)
    was = {"email": before[0], "name": before[1]}
    changed(session, actor, person, was, {"email": person.email, "name": person.name})
    return None


def set_password(session: Session, actor: Actor, person: Person, password_hash: str) -> None:
    """A new password set by somebody else; ends the person's sessions and links."""
    person.password = password_hash
    end_sessions(person)
    record(session, "password_reset", actor, who(person))


def end_sessions(person: Person) -> None:
    """Every session, remembered sign-in and account link of the person ends."""
    person.fs_uniquifier = uuid.uuid4().hex


def trust_address(person: Person) -> None:
    """The address is new, or works again: what mail servers said of it is forgotten."""
    person.refused_on = person.bouncing_since = None


def identity_refusals(email: str, name: str) -> list[Refused]:
    """What is wrong with an address and a name, at most one thing about each."""
    refusals = []
    if not tidy_name(name) or not tidy_name(name).isprintable():
        refusals.append(Refused("name", _("Enter a name of printable characters.")))
    elif len(tidy_name(name)) > LONGEST_NAME:
        too_long = _("A name may have at most %(most)s characters.", most=LONGEST_NAME)
        refusals.append(Refused("name", too_long))
    try:
        normalise_address(email)
    except BadAddress as error:
        refusals.append(Refused("email", str(error)))
    return refusals


def _checked(email: str, name: str) -> tuple[str, str] | Refused:
    for refusal in identity_refusals(email, name):
        return refusal
    return normalise_address(email), tidy_name(name)


def tidy_name(name: str) -> str:
    """One blank between words, none around them."""
    return " ".join(name.split())


def changed(session: Session, actor: Actor, person: Person, before: Values, after: Values) -> None:
    """Audits the fields that differ, with both values."""
    names = [name for name in after if before[name] != after[name]]
    details = {
        "before": {name: before[name] for name in names},
        "after": {name: after[name] for name in names},
    }
    record(session, "user_changed", actor, who(person) | details)


def who(person: Person) -> dict[str, Any]:
    """The person in an entry's details."""
    return {"id": person.id, "email": person.email, "name": person.name}


def _write(session: Session, person: Person, **values: Any) -> bool:
    """False when somebody, perhaps just now, has taken the address."""
    try:
        with session.begin_nested():
            for field, value in values.items():
                setattr(person, field, value)
            session.add(person)
            session.flush()
    except IntegrityError:
        return False
    return True


def _taken(email: str) -> Refused:
    return Refused("email", _("%(email)s already belongs to somebody.", email=email))
