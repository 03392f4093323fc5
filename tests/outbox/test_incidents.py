"""Trouble of one state and cause is gathered, whatever its size."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from sysmail import clock, outbox
from sysmail.outbox import Group, State
from sysmail.outbox.incidents import MOST_COUNTED
from tests.support.troubles import NO_ANSWER, REFUSED_LOGIN, many_troubled, troubled

pytestmark = pytest.mark.both_engines


def _groups(session: Session) -> dict[tuple[str, str], Group]:
    return {(group.state, group.cause): group for group in outbox.groups(session)}


def test_nothing_in_trouble_is_no_group(session: Session) -> None:
    troubled(session, State.SENT, trouble_at=None)
    assert _groups(session) == {}


def test_each_state_and_cause_is_a_group_with_its_first_and_last_trouble(session: Session) -> None:
    due = clock.now() + timedelta(minutes=7)
    first = troubled(session, State.QUEUED, REFUSED_LOGIN, 50, due_at=due + timedelta(minutes=1))
    troubled(session, State.QUEUED, REFUSED_LOGIN, 40, due_at=due)
    last = troubled(session, State.QUEUED, REFUSED_LOGIN, 30, due_at=due + timedelta(minutes=2))
    alone = troubled(session, State.UNCERTAIN, NO_ANSWER, 20)
    failed = troubled(session, State.FAILED, REFUSED_LOGIN, 10)
    found = _groups(session)
    assert found.keys() == {
        ("queued", "login_rejected"),
        ("uncertain", "no_answer_after_data"),
        ("failed", "login_rejected"),
    }
    waiting = found["queued", "login_rejected"]
    assert (waiting.count, waiting.newest_id, waiting.oldest_id) == (3, last.id, first.id)
    assert (waiting.since, waiting.due_at) == (first.trouble_at, due)
    assert waiting.is_incident
    assert waiting.shown_ids == {last.id}
    one = found["uncertain", "no_answer_after_data"]
    assert (one.count, one.shown_ids, one.is_incident) == (1, {alone.id}, False)
    assert found["failed", "login_rejected"].newest_id == failed.id
    assert found["failed", "login_rejected"].due_at is None


def test_two_of_a_kind_are_no_incident_but_both_are_shown(session: Session) -> None:
    both = {troubled(session, minutes_ago=n).id for n in (5, 9)}
    [group] = outbox.groups(session)
    assert not group.is_incident
    assert group.shown_ids == both


def test_counting_stops_at_ten_thousand(session: Session) -> None:
    many_troubled(session, MOST_COUNTED + 5)
    [group] = outbox.groups(session)
    assert (group.count, group.is_capped) == (MOST_COUNTED, True)
    assert (group.oldest_id, group.newest_id) == (1, MOST_COUNTED + 5)
