from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from sysmail.audit import Entry, describe
from sysmail.events import Event
from sysmail.people import Person, new_person
from sysmail.portal import (
    App,
    Comment,
    add_app,
    add_comment,
    add_record,
    change_comment,
    change_record,
    delete_comment,
    delete_record,
    find_comment,
    find_record,
    may_change,
)
from sysmail.portal.news import MOST_COMMENTERS

pytestmark = pytest.mark.both_engines


@pytest.fixture
def leads(session: Session, bob: Person) -> App:
    app = add_app(session, bob, "Leads")
    session.commit()
    return app


def _last_event(session: Session) -> Event:
    return session.scalars(select(Event).order_by(Event.id.desc())).first() or Event()


def test_a_new_record_publishes_all_that_its_mails_need(
    session: Session, leads: App, alice: Person, bob: Person
) -> None:
    record = add_record(session, bob, leads, "ACME", "See @[alice@example.com]\r<b>.").thing
    event = _last_event(session)
    assert (event.kind, event.actor_id) == ("record_added", bob.id)
    assert (event.app_id, event.record_id, event.comment_id) == (leads.id, record.id, None)
    assert event.snapshot == {
        "app": "Leads",
        "title": "ACME",
        "text": "See @Alice\r<b>.",
        "actor": "Bob",
        "mentioned": [alice.id],
        "concerned": {},
    }


def test_a_new_comment_names_the_creator_the_editor_and_earlier_commenters(
    session: Session, leads: App, alice: Person, bob: Person, eve: Person
) -> None:
    record = add_record(session, bob, leads, "ACME", "").thing
    change_record(session, alice, record, "ACME 2", "")
    for person in (eve, bob, eve):
        add_comment(session, person, leads, record, "Hm.")
    comment = add_comment(session, alice, leads, record, "Well.").thing
    event = _last_event(session)
    assert (event.kind, event.comment_id) == ("comment_posted", comment.id)
    assert event.snapshot["title"] == "ACME 2"
    assert event.snapshot["concerned"] == {
        "creator": bob.id,
        "editor": alice.id,
        "commenters": [eve.id, bob.id],
    }


def test_edits_and_deletions_publish_nothing(session: Session, leads: App, bob: Person) -> None:
    record = add_record(session, bob, leads, "ACME", "").thing
    comment = add_comment(session, bob, leads, record, "Hm.").thing
    before = _last_event(session).id
    change_record(session, bob, record, "ACME", "more")
    change_comment(session, record, comment, "Hm?")
    delete_comment(session, comment)
    delete_record(session, bob, leads, record)
    assert _last_event(session).id == before
    assert find_record(session, leads, record.id) is None


def test_deleting_what_another_wrote_is_audited(
    session: Session, leads: App, alice: Person, bob: Person
) -> None:
    record = add_record(session, bob, leads, "ACME", "").thing
    delete_record(session, alice, leads, record)
    entry = session.scalars(select(Entry).order_by(Entry.id.desc())).first()
    assert entry is not None
    assert (entry.action, entry.actor_name) == ("record_deleted", "Alice")
    assert describe(entry.action, entry.details) == "The record ACME was deleted."


def test_one_changes_ones_own_and_an_administrator_anybodys(
    session: Session, leads: App, alice: Person, bob: Person, eve: Person
) -> None:
    record = add_record(session, bob, leads, "ACME", "").thing
    assert may_change(bob, record)
    assert may_change(alice, record)
    assert not may_change(eve, record)


def test_a_record_is_found_only_in_its_app_and_a_comment_only_under_its_record(
    session: Session, leads: App, bob: Person
) -> None:
    other = add_app(session, bob, "Other")
    record = add_record(session, bob, leads, "ACME", "").thing
    second = add_record(session, bob, leads, "Beta", "").thing
    comment = add_comment(session, bob, leads, record, "Hm.").thing
    assert find_record(session, other, record.id) is None
    assert find_comment(session, second, comment.id) is None
    assert find_comment(session, record, comment.id) is comment


def test_a_very_long_text_is_told_in_part(session: Session, leads: App, bob: Person) -> None:
    add_record(session, bob, leads, "ACME", "x" * 100_000)
    told = _last_event(session).snapshot["text"]
    assert len(told) == 20_000
    assert told.endswith("x…")


def test_only_the_latest_commenters_are_concerned(
    session: Session, leads: App, bob: Person
) -> None:
    record = add_record(session, bob, leads, "ACME", "").thing
    crowd = _crowd(session, MOST_COMMENTERS + 5)
    row = {"record_id": record.id, "text": "Hm.", "created_at": record.created_at}
    session.execute(insert(Comment), [row | {"created_by": id_} for id_ in crowd])
    add_comment(session, bob, leads, record, "Well.")
    commenters = _last_event(session).snapshot["concerned"]["commenters"]
    assert commenters == crowd[:4:-1]


def test_writing_costs_the_same_however_many_people_may_see_it(
    session: Session, bob: Person
) -> None:
    crowd = _crowd(session, 1000)
    small = add_app(session, bob, "Small", set(crowd[:10]))
    large = add_app(session, bob, "Large", set(crowd))
    session.commit()
    costs = [_statements_to_write(session, bob, app) for app in (small, large)]
    assert costs[0] == costs[1] < 12


def _statements_to_write(session: Session, person: Person, app: App) -> int:
    session.refresh(person)
    session.refresh(app)
    with _statements(session) as seen:
        record = add_record(session, person, app, "ACME", "Hi @[p3@example.com]").thing
        add_comment(session, person, app, record, "Hi @[p4@example.com]")
    session.commit()
    return len(seen)


def _crowd(session: Session, count: int) -> list[int]:
    people = [new_person(f"p{number}@example.com", f"P{number}") for number in range(count)]
    session.add_all(people)
    session.flush()
    return [person.id for person in people]


@contextmanager
def _statements(session: Session) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_c: object, _u: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    engine = session.get_bind()
    sqlalchemy_event.listen(engine, "before_cursor_execute", note)
    yield seen
    sqlalchemy_event.remove(engine, "before_cursor_execute", note)
