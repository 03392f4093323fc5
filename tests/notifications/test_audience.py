"""Who was told of a record or comment: the numbers, and each person's row."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from sysmail.events import RECORD_ADDED, Event
from sysmail.notifications import (
    MAILED,
    NOT,
    SUMMARY,
    WAYS,
    Notification,
    apply_choice,
    everybody_told,
    tallies,
    told_of,
    told_to,
    turn_summaries,
    withdraw_for,
)
from sysmail.outbox import Delivery, State
from sysmail.people import Person
from sysmail.portal import App, Record
from sysmail.preferences import Choice
from tests.support.summaries import digests, fall_due

pytestmark = pytest.mark.both_engines
Happen = Callable[..., Event]
Expand = Callable[..., list[Delivery]]
ALL = Choice(receive="all", kinds=7)


@pytest.fixture
def told(
    session: Session,
    leads: App,
    alice: Person,
    bob: Person,
    eve: Person,
    happen: Happen,
    expand: Expand,
) -> Event:
    """A comment of alice's: bob is mailed, eve gets a summary."""
    leads.is_open = True
    apply_choice(session, bob, ALL)
    apply_choice(session, eve, Choice(receive="all", kinds=7, frequency="daily"))
    event = happen(alice)
    expand()
    return event


def counts(session: Session, event: Event) -> dict[str, int]:
    assert event.record_id is not None
    assert event.comment_id is not None
    [tally] = tallies(session, event.record_id, [event.comment_id])
    assert tally.is_decided
    return {way: tally.count(way) for way in WAYS}


def test_everybody_stands_in_one_of_three_numbers(session: Session, told: Event) -> None:
    assert counts(session, told) == {MAILED: 1, SUMMARY: 1, NOT: 1}


def test_every_row_says_how_and_why(
    session: Session, told: Event, alice: Person, bob: Person, eve: Person
) -> None:
    rows = {row.person_id: (row.way, row.why, row.state) for row in told_of(session, [told.id])}
    assert rows == {
        alice.id: (NOT, "own_action", None),
        bob.id: (MAILED, None, "queued"),
        eve.id: (SUMMARY, SUMMARY, None),
    }
    assert told_to(session, bob.id, [told.id])[told.id].name == "Bob"
    for way, person in ((MAILED, bob), (SUMMARY, eve), (NOT, alice)):
        [row] = session.execute(everybody_told(told.id, way)).all()
        assert row.person_id == person.id


def test_what_is_withdrawn_or_dropped_counts_as_not_mailed(
    session: Session, told: Event, bob: Person, eve: Person
) -> None:
    bob.active = False
    withdraw_for(session, bob.id)
    session.execute(
        update(Notification).where(Notification.person_id == eve.id).values(dropped="read")
    )
    session.expire_all()
    assert counts(session, told) == {MAILED: 0, SUMMARY: 0, NOT: 3}
    why = {row.person_id: row.why for row in told_of(session, [told.id])}
    assert (why[bob.id], why[eve.id]) == ("disabled", "read")


def test_the_record_has_numbers_of_its_own(
    session: Session, told: Event, alice: Person, record: Record, happen: Happen, expand: Expand
) -> None:
    happen(alice, kind=RECORD_ADDED)
    expand()
    assert told.comment_id is not None
    found = tallies(session, record.id, [told.comment_id])
    assert {tally.comment_id for tally in found} == {None, told.comment_id}


def test_a_slice_at_a_time_comes_to_the_same_numbers(
    session: Session, told: Event, alice: Person, happen: Happen, expand: Expand
) -> None:
    event = happen(alice)
    expand(slice_size=1)
    session.refresh(event)
    assert counts(session, event) == counts(session, told)
    assert event.notified == event.mailed + event.summarised + 1


@pytest.mark.parametrize(
    ("state", "reason", "why"), [("failed", None, "failed"), ("withdrawn", "bouncing", "bouncing")]
)
def test_what_stood_in_a_summary_that_was_lost_counts_as_not_mailed(
    session: Session, told: Event, eve: Person, state: str, reason: str | None, why: str
) -> None:
    fall_due(session)
    turn_summaries(session)
    [digest] = digests(session)
    assert counts(session, told) == {MAILED: 1, SUMMARY: 1, NOT: 1}
    digest.state, digest.reason = State(state), reason
    session.commit()
    assert counts(session, told) == {MAILED: 1, SUMMARY: 0, NOT: 2}
    [row] = session.execute(everybody_told(told.id, NOT).where(Person.id == eve.id)).all()
    assert (row.why, row.state) == (why, state)
