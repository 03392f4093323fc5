"""What a person wants to be told, as a value and as SQL."""

from __future__ import annotations

from itertools import product

import pytest
from sqlalchemy import Select, literal, select
from sqlalchemy.orm import Session

from sysmail.events import CATALOGUE, COMMENT_POSTED, RECORD_ADDED, Kind
from sysmail.people import Person
from sysmail.preferences import (
    RECEIVE,
    TO_ME,
    Choice,
    choice_of,
    objection,
    store_choice,
    wants,
    with_choices,
)

pytestmark = pytest.mark.both_engines
REASONS = (*TO_ME, "follows", "administrator")


def test_who_never_chose_hears_of_what_is_to_them_in_html(session: Session, bob: Person) -> None:
    choice = choice_of(session, bob.id)
    assert (choice.receive, choice.format, choice.chosen) == ("to_me", "html", False)
    told = [kind.name for kind in CATALOGUE.values() if choice.includes(kind)]
    assert told == ["record_added", "comment_posted"]


def test_a_second_choice_replaces_the_first(session: Session, bob: Person) -> None:
    store_choice(session, bob.id, "all", RECORD_ADDED.bit, "text")
    assert choice_of(session, bob.id) == Choice("all", RECORD_ADDED.bit, "text", chosen=True)
    store_choice(session, bob.id, "none", 0, "html")
    assert choice_of(session, bob.id) == Choice("none", 0, "html", chosen=True)


@pytest.mark.parametrize(("receive", "format"), [("some", "html"), ("all", "rtf")])
def test_no_other_values_can_be_stored(
    session: Session, bob: Person, receive: str, format: str
) -> None:
    with pytest.raises(ValueError, match="no such choice"):
        store_choice(session, bob.id, receive, 0, format)


@pytest.mark.parametrize("receive", RECEIVE)
@pytest.mark.parametrize("kinds", range(8))
def test_the_database_decides_as_the_value_does(
    session: Session, bob: Person, receive: str, kinds: int
) -> None:
    store_choice(session, bob.id, receive, kinds, "html")
    choice = choice_of(session, bob.id)
    for kind, because in product(CATALOGUE.values(), REASONS):
        asked = _asked(bob, kind, because)
        assert session.scalar(asked) == wants(choice, kind, because), (kind.name, because)


def test_the_database_knows_the_default_too(session: Session, bob: Person) -> None:
    for kind, because in product(CATALOGUE.values(), REASONS):
        asked = _asked(bob, kind, because)
        assert session.scalar(asked) == wants(Choice(), kind, because), (kind.name, because)


def test_a_kind_not_chosen_is_refused_whatever_the_reason() -> None:
    assert wants(Choice("all", RECORD_ADDED.bit), COMMENT_POSTED, "mentioned") == "kind_off"


def _asked(person: Person, kind: Kind, because: str) -> Select[str | None]:
    asked = select(objection(literal(kind.name), literal(because))).select_from(Person)
    return with_choices(asked, Person.id, None, None).where(Person.id == person.id)
