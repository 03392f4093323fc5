"""Mentions are stored as persons and read as names; nothing typed is mistaken for one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from sysmail.people import Person
from sysmail.portal import Mention, add_app, look_up, pieces, typed_again
from sysmail.portal.mentions import MOST_MENTIONS, mentioned_ids, plain, stored, understand

pytestmark = pytest.mark.both_engines

_BITS = st.sampled_from(
    ["@[", "]", "person:", "text:", "7", "@", "[", "bob@example.com", " ", "\n"]
)
_TYPED = st.lists(_BITS | st.text(max_size=4), max_size=30).map("".join)
_BOB = {2: Mention("Bob", "bob@example.com")}


@given(_TYPED)
def test_whatever_is_typed_comes_back_for_editing(typed: str) -> None:
    text = stored(typed, {"bob@example.com": 2})
    assert typed_again(text, _BOB) == typed


@given(_TYPED)
def test_nobody_but_the_one_addressed_is_ever_mentioned(typed: str) -> None:
    text = stored(typed, {"bob@example.com": 2})
    assert mentioned_ids([text]) == ({2} if "@[bob@example.com]" in typed else set())


@given(_TYPED)
def test_only_mentions_are_read_differently_from_how_they_were_typed(typed: str) -> None:
    text = stored(typed, {"bob@example.com": 2})
    assert plain(text, _BOB) == typed.replace("@[bob@example.com]", "@Bob")


def test_a_mention_is_shown_as_the_name_and_stays_apart_from_the_text() -> None:
    shown = list(pieces("Ask @[person:2] <now>", _BOB))
    assert shown == ["Ask ", _BOB[2], " <now>"]
    assert str(shown[1]) == "@Bob"


def test_an_address_is_understood_however_it_is_written(
    session: Session, alice: Person, bob: Person
) -> None:
    app = add_app(session, alice, "Leads")
    understood = understand(session, "Hi @[BOB@Example.com], see @[bob@example.com]", app.id)
    assert understood.text == f"Hi @[person:{bob.id}], see @[person:{bob.id}]"
    assert understood.plain() == "Hi @Bob, see @Bob"
    assert understood.unknown == ()


def test_addresses_of_nobody_of_the_disabled_and_of_those_without_access_stay_text(
    session: Session, alice: Person, bob: Person, eve: Person
) -> None:
    app = add_app(session, bob, "Leads", {bob.id})
    bob.active = False
    session.flush()
    typed = "@[x@example.com] @[bob@example.com] @[eve@example.com] @[alice@example.com]"
    understood = understand(session, typed, app.id)
    assert understood.text == typed.replace("@[alice@example.com]", f"@[person:{alice.id}]")
    assert understood.unknown == ("x@example.com", "bob@example.com", "eve@example.com")


def test_whom_a_text_mentions_already_stays_mentioned_when_it_is_edited(
    session: Session, alice: Person, bob: Person
) -> None:
    app = add_app(session, alice, "Leads")
    earlier = f"Hi @[person:{bob.id}]"
    bob.active = False
    session.flush()
    typed = typed_again(earlier, look_up(session, [earlier]))
    assert understand(session, typed + "!", app.id, earlier).text == earlier + "!"


def test_only_a_bounded_number_of_people_is_mentioned_by_one_text(
    session: Session, alice: Person, bob: Person
) -> None:
    app = add_app(session, alice, "Leads")
    crowd = "".join(f"@[p{number}@example.com]" for number in range(MOST_MENTIONS))
    understood = understand(session, crowd + "@[bob@example.com]", app.id)
    assert understood.mentioned == {}
    assert len(understood.unknown) == MOST_MENTIONS + 1


def test_a_person_who_is_gone_is_still_readable() -> None:
    assert plain("Ask @[person:9]", {}) == "Ask @someone"
