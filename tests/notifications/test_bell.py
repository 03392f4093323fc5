"""The bell: what is unread, for whom, and what reading it does to its mail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from sysmail import audit, clock
from sysmail.events import Event
from sysmail.notifications import (
    MOST_UNREAD,
    Notification,
    apply_choice,
    apply_record_mode,
    heard,
    mark_all_read,
    open_heard,
    unread_count,
)
from sysmail.outbox import Composer, Delivery
from sysmail.people import Person
from sysmail.portal import App, Comment, Membership, Record
from sysmail.preferences import Choice
from tests.notifications.test_objection import objection_to

pytestmark = pytest.mark.both_engines
Happen = Callable[..., Event]
Expand = Callable[..., list[Delivery]]
ALL = Choice(receive="all", kinds=7)


def unread(session: Session, person: Person) -> list[int]:
    """The ids of what is unread, the newest first."""
    found = heard(person, is_read=False).order_by(Notification.id.desc())
    return [row.id for row in session.execute(found)]


def test_what_is_to_me_and_what_is_mailed_is_unread_until_it_is_opened(
    session: Session, alice: Person, bob: Person, happen: Happen, expand: Expand
) -> None:
    event = happen(alice, mentioned=(bob,))
    expand()
    assert (unread_count(session, bob), unread_count(session, alice)) == (1, 0)
    place = open_heard(session, bob, unread(session, bob)[0])
    assert place == (event.app_id, event.record_id, event.comment_id)
    assert unread_count(session, bob) == 0
    [row] = session.execute(heard(bob, is_read=True)).all()
    assert row.because == "mentioned"


@pytest.mark.parametrize(
    ("choice", "mentioned", "rings"),
    [
        (Choice(), True, True),
        (Choice(), False, False),
        (ALL, False, True),
        (Choice(receive="none"), True, True),
        (Choice(receive="none"), False, False),
        (Choice(receive="all", kinds=1), True, True),
        (Choice(receive="all", kinds=1), False, False),
        (Choice(receive="all", frequency="daily"), False, True),
    ],
)
def test_the_bell_rings_for_mail_and_for_what_is_to_me_without_mail(
    session: Session,
    alice: Person,
    bob: Person,
    happen: Happen,
    expand: Expand,
    choice: Choice,
    mentioned: bool,
    rings: bool,
) -> None:
    apply_choice(session, bob, choice)
    happen(alice, mentioned=(bob,) if mentioned else ())
    expand()
    assert unread_count(session, bob) == int(rings)


def test_a_muted_record_does_not_ring_but_for_a_mention(
    session: Session, alice: Person, bob: Person, record: Record, happen: Happen, expand: Expand
) -> None:
    apply_choice(session, bob, ALL)
    apply_record_mode(session, bob, record.id, "mute")
    happen(alice)
    happen(alice, concerned={"commenters": [bob.id]})
    expand()
    assert unread_count(session, bob) == 0
    happen(alice, mentioned=(bob,))
    expand()
    assert unread_count(session, bob) == 1


def test_pain_23_who_lost_access_hears_nothing_of_it_any_more(
    session: Session, alice: Person, bob: Person, happen: Happen, expand: Expand
) -> None:
    happen(alice, mentioned=(bob,))
    expand()
    [notification] = unread(session, bob)
    session.execute(delete(Membership))
    assert unread_count(session, bob) == 0
    assert unread(session, bob) == []
    assert open_heard(session, bob, notification) is None
    assert session.get_one(Notification, notification).read_at is None


def test_what_was_deleted_is_not_unread(
    session: Session, alice: Person, bob: Person, happen: Happen, expand: Expand
) -> None:
    happen(alice, mentioned=(bob,))
    expand()
    session.execute(delete(Comment))
    assert (unread_count(session, bob), unread(session, bob)) == (0, [])


def test_entries_of_the_audit_log_are_for_administrators(
    session: Session, alice: Person, expand: Expand
) -> None:
    apply_choice(session, alice, ALL)
    audit.record(session, "user_added", audit.SYSTEM, {})
    session.commit()
    expand()
    assert unread_count(session, alice) == 1
    assert open_heard(session, alice, unread(session, alice)[0]) == (None, None, None)
    audit.record(session, "user_added", audit.SYSTEM, {})
    session.commit()
    expand()
    alice.is_administrator = False
    session.flush()
    assert unread_count(session, alice) == 0


def test_another_persons_notification_cannot_be_opened(
    session: Session, alice: Person, bob: Person, happen: Happen, expand: Expand
) -> None:
    happen(alice, mentioned=(bob,))
    expand()
    [notification] = unread(session, bob)
    assert open_heard(session, alice, notification) is None
    assert unread_count(session, bob) == 1


def test_all_means_what_was_shown_and_not_what_came_since(
    session: Session, alice: Person, bob: Person, happen: Happen, expand: Expand
) -> None:
    for _number in range(2):
        happen(alice, mentioned=(bob,))
    expand()
    shown = unread(session, bob)[0]
    happen(alice, mentioned=(bob,))
    expand()
    mark_all_read(session, bob, shown)
    assert len(unread(session, bob)) == unread_count(session, bob) == 1
    assert unread(session, bob)[0] > shown


def test_counting_stops_at_a_hundred(
    session: Session, alice: Person, bob: Person, leads: App
) -> None:
    now = clock.now()
    events = [
        {"kind": "record_added", "created_at": now, "app_id": leads.id, "snapshot": {}}
        for _number in range(MOST_UNREAD + 20)
    ]
    session.execute(
        insert(Event), [{**one, "expanded_to": 0, "expanded_at": now} for one in events]
    )
    for event_id in session.scalars(select(Event.id)).all():
        session.add(Notification(event_id=event_id, person_id=bob.id, because="follows"))
    session.flush()
    assert unread_count(session, bob) == MOST_UNREAD


def test_what_was_read_first_is_not_mailed_where_the_person_wants_that(
    session: Session,
    alice: Person,
    bob: Person,
    happen: Happen,
    expand: Expand,
    desk: Composer,
) -> None:
    apply_choice(session, bob, replace(ALL, unread_only=True))
    happen(alice, mentioned=(bob,))
    [delivery] = expand()
    assert objection_to(session, desk, delivery) is None
    open_heard(session, bob, unread(session, bob)[0])
    session.refresh(delivery)
    assert (delivery.state, delivery.reason) == ("withdrawn", "read")
    delivery.state, delivery.reason = "queued", None
    session.flush()
    assert objection_to(session, desk, delivery) == "read"


def test_what_was_read_is_mailed_all_the_same_where_the_person_does_not_say_so(
    session: Session,
    alice: Person,
    bob: Person,
    happen: Happen,
    expand: Expand,
    desk: Composer,
) -> None:
    happen(alice, mentioned=(bob,))
    [delivery] = expand()
    open_heard(session, bob, unread(session, bob)[0])
    session.refresh(delivery)
    assert delivery.state == "queued"
    assert objection_to(session, desk, delivery) is None
