"""Tokens that end one kind of mail, and never begin one."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from sysmail.events import COMMENT_POSTED, FIRST_CHOICE, RECORD_ADDED
from sysmail.notifications import read_token, unsubscribe, unsubscribe_token
from sysmail.people import Person
from sysmail.preferences import choice_of, store_choice

KEY = b"a key of its own"


def test_a_token_names_its_person_and_kind(session: Session, bob: Person) -> None:
    token = unsubscribe_token(KEY, bob.id, "comment_posted")
    assert read_token(session, KEY, token) == (bob, COMMENT_POSTED)
    assert unsubscribe_token(KEY, bob.id, "comment_posted") == token


@pytest.mark.parametrize("change", ["key", "person", "kind", "signature", "shape"])
def test_any_other_token_is_nothing(
    session: Session, bob: Person, eve: Person, change: str
) -> None:
    token = unsubscribe_token(KEY, bob.id, "comment_posted")
    person, kind, signature = token.split(".")
    wrong = {
        "key": token,
        "person": f"{eve.id}.{kind}.{signature}",
        "kind": f"{person}.record_added.{signature}",
        "signature": f"{token[:-2]}{'AA' if token[-2:] != 'AA' else 'BB'}",
        "shape": f"{token}\n",
    }[change]
    assert read_token(session, b"another" if change == "key" else KEY, wrong) is None


def test_no_token_reaches_a_person_who_is_gone_or_a_kind_that_is_none(
    session: Session, bob: Person
) -> None:
    assert read_token(session, KEY, unsubscribe_token(KEY, 999, "comment_posted")) is None
    assert read_token(session, KEY, unsubscribe_token(KEY, bob.id, "test")) is None


def test_who_never_chose_keeps_the_rest_of_the_default(session: Session, bob: Person) -> None:
    unsubscribe(session, bob, COMMENT_POSTED)
    choice = choice_of(session, bob.id)
    assert (choice.receive, choice.kinds, choice.format) == ("to_me", RECORD_ADDED.bit, "html")


def test_it_only_ever_reduces_and_twice_is_once(session: Session, bob: Person) -> None:
    store_choice(session, bob.id, "all", FIRST_CHOICE, "text")
    for _ in range(2):
        unsubscribe(session, bob, COMMENT_POSTED)
        choice = choice_of(session, bob.id)
        assert (choice.receive, choice.kinds, choice.format) == ("all", RECORD_ADDED.bit, "text")
