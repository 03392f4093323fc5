"""Finding people."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from sysmail.people.address import BadAddress, normalise_address
from sysmail.people.person import Person


def find_person(session: Session, email: str) -> Person | None:
    """Who has this address, in any spelling of it; None also when it is not an address."""
    try:
        address = normalise_address(email)
    except BadAddress:
        return None
    return session.scalar(select(Person).where(Person.email == address, Person.erased_at.is_(None)))


def matching(words: str) -> Select[tuple[Person]]:
    """Everyone whose name or address holds each of the words."""
    statement = select(Person).where(Person.erased_at.is_(None))
    for word in words.split():
        statement = statement.where(
            or_(
                Person.name.icontains(word, autoescape=True),
                Person.email.icontains(word, autoescape=True),
            )
        )
    return statement


def bouncing() -> ColumnElement[bool]:
    """A condition on Person: those whose address refuses mail, so that none is sent to it."""
    return Person.refused_on.is_not(None) & Person.bouncing_since.is_not(None)


def has_administrator(session: Session) -> bool:
    """Whether somebody can sign in and administer."""
    able = select(Person.id).where(
        Person.is_administrator, Person.active, Person.password.is_not(None)
    )
    return session.scalar(able.limit(1)) is not None
