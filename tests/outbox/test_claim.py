"""Claims: one owner for each delivery, in the right order, and nothing unwanted."""

from __future__ import annotations

import json
import threading
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import JSON, ColumnElement, literal, null, update
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.db import db
from sysmail.outbox import Claimant, Composer, Delivery, Priority, State, claim, post

pytestmark = pytest.mark.both_engines


def composer(objection: ColumnElement[str | None]) -> Composer:
    return Composer(objection, {"shape": literal({}, JSON)}, lambda s: {}, lambda s, c: [])


WANTED = composer(null())


def posted(session: Session, count: int, priority: int = Priority.NOTIFICATION) -> list[int]:
    made = [
        post(session, "account", priority, f"p{n}@example.com", "", None, "sealed")
        for n in range(count)
    ]
    session.commit()
    return [delivery.id for delivery in made]


def test_two_workers_never_hold_the_same_delivery(app: Flask, session: Session) -> None:
    posted(session, 60)
    taken: list[int] = []

    def work(name: str) -> None:
        with app.app_context():
            while found := claim(db.session(), Claimant(name, 3), WANTED, 7).deliveries:
                taken.extend(delivery.id for delivery in found)
                db.session.commit()

    threads = [threading.Thread(target=work, args=(f"w{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(taken) == sorted(set(taken))
    assert len(taken) == 60


def test_tests_and_account_mail_overtake_notifications(session: Session) -> None:
    late = posted(session, 1)
    middle = posted(session, 1, Priority.ACCOUNT)
    first = posted(session, 1, Priority.TEST)
    found = [claim(session, Claimant("w", 3), WANTED, 10).deliveries for _ in range(3)]
    assert [[delivery.id for delivery in claims] for claims in found] == [first, middle, late]


def test_what_is_objected_to_is_withdrawn_with_the_reason(session: Session) -> None:
    posted(session, 2)
    claims = claim(session, Claimant("w", 3), composer(literal("no_access")), 10)
    assert (claims.deliveries, claims.seen) == ([], 2)
    rows = session.query(Delivery).all()
    assert {(row.state, row.reason, row.snapshot) for row in rows} == {
        (State.WITHDRAWN, "no_access", None)
    }


def test_a_mail_whose_link_has_ended_is_withdrawn(session: Session) -> None:
    posted(session, 1)
    session.execute(update(Delivery).values(expires_at=clock.now() - timedelta(seconds=1)))
    claim(session, Claimant("w", 3), WANTED, 10)
    assert session.query(Delivery).one().reason == "expired"


def test_held_and_later_deliveries_are_left_alone(session: Session) -> None:
    held, later = posted(session, 2)
    session.execute(update(Delivery).where(Delivery.id == held).values(held=True))
    soon = clock.now() + timedelta(minutes=1)
    session.execute(update(Delivery).where(Delivery.id == later).values(due_at=soon))
    assert claim(session, Claimant("w", 3), WANTED, 10).seen == 0


def test_an_uncertain_delivery_rests_after_its_last_repeat(session: Session) -> None:
    posted(session, 1)
    session.execute(update(Delivery).values(state="uncertain", uncertain_tries=3))
    assert claim(session, Claimant("w", 2), WANTED, 10).seen == 0
    assert claim(session, Claimant("w", 3), WANTED, 10).seen == 1


def test_one_that_died_in_a_workers_hands_goes_alone(session: Session) -> None:
    posted(session, 3)
    session.execute(update(Delivery).where(Delivery.id == 1).values(deaths=1))
    assert claim(session, Claimant("w", 3), WANTED, 10).seen == 1
    assert claim(session, Claimant("w", 3), WANTED, 10).seen == 2


def test_what_shapes_the_bytes_is_written_once_and_kept(session: Session) -> None:
    posted(session, 1)
    session.execute(update(Delivery).values(shape={"kept": True}, uncertain_tries=1))
    [found] = claim(session, Claimant("w", 3), WANTED, 10).deliveries
    assert json.loads(found.shape) == {"kept": True}
