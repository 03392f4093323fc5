from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from sysmail.audit import Entry, describe
from sysmail.people import Person, new_person
from sysmail.portal import (
    App,
    Record,
    add_app,
    add_record,
    change_app,
    delete_app,
    find_app,
    member_addresses,
    members_named,
    visible_apps,
)

pytestmark = pytest.mark.both_engines


def _entries(session: Session) -> list[str]:
    return list(session.scalars(select(Entry.action).order_by(Entry.id)))


def test_an_app_without_members_is_open_to_everyone(
    session: Session, bob: Person, eve: Person
) -> None:
    app = add_app(session, bob, "Leads")
    assert find_app(session, eve, app.id) is app
    assert _entries(session) == ["app_added"]


def test_the_creator_of_an_app_with_members_is_one_of_them(
    session: Session, alice: Person, bob: Person, eve: Person
) -> None:
    app = add_app(session, bob, "Leads", {alice.id})
    assert find_app(session, bob, app.id) is app
    assert find_app(session, eve, app.id) is None
    assert member_addresses(session, app) == ["alice@example.com", "bob@example.com"]


def test_a_person_lists_only_the_apps_they_may_see(
    session: Session, alice: Person, bob: Person, eve: Person
) -> None:
    add_app(session, alice, "Everyone")
    add_app(session, bob, "Bob's", {bob.id})
    names = {
        person.name: set(session.scalars(select(App.name).where(visible_apps(person))))
        for person in (alice, bob, eve)
    }
    assert names["Alice"] == names["Bob"] == {"Everyone", "Bob's"}
    assert names["Eve"] == {"Everyone"}


def test_members_are_read_from_addresses_however_they_are_separated(
    session: Session, alice: Person, bob: Person, eve: Person
) -> None:
    named = members_named(
        session, "alice@example.com, Bob@Example.com;\r\neve@example.com nobody x@y.z"
    )
    assert named.ids == {alice.id, bob.id, eve.id}
    assert named.unknown == ("nobody", "x@y.z")


def test_changing_an_app_replaces_its_members_and_is_audited_with_what_was_before(
    session: Session, alice: Person, bob: Person, eve: Person
) -> None:
    app = add_app(session, bob, "Leads", {bob.id})
    change_app(session, alice, app, "Sales", frozenset({eve.id}))
    assert member_addresses(session, app) == ["eve@example.com"]
    assert find_app(session, bob, app.id) is None
    entry = session.scalars(select(Entry).where(Entry.action == "app_changed")).one()
    said = describe(entry.action, entry.details)
    assert said.startswith("The app Sales was changed.")
    assert "Name: Leads → Sales." in said
    assert "Members: bob@example.com → eve@example.com." in said
    change_app(session, alice, app, "Sales", frozenset())
    assert find_app(session, bob, app.id) is app


def test_a_deleted_app_takes_its_records_with_it(session: Session, alice: Person) -> None:
    app = add_app(session, alice, "Leads")
    add_record(session, alice, app, "ACME", "")
    delete_app(session, alice, app)
    session.expire_all()
    assert session.scalars(select(Record)).all() == []
    assert "app_deleted" in _entries(session)


def test_saving_an_app_unchanged_is_no_news(session: Session, alice: Person) -> None:
    app = add_app(session, alice, "Leads")
    change_app(session, alice, app, "Leads", frozenset())
    assert _entries(session) == ["app_added"]


def test_a_change_among_many_members_is_told_in_part(
    session: Session, alice: Person, bob: Person
) -> None:
    crowd = [new_person(f"a{number:02}@example.com", "A") for number in range(30)]
    session.add_all(crowd)
    session.flush()
    ids = frozenset(person.id for person in crowd)
    app = add_app(session, alice, "Leads", ids | {bob.id})
    change_app(session, alice, app, "Leads", ids | {alice.id})
    entry = session.scalars(select(Entry).where(Entry.action == "app_changed")).one()
    assert entry.details["after"]["members"].endswith("a19@example.com and 11 more")
    assert list(entry.details["before"]) == ["members"]
