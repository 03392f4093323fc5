"""Sending many again: counted first, done in slices, and to be stopped."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from sysmail import clock, outbox
from sysmail.audit import Entry
from sysmail.outbox import Delivery, Filters, Resend, State, Which
from sysmail.outbox.history import is_retriable
from sysmail.outbox.resend import SLICE, resend_slice
from sysmail.people import Person
from tests.support.troubles import NO_ANSWER, REFUSED_LOGIN, many_troubled, troubled

pytestmark = pytest.mark.both_engines

FAILED = Which(Filters(state="failed"))


def _run(session: Session) -> int:
    slices = 0
    while resend_slice(session):
        session.commit()
        slices += 1
    session.commit()
    return slices


def _states(session: Session) -> dict[int, str]:
    session.expire_all()
    return {delivery.id: delivery.state for delivery in session.scalars(select(Delivery))}


def test_the_counts_tell_what_would_happen(session: Session) -> None:
    troubled(session, minutes_ago=5)
    troubled(session, minutes_ago=60 * 30)
    troubled(session, kind="test")
    troubled(session, State.UNCERTAIN, NO_ANSWER, uncertain_tries=4)
    times = [clock.now() - timedelta(days=1)]
    assert outbox.tally(session, FAILED, times) == outbox.Tally(3, 2, 0, (1,))
    assert outbox.tally(session, Which(Filters()), times) == outbox.Tally(4, 3, 1, (1,))


def test_all_that_match_are_due_now_and_the_others_stay(session: Session, alice: Person) -> None:
    failed = [troubled(session).id for _ in range(3)]
    other = troubled(session, State.WITHDRAWN, REFUSED_LOGIN)
    asked = outbox.ask_resend(session, alice.actor, FAILED)
    session.commit()
    _run(session)
    states = _states(session)
    assert [states[number] for number in failed] == [State.QUEUED] * 3
    assert states[other.id] == State.WITHDRAWN
    assert (asked.state, asked.expected, asked.resent) == ("done", 3, 3)
    entry = session.scalars(select(Entry).where(Entry.action == "deliveries_retried")).one()
    assert entry.details["count"] == 3


def test_only_the_chosen_ones_go(session: Session, alice: Person) -> None:
    first, second = troubled(session), troubled(session)
    outbox.ask_resend(session, alice.actor, Which(Filters(), (second.id, 4711)))
    session.commit()
    _run(session)
    assert _states(session) == {first.id: State.FAILED, second.id: State.QUEUED}


def test_what_is_outdated_is_dropped_instead(session: Session, alice: Person) -> None:
    old, new = troubled(session, minutes_ago=60 * 30), troubled(session)
    day_ago = clock.now() - timedelta(days=1)
    asked = outbox.ask_resend(session, alice.actor, FAILED, drop_before=day_ago)
    session.commit()
    _run(session)
    assert _states(session) == {old.id: State.WITHDRAWN, new.id: State.QUEUED}
    session.refresh(old)
    assert old.reason == "outdated"
    assert (asked.resent, asked.dropped) == (1, 1)


def test_what_cannot_be_sent_again_is_passed_over(session: Session, alice: Person) -> None:
    troubled(session, kind="test")
    troubled(session, kind="account", snapshot=None)
    troubled(session)
    asked = outbox.ask_resend(session, alice.actor, FAILED)
    session.commit()
    _run(session)
    assert (asked.resent, asked.passed_over, asked.finished) == (1, 2, 3)


def test_many_go_slice_by_slice_each_once(session: Session, alice: Person) -> None:
    count = SLICE * 2 + 30
    many_troubled(session, count)
    asked = outbox.ask_resend(session, alice.actor, FAILED)
    session.commit()
    assert resend_slice(session)
    session.commit()
    assert (asked.state, asked.resent) == ("running", SLICE)
    assert _run(session) == 2
    assert (asked.state, asked.resent, asked.passed_over) == ("done", count, 0)
    assert set(_states(session).values()) == {State.QUEUED}


def test_what_fails_again_meanwhile_is_not_sent_a_third_time(
    session: Session, alice: Person
) -> None:
    many_troubled(session, SLICE + 10)
    outbox.ask_resend(session, alice.actor, FAILED)
    session.commit()
    resend_slice(session)
    again = session.get_one(Delivery, 1, populate_existing=True)
    assert again.state == State.QUEUED
    again.state, again.trouble_at = State.FAILED, clock.now() + timedelta(seconds=1)
    session.commit()
    _run(session)
    assert _states(session)[1] == State.FAILED


def test_one_that_is_cancelled_stops_where_it_is(session: Session, alice: Person) -> None:
    many_troubled(session, SLICE + 10)
    asked = outbox.ask_resend(session, alice.actor, FAILED)
    session.commit()
    resend_slice(session)
    session.commit()
    outbox.cancel_resend(session, asked.id)
    session.commit()
    assert not resend_slice(session)
    assert (asked.state, asked.resent) == ("cancelled", SLICE)
    states = list(_states(session).values())
    assert (states.count(State.QUEUED), states.count(State.FAILED)) == (SLICE, 10)
    assert outbox.cancel_resend(session, 4711) is None


def test_after_a_restore_no_bulk_retry_goes_on(session: Session, alice: Person) -> None:
    troubled(session)
    asked = outbox.ask_resend(session, alice.actor, FAILED)
    session.commit()
    outbox.hold_unsent(session)
    session.commit()
    assert not resend_slice(session)
    assert session.get_one(Resend, asked.id).state == "cancelled"


_SOON, _EVER = timedelta(hours=1), timedelta(hours=-1)
_CASES: list[dict[str, Any]] = [
    {},
    {"kind": "test"},
    {"state": State.SENT},
    {"state": State.SENDING},
    {"state": State.WITHDRAWN},
    {"state": State.UNCERTAIN},
    {"state": State.QUEUED, "due_at": _SOON},
    {"state": State.QUEUED, "due_at": _EVER},
    {"state": State.QUEUED, "due_at": _SOON, "held": True},
    {"kind": "account"},
    {"kind": "account", "snapshot": "sealed"},
    {"kind": "account", "snapshot": "sealed", "expires_at": _SOON},
    {"kind": "account", "snapshot": "sealed", "expires_at": _EVER},
]


@pytest.mark.parametrize("changes", _CASES, ids=str)
def test_both_ways_to_ask_whether_one_can_be_sent_again_agree(
    session: Session, changes: dict[str, Any]
) -> None:
    for name in ("due_at", "expires_at"):
        if name in changes:
            changes = {**changes, name: clock.now() + changes[name]}
    delivery = troubled(session, **changes)
    fitting = session.scalar(select(Delivery.id).where(is_retriable(clock.now())))
    row = session.execute(outbox.shown(select(Delivery))).one()
    assert (fitting is not None) is (outbox.refusal(delivery) is None)
    assert (fitting is not None) is (outbox.refusal(row) is None)
