"""The same question asked with values, with columns, in INSERT ... SELECT and in UPDATE."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, literal, select, update
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.events import Event
from sysmail.notifications import Notification
from sysmail.people import Person
from sysmail.portal import App, Comment, Membership, Record, app_access, may_see, subject_exists

pytestmark = pytest.mark.both_engines


@pytest.fixture
def closed_app(session: Session, alice: Person, bob: Person, eve: Person) -> App:
    app = App(name="Leads", is_open=False, created_at=clock.now(), created_by=bob.id)
    session.add(app)
    session.flush()
    session.add(Membership(app_id=app.id, person_id=bob.id))
    session.commit()
    return app


def _event(session: Session, **ids: int) -> Event:
    event = Event(kind="record_added", created_at=clock.now(), snapshot={}, **ids)
    session.add(event)
    session.commit()
    return event


def test_members_and_administrators_see_a_closed_app_and_others_do_not(
    session: Session, closed_app: App, alice: Person, bob: Person, eve: Person
) -> None:
    assert may_see(session, bob, closed_app.id)
    assert may_see(session, alice, closed_app.id)
    assert not may_see(session, eve, closed_app.id)


def test_everyone_sees_an_open_app_and_nobody_one_that_does_not_exist(
    session: Session, closed_app: App, alice: Person, eve: Person
) -> None:
    closed_app.is_open = True
    session.commit()
    assert may_see(session, eve, closed_app.id)
    assert not may_see(session, alice, closed_app.id + 1)
    assert session.scalar(select(app_access(alice.id, None))) is False


def test_access_can_be_asked_of_every_person_while_inserting(
    session: Session, closed_app: App, alice: Person, bob: Person, eve: Person
) -> None:
    event = _event(session, app_id=closed_app.id)
    chosen = (
        select(literal(event.id), Person.id, literal("follows"))
        .join(Event, Event.id == event.id)
        .where(app_access(Person.id, Event.app_id))
    )
    session.execute(insert(Notification).from_select(["event_id", "person_id", "because"], chosen))
    told = set(session.scalars(select(Notification.person_id)))
    assert told == {alice.id, bob.id}


def test_access_and_existence_can_be_asked_deep_inside_an_update(
    session: Session, closed_app: App, bob: Person, eve: Person
) -> None:
    now = clock.now()
    record = Record(
        app_id=closed_app.id, title="T", body="", created_at=now, created_by=bob.id,
        updated_at=now, updated_by=bob.id,
    )  # fmt: skip
    session.add(record)
    session.flush()
    event = _event(session, app_id=closed_app.id, record_id=record.id)
    for person in (bob, eve):
        session.add(Notification(event_id=event.id, person_id=person.id, because="follows"))
    session.flush()

    def sendable() -> set[int]:
        allowed = (
            select(Event.id)
            .where(
                Event.id == Notification.event_id,
                app_access(Notification.person_id, Event.app_id),
                subject_exists(Event.app_id, Event.record_id, Event.comment_id),
            )
            .correlate(Notification)
            .exists()
        )
        session.execute(update(Notification).values(skip="no"))
        session.execute(update(Notification).where(allowed).values(skip=None))
        return set(
            session.scalars(select(Notification.person_id).where(Notification.skip.is_(None)))
        )

    assert sendable() == {bob.id}
    session.delete(record)
    session.flush()
    assert sendable() == set()


def test_a_subject_exists_until_any_of_its_parts_is_deleted(
    session: Session, closed_app: App, bob: Person
) -> None:
    now = clock.now()
    record = Record(
        app_id=closed_app.id, title="T", body="", created_at=now, created_by=bob.id,
        updated_at=now, updated_by=bob.id,
    )  # fmt: skip
    session.add(record)
    session.flush()
    comment = Comment(record_id=record.id, text="Hi", created_at=now, created_by=bob.id)
    session.add(comment)
    session.commit()
    ids = (closed_app.id, record.id, comment.id)
    assert session.scalar(select(subject_exists(*ids)))
    assert session.scalar(select(subject_exists(None, None, None)))
    session.delete(comment)
    session.commit()
    assert not session.scalar(select(subject_exists(*ids)))
    assert session.scalar(select(subject_exists(ids[0], ids[1], None)))


def test_the_id_of_a_deleted_record_is_never_given_again(session: Session, bob: Person) -> None:
    first = App(name="One", is_open=True, created_at=clock.now(), created_by=bob.id)
    session.add(first)
    session.commit()
    gone = first.id
    session.delete(first)
    session.commit()
    second = App(name="Two", is_open=True, created_at=clock.now(), created_by=bob.id)
    session.add(second)
    session.commit()
    assert second.id > gone
