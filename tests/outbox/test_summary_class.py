"""Summaries in the outbox: last in line but not starved, few at once, given up after two days."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.notifications import composer
from sysmail.outbox import Claimant, Composer, Delivery, Priority, State, claim
from sysmail.outbox.days import HistoryDay
from sysmail.outbox.retention import remove_old
from sysmail.outbox.retry import next_step
from sysmail.people import Person
from sysmail.smtp import Klass, Scope, Verdict

pytestmark = pytest.mark.both_engines


@pytest.fixture
def desk(app: Flask) -> Composer:
    return composer(app.extensions["sysmail.config"], app.extensions["sysmail.vault"])


def put(session: Session, person: Person, priority: int, count: int = 1) -> list[Delivery]:
    now = clock.now()
    kind = "digest" if priority == Priority.SUMMARY else "account"
    made = [
        Delivery(
            kind=kind, state=State.QUEUED, priority=priority, person_id=person.id,
            address=person.email, name=person.name, created_at=now, due_at=now,
            notices=7 if kind == "digest" else None,
        )
        for _ in range(count)
    ]  # fmt: skip
    session.add_all(made)
    session.commit()
    return made


def claimed(session: Session, desk: Composer, limit: int = 256) -> list[int]:
    found = claim(session, Claimant("worker", 3), desk, limit).deliveries
    session.commit()
    return [one.priority for one in found]


def test_notifications_overtake_summaries_but_in_one_second_of_eight(
    session: Session, bob: Person, desk: Composer
) -> None:
    with time_machine.travel("2026-03-02 10:00:00Z", tick=False) as traveller:
        put(session, bob, Priority.SUMMARY)
        for _ in range(2):
            put(session, bob, Priority.NOTIFICATION)
        assert claimed(session, desk, 1) == [Priority.NOTIFICATION]
        traveller.move_to("2026-03-02 10:00:07Z")
        assert claimed(session, desk, 1) == [Priority.SUMMARY]
        assert claimed(session, desk, 1) == [Priority.NOTIFICATION]


def test_few_summaries_are_claimed_at_once(session: Session, bob: Person, desk: Composer) -> None:
    put(session, bob, Priority.SUMMARY, 40)
    assert len(claimed(session, desk)) == 32


def test_a_summary_is_given_up_after_two_days_of_its_own_waiting(app: Flask) -> None:
    config = app.extensions["sysmail.config"]
    busy = Verdict(Klass.TRANSIENT, Scope.MESSAGE, "recipient_try_later")
    states = {
        (priority, tries): next_step(
            Delivery(kind="digest", priority=priority, tries=tries), busy, config, clock.now()
        ).state
        for priority in (Priority.NOTIFICATION, Priority.SUMMARY)
        for tries in (10, 18)
    }
    assert [key for key, state in states.items() if state is State.FAILED] == [
        (Priority.SUMMARY, 18)
    ]


def test_a_removed_summary_still_counts_for_all_it_told(session: Session, bob: Person) -> None:
    long_ago = clock.now() - timedelta(days=200)
    [digest] = put(session, bob, Priority.SUMMARY)
    digest.created_at = long_ago
    digest.end(State.SENT, long_ago)
    session.commit()
    assert remove_old(session, 0).count == 1
    session.commit()
    assert session.get_one(HistoryDay, long_ago.date()).sent == 7
