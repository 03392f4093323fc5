"""Events become notifications and deliveries: in slices, once, whoever dies in between."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.db import db
from sysmail.events import RECORD_ADDED, Event
from sysmail.notifications import Notification, expand_next
from sysmail.outbox import Delivery
from sysmail.people import Person
from sysmail.portal import App, Record
from sysmail.preferences import Preference

pytestmark = pytest.mark.both_engines
Happen = Callable[..., Event]


def crowd(session: Session, size: int) -> None:
    """People who never chose; every fourth of them receives all, every sixth is disabled."""
    now = clock.now()
    session.execute(
        insert(Person),
        [
            {
                "email": f"person{n}@example.com",
                "name": f"Person {n}",
                "active": n % 6 != 0,
                "is_administrator": False,
                "fs_uniquifier": f"crowd{n}",
                "created_at": now,
            }
            for n in range(size)
        ],
    )
    ids = session.scalars(select(Person.id).where(Person.name.like("Person %"))).all()
    session.execute(
        insert(Preference),
        [
            {"person_id": id_, "receive": "all", "kinds": 3, "format": "html", "chosen_at": now}
            for id_ in ids[::4]
        ],
    )
    session.commit()


def count(session: Session, what: type[Notification | Delivery]) -> int:
    return session.scalar(select(func.count()).select_from(what)) or 0


def slices(session: Session, size: int) -> int:
    done = 0
    while expand_next(session, size):
        session.commit()
        done += 1
    return done


def test_twelve_thousand_people_are_told_in_slices_and_the_counts_add_up(
    session: Session, leads: App, alice: Person, happen: Happen
) -> None:
    crowd(session, 12_000)
    leads.is_open = True
    event = happen(alice, RECORD_ADDED)
    assert slices(session, 5_000) == 3
    mailed = count(session, Delivery)
    skipped = session.scalar(
        select(func.count()).select_from(Notification).where(Notification.skip.is_not(None))
    )
    # Of every twelve: three receive all, and one of those is disabled.
    assert mailed == 2_000
    assert event.notified == count(session, Notification) == mailed + (skipped or 0) == 12_002
    assert event.expanded_at is not None


def test_every_notification_is_skipped_or_has_exactly_one_delivery(
    session: Session, leads: App, alice: Person, happen: Happen
) -> None:
    crowd(session, 60)
    leads.is_open = True
    happen(alice)
    happen(alice, RECORD_ADDED)
    slices(session, 7)
    deliveries = (
        select(func.count())
        .select_from(Delivery)
        .where(
            Delivery.event_id == Notification.event_id,
            Delivery.person_id == Notification.person_id,
        )
        .correlate(Notification)
        .scalar_subquery()
    )
    rows = session.execute(select(Notification.skip, deliveries)).all()
    assert len(rows) == 124
    assert all(made == (0 if skip else 1) for skip, made in rows)


def test_a_slice_cut_off_before_its_commit_is_done_again_whole(
    session: Session, leads: App, alice: Person, happen: Happen
) -> None:
    crowd(session, 100)
    leads.is_open = True
    event = happen(alice, RECORD_ADDED)
    assert expand_next(session, 40)
    session.commit()
    before = count(session, Notification)
    assert expand_next(session, 40)
    assert count(session, Notification) > before
    session.rollback()
    assert count(session, Notification) == before == event.notified
    slices(session, 40)
    assert event.notified == count(session, Notification) == 102
    assert session.scalar(select(func.count(Delivery.person_id.distinct()))) == count(
        session, Delivery
    )


def test_many_workers_at_once_tell_each_person_once(
    app: Flask, session: Session, leads: App, alice: Person, happen: Happen
) -> None:
    crowd(session, 300)
    leads.is_open = True
    event = happen(alice, RECORD_ADDED)

    def work(_: int) -> int:
        with app.app_context():
            return slices(db.session(), 10)

    with ThreadPoolExecutor(4) as pool:
        done = sum(pool.map(work, range(4)))
    session.refresh(event)
    assert done >= 31
    assert event.notified == count(session, Notification) == 302
    assert event.expanded_at is not None


def test_the_oldest_event_goes_first_and_nothing_is_left(
    session: Session, alice: Person, bob: Person, happen: Happen
) -> None:
    first, second = happen(alice, mentioned=(bob,)), happen(alice, mentioned=(bob,))
    assert expand_next(session)
    session.commit()
    assert (first.expanded_at is None, second.expanded_at is None) == (False, True)
    assert expand_next(session)
    session.commit()
    assert not expand_next(session)
    assert [d.event_id for d in session.scalars(select(Delivery).order_by(Delivery.id))] == [
        first.id,
        second.id,
    ]


def test_what_was_deleted_before_its_expansion_tells_nobody(
    session: Session, record: Record, alice: Person, bob: Person, happen: Happen
) -> None:
    event = happen(alice, mentioned=(bob,))
    session.delete(record)
    session.commit()
    assert expand_next(session)
    session.commit()
    assert event.expanded_at is not None
    assert (event.notified, count(session, Notification), count(session, Delivery)) == (0, 0, 0)


def test_a_delivery_carries_what_the_outbox_needs(
    session: Session, alice: Person, bob: Person, happen: Happen
) -> None:
    event = happen(alice, mentioned=(bob,))
    slices(session, 5_000)
    delivery = session.scalars(select(Delivery)).one()
    assert (delivery.kind, delivery.state, delivery.priority) == ("comment_posted", "queued", 2)
    assert (delivery.address, delivery.name) == ("bob@example.com", "Bob")
    assert (delivery.event_id, delivery.person_id) == (event.id, bob.id)
    assert delivery.due_at == delivery.created_at >= event.created_at
    assert (delivery.held, delivery.tries, delivery.snapshot) == (False, 0, None)
