"""Totals by day: tries are counted once, however the worker goes about it."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from sysmail import clock, outbox
from sysmail.outbox import HistoryDay, State
from sysmail.outbox.days import count_tries
from tests.support.troubles import NO_ANSWER, many_troubled, troubled

pytestmark = pytest.mark.both_engines

TAKEN = {**NO_ANSWER, "outcome": "sent", "cause": None}


def _counted(session: Session) -> list[tuple[int, int]]:
    """(accepted, troubled) of the last three days, oldest first."""
    session.commit()
    return [(day.accepted, day.troubled) for day in outbox.last_days(session, 3)]


@time_machine.travel("2026-05-03 12:00:00Z")
def test_each_try_counts_once_on_its_day(session: Session) -> None:
    troubled(session, State.SENT, TAKEN, minutes_ago=60 * 24)
    troubled(session, State.SENT, TAKEN, minutes_ago=5)
    troubled(session, minutes_ago=6)
    while count_tries(session):
        session.commit()
    assert _counted(session) == [(0, 0), (1, 0), (1, 1)]
    count_tries(session)
    assert _counted(session) == [(0, 0), (1, 0), (1, 1)]
    troubled(session, minutes_ago=1)
    count_tries(session)
    assert _counted(session) == [(0, 0), (1, 0), (1, 2)]


@time_machine.travel("2026-05-03 12:00:00Z")
def test_tries_of_the_last_seconds_wait_until_all_before_them_are_committed(
    session: Session,
) -> None:
    troubled(session, minutes_ago=1)
    troubled(session, minutes_ago=0.05)
    troubled(session, minutes_ago=1)
    count_tries(session)
    assert _counted(session)[-1] == (0, 1)


@time_machine.travel("2026-05-03 12:00:00Z")
def test_a_try_that_a_wrong_clock_dated_ahead_holds_nothing_up(session: Session) -> None:
    troubled(session, minutes_ago=-60 * 24 * 365)
    troubled(session, minutes_ago=1)
    count_tries(session)
    assert _counted(session)[-1] == (0, 1)
    assert session.scalar(select(HistoryDay.troubled).where(HistoryDay.day > clock.now().date()))


@time_machine.travel("2026-05-03 12:00:00Z")
def test_a_long_history_is_counted_in_slices(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sysmail.outbox.days._SLICE", 40)
    many_troubled(session, 100)
    more = [count_tries(session) for _ in range(4)]
    assert more == [True, True, False, False]
    with time_machine.travel(clock.now() + timedelta(minutes=1)):
        count_tries(session)
    assert _counted(session)[-1] == (0, 100)
