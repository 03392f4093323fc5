"""What administrators set reaches those who never chose, in values and in SQL alike."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from sqlalchemy import ColumnElement, literal, select
from sqlalchemy.orm import Session

from sysmail.events import CATALOGUE
from sysmail.people import Person
from sysmail.preferences import (
    RECEIVE,
    TO_ME,
    Choice,
    choice_of,
    choices_of,
    default_choice,
    frequency,
    language_of,
    mentions_at_once,
    objection,
    setting,
    store_choice,
    store_default,
    store_whole_choice,
    undecided,
    unread_only,
    wants,
    with_choices,
)

pytestmark = pytest.mark.both_engines

DEFAULT = Choice(
    receive="all",
    kinds=1,
    format="text",
    frequency="daily",
    daily_at="08:30",
    weekdays=31,
    mentions_at_once=False,
    quiet_from="21:00",
    quiet_until="06:00",
    language="ja",
    timezone="Asia/Tokyo",
    unread_only=True,
)


def asked(session: Session, person: Person, what: ColumnElement[Any]) -> object:
    question = with_choices(select(what).select_from(Person), Person.id, None, None)
    return session.scalar(question.where(Person.id == person.id))


def test_a_default_reaches_who_never_chose(session: Session, bob: Person) -> None:
    store_default(session, DEFAULT)
    assert choice_of(session, bob.id) == replace(DEFAULT, language=None)
    assert default_choice(session) == DEFAULT
    assert asked(session, bob, frequency()) == "daily"
    assert not asked(session, bob, mentions_at_once())
    assert asked(session, bob, unread_only())
    assert asked(session, bob, language_of()) == "ja"
    assert session.scalar(select(setting("format", literal(bob.id)))) == "text"


def test_a_default_does_not_reach_who_chose(session: Session, bob: Person) -> None:
    chosen = Choice(kinds=2, chosen=True, timezone="Europe/Berlin", language="en")
    store_whole_choice(session, bob.id, chosen)
    store_default(session, DEFAULT)
    assert choice_of(session, bob.id) == chosen
    assert asked(session, bob, frequency()) == "immediate"
    assert asked(session, bob, mentions_at_once())
    assert not asked(session, bob, unread_only())
    assert asked(session, bob, language_of()) == "en"
    assert session.scalar(select(setting("format", literal(bob.id)))) == "html"


def test_who_chose_only_what_has_the_default_for_when(session: Session, bob: Person) -> None:
    """An import stores what, and so did every choice before there was a when."""
    store_choice(session, bob.id, "to_me", 2, "html")
    store_default(session, DEFAULT)
    choice = choice_of(session, bob.id)
    assert (choice.receive, choice.kinds, choice.format, choice.chosen) == (
        "to_me",
        2,
        "html",
        True,
    )
    assert (choice.frequency, choice.quiet_from, choice.timezone) == (
        "daily",
        "21:00",
        "Asia/Tokyo",
    )
    assert asked(session, bob, frequency()) == "daily"


def test_many_are_asked_at_once(session: Session, alice: Person, bob: Person) -> None:
    store_whole_choice(session, bob.id, replace(DEFAULT, chosen=True))
    found = choices_of(session, [alice.id, bob.id])
    assert found == {alice.id: Choice(), bob.id: replace(DEFAULT, chosen=True)}


@pytest.mark.parametrize("receive", RECEIVE)
def test_the_database_decides_by_the_default_as_the_value_does(
    session: Session, bob: Person, receive: str
) -> None:
    store_default(session, replace(DEFAULT, receive=receive))
    choice = choice_of(session, bob.id)
    for kind, because in product(CATALOGUE.values(), (*TO_ME, "follows", "administrator")):
        answer = asked(session, bob, objection(literal(kind.name), literal(because)))
        assert answer == wants(choice, kind, because), (kind.name, because)


def test_who_can_still_be_reached_is_counted(
    session: Session, alice: Person, bob: Person, eve: Person
) -> None:
    store_choice(session, bob.id, "all", 3, "html")
    eve.active = False
    session.flush()
    assert undecided(session) == 1
    assert alice.active


@pytest.mark.parametrize(
    "wrong", [{"frequency": "weekly"}, {"weekdays": 0}, {"weekdays": 128}], ids=str
)
def test_no_other_values_can_be_a_default(session: Session, wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="no such choice"):
        store_default(session, replace(DEFAULT, **wrong))  # type: ignore[arg-type]
