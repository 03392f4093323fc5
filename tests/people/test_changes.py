"""Adding, changing, disabling: audited, and never without an administrator."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from sysmail import people
from sysmail.audit import SYSTEM, Entry
from sysmail.people import Person, Refused

pytestmark = pytest.mark.both_engines


def _last_entry(session: Session) -> Entry:
    return session.scalars(select(Entry).order_by(Entry.id.desc())).first() or Entry()


def test_a_person_is_added_with_a_tidy_name_and_an_audit_entry(session: Session) -> None:
    person = people.add_person(session, SYSTEM, "Carol@Corp", "  Carol,   the  Third ")
    assert isinstance(person, Person)
    assert (person.email, person.name, person.password) == ("carol@corp", "Carol, the Third", None)
    assert _last_entry(session).details["email"] == "carol@corp"


def test_an_address_belongs_to_one_person_in_any_spelling(session: Session, bob: Person) -> None:
    refused = people.add_person(session, SYSTEM, "BOB@example.com", "Another")
    assert refused == Refused("email", "bob@example.com already belongs to somebody.")
    session.commit()
    assert session.scalars(select(Person)).all() == [bob]


def test_a_refused_edit_changes_nothing(session: Session, alice: Person, bob: Person) -> None:
    before = bob.fs_uniquifier
    refused = people.edit_person(session, SYSTEM, bob, "alice@example.com", "Bobby")
    assert isinstance(refused, Refused)
    session.commit()
    assert (bob.email, bob.name, bob.fs_uniquifier) == ("bob@example.com", "Bob", before)


def test_a_new_address_ends_sessions_and_links_but_a_new_name_does_not(
    session: Session, bob: Person
) -> None:
    before = bob.fs_uniquifier
    people.edit_person(session, SYSTEM, bob, "bob@example.com", "Robert")
    assert bob.fs_uniquifier == before
    people.edit_person(session, SYSTEM, bob, "robert@example.com", "Robert")
    assert bob.fs_uniquifier != before
    details = _last_entry(session).details
    assert details["before"] == {"email": "bob@example.com"}
    assert details["after"] == {"email": "robert@example.com"}


def test_an_edit_without_a_change_is_no_entry(session: Session, bob: Person) -> None:
    people.edit_person(session, SYSTEM, bob, "BOB@example.com", " Bob ")
    assert session.scalars(select(Entry)).all() == []


def test_names_hold_anything_printable_and_nothing_else(session: Session, bob: Person) -> None:
    for name in ("", "   ", "a\x00b", "a\u202eb", "x" * 201):
        refused = people.edit_person(session, SYSTEM, bob, bob.email, name)
        assert isinstance(refused, Refused)
        assert refused.field == "name"
    for name in ("山田 太郎", "O'Hara, Ann <b>", "x" * 200):
        assert people.edit_person(session, SYSTEM, bob, bob.email, name) is None


def test_disabling_ends_the_sessions(session: Session, alice: Person, bob: Person) -> None:
    before = bob.fs_uniquifier
    assert people.disable_person(session, alice.actor, bob) is None
    session.commit()
    assert not bob.active
    assert bob.fs_uniquifier != before
    people.enable_person(session, alice.actor, bob)
    assert bob.active


def test_the_last_active_administrator_can_neither_be_disabled_nor_demoted(
    session: Session, alice: Person, bob: Person
) -> None:
    assert isinstance(people.disable_person(session, SYSTEM, alice), Refused)
    assert isinstance(people.unmake_administrator(session, SYSTEM, alice), Refused)
    people.make_administrator(session, SYSTEM, bob)
    people.disable_person(session, SYSTEM, bob)
    assert isinstance(people.unmake_administrator(session, SYSTEM, alice), Refused)
    session.commit()
    assert (alice.active, alice.is_administrator) == (True, True)


def test_with_another_administrator_the_first_may_go(
    session: Session, alice: Person, bob: Person
) -> None:
    people.make_administrator(session, SYSTEM, bob)
    assert people.unmake_administrator(session, SYSTEM, alice) is None
    assert people.disable_person(session, SYSTEM, alice) is None
    assert isinstance(people.disable_person(session, SYSTEM, bob), Refused)


def test_an_invited_administrator_does_not_replace_one_who_can_sign_in(
    session: Session, alice: Person, bob: Person
) -> None:
    alice.password = "a hash"
    people.make_administrator(session, SYSTEM, bob)
    assert isinstance(people.unmake_administrator(session, SYSTEM, alice), Refused)
    assert isinstance(people.disable_person(session, SYSTEM, alice), Refused)
    assert people.unmake_administrator(session, SYSTEM, bob) is None
    people.make_administrator(session, SYSTEM, bob)
    bob.password = "another hash"
    assert people.disable_person(session, SYSTEM, alice) is None


def test_two_administrators_cannot_remove_each_other_at_the_same_moment(
    session: Session, alice: Person, bob: Person
) -> None:
    people.make_administrator(session, SYSTEM, bob)
    session.commit()
    with Session(session.get_bind()) as other:
        stale_alice = other.get_one(Person, alice.id)
        assert (stale_alice.active, other.get_one(Person, bob.id).active) == (True, True)
        assert people.disable_person(session, alice.actor, bob) is None
        session.commit()
        assert isinstance(people.disable_person(other, SYSTEM, stale_alice), Refused)


def test_a_change_of_rights_renews_sessions_but_keeps_an_invitation(
    session: Session, alice: Person, bob: Person, eve: Person
) -> None:
    bob.password = "a hash"
    session_of_bob, invitation_of_eve = bob.fs_uniquifier, eve.fs_uniquifier
    people.make_administrator(session, SYSTEM, bob)
    people.make_administrator(session, SYSTEM, eve)
    assert bob.fs_uniquifier != session_of_bob
    assert eve.fs_uniquifier == invitation_of_eve


def test_people_are_found_by_any_spelling_and_by_words(
    session: Session, alice: Person, bob: Person
) -> None:
    assert people.find_person(session, " BOB@Example.com") is bob
    assert people.find_person(session, "nonsense") is None
    assert session.scalars(people.matching("ali example")).all() == [alice]
    assert session.scalars(people.matching("%")).all() == []
