"""What each choice would have meant in a person's last seven days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy.orm import Session

from sysmail.events import RECORD_ADDED, Event
from sysmail.notifications import last_week
from sysmail.outbox import Delivery
from sysmail.people import Person
from sysmail.portal import Record
from sysmail.preferences import Choice, choice_of, store_record_mode

pytestmark = pytest.mark.both_engines
Happen = Callable[..., Event]
Expand = Callable[..., list[Delivery]]
MONDAY = datetime(2026, 5, 4, 8, 10, tzinfo=UTC)


@pytest.fixture
def lived(alice: Person, bob: Person, happen: Happen, expand: Expand) -> None:
    """A comment ten days ago; then two in one hour and a mention, next day a record, and own."""
    for days, minutes, who, mentioned, kind in (
        (-10, 0, alice, (), None),
        (0, 0, alice, (), None),
        (0, 5, alice, (), None),
        (0, 6, alice, (bob,), None),
        (1, 0, alice, (), RECORD_ADDED),
        (1, 1, bob, (), None),
    ):
        with time_machine.travel(MONDAY + timedelta(days=days, minutes=minutes), tick=False):
            happen(who, mentioned=mentioned, **({"kind": kind} if kind else {}))
            expand()


@pytest.mark.usefixtures("lived")
def test_each_choice_has_its_figure(session: Session, bob: Person) -> None:
    with time_machine.travel(MONDAY + timedelta(days=2), tick=False):
        week = last_week(session, bob.id, Choice("all"))
    assert week.receive == {"none": 0, "to_me": 1, "all": 4}
    assert week.kinds == {"record_added": 1, "comment_posted": 3, "audit_log_added": 0}
    # The mention goes by itself, beside one summary for each hour or day.
    assert week.frequency == {"immediate": 4, "hourly": 3, "daily": 3}
    assert not week.is_part


@pytest.mark.usefixtures("lived")
def test_the_rest_of_the_choice_counts(session: Session, bob: Person, record: Record) -> None:
    with time_machine.travel(MONDAY + timedelta(days=2), tick=False):
        daily = Choice("all", frequency="daily", mentions_at_once=False)
        assert last_week(session, bob.id, daily).receive == {"none": 0, "to_me": 1, "all": 2}
        store_record_mode(session, bob.id, record.id, "mute")
        assert last_week(session, bob.id, Choice("all")).receive["all"] == 1


def test_who_heard_of_nothing_has_noughts(session: Session, bob: Person) -> None:
    week = last_week(session, bob.id, choice_of(session, bob.id))
    assert set(week.receive.values()) | set(week.frequency.values()) == {0}


def test_quiet_hours_make_one_summary_of_a_night(
    session: Session, alice: Person, bob: Person, happen: Happen, expand: Expand
) -> None:
    for hour in (15, 17, 19):
        with time_machine.travel(MONDAY + timedelta(hours=hour), tick=False):
            happen(alice)
            expand()
    with time_machine.travel(MONDAY + timedelta(days=2), tick=False):
        night = Choice("all", quiet_from="22:00", quiet_until="07:00")
        week = last_week(session, bob.id, night)
    assert week.frequency == {"immediate": 3, "hourly": 1, "daily": 1}
