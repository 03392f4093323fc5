"""A new default also holds for what waits already, and only for those who go by it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from sysmail.account import DomainWait
from sysmail.events import Event
from sysmail.notifications import Rescheduling, Waiting, apply_default, send_now, turn_summaries
from sysmail.notifications.summary import SUMMARIES, Summary
from sysmail.outbox import Delivery
from sysmail.people import Person
from sysmail.portal import Record
from sysmail.preferences import Choice, store_choice, store_whole_choice

pytestmark = pytest.mark.both_engines
Happen = Callable[..., Event]
Expand = Callable[..., list[Delivery]]

DAILY = Choice("all", 7, frequency="daily", daily_at="17:00")
QUIET = Choice("all", 7, quiet_from="22:00", quiet_until="07:00")
NOON = datetime(2026, 5, 4, 12, 10, tzinfo=UTC)
MIDNIGHT = datetime(2026, 5, 4, 23, 0, tzinfo=UTC)


def hours(later: int) -> datetime:
    return NOON.replace(minute=0) + timedelta(hours=later)


def reschedule(session: Session) -> int:
    """All slices, as a worker takes them; how many there were."""
    worker, slices = Rescheduling(), 1
    while worker.turn(session):
        session.commit()
        slices += 1
    session.commit()
    session.expire_all()
    return slices


def due(session: Session) -> dict[int, datetime | None]:
    rows = session.execute(select(Summary.person_id, Summary.due_at))
    return {row.person_id: row.due_at for row in rows}


@pytest.mark.parametrize(
    ("change", "later"),
    [
        ({"frequency": "hourly"}, hours(1)),
        ({"daily_at": "15:00"}, hours(3)),
        ({"timezone": "Asia/Tokyo"}, hours(20)),
        ({"frequency": "immediate"}, NOON),
        ({"frequency": "hourly", "quiet_from": "12:00", "quiet_until": "14:00"}, hours(2)),
    ],
    ids=str,
)
def test_a_summary_of_who_never_chose_when_comes_by_the_new_default(
    session: Session,
    alice: Person,
    bob: Person,
    eve: Person,
    record: Record,
    happen: Happen,
    expand: Expand,
    change: dict[str, str],
    later: datetime,
) -> None:
    with time_machine.travel(NOON, tick=False):
        apply_default(session, alice.actor, DAILY)
        store_choice(session, bob.id, "all", 7, "html")
        store_whole_choice(session, alice.id, DAILY)
        happen(eve)
        expand()
        assert turn_summaries(session)
        session.commit()
        assert due(session) == {alice.id: hours(5), bob.id: hours(5)}
        moved = apply_default(session, alice.actor, replace(DAILY, **change))  # type: ignore[arg-type]
        assert moved == Waiting(1, 0)
        session.commit()
        reschedule(session)
        assert due(session) == {alice.id: hours(5), bob.id: later}


def test_mail_that_quiet_hours_hold_goes_when_the_new_ones_let_it(
    session: Session, alice: Person, bob: Person, eve: Person, happen: Happen, expand: Expand
) -> None:
    with time_machine.travel(MIDNIGHT, tick=False):
        apply_default(session, alice.actor, QUIET)
        store_choice(session, bob.id, "all", 7, "html")
        store_whole_choice(session, alice.id, QUIET)
        end = MIDNIGHT + timedelta(hours=8)
        domain = end + timedelta(microseconds=1)
        session.add(DomainWait(domain="example.com", until=domain, waits=1, cause="x"))
        for _ in range(3):
            happen(eve)
            for delivery in expand():
                delivery.wait(end)
        theirs = select(Delivery).where(Delivery.person_id == bob.id).order_by(Delivery.id)
        held, refused, elsewhere = session.scalars(theirs)
        refused.trouble_at, elsewhere.due_at = MIDNIGHT, domain
        session.commit()
        early = replace(QUIET, quiet_until="06:00")
        assert apply_default(session, alice.actor, early) == Waiting(0, 1)
        reschedule(session)
        assert [one.due_at for one in (held, refused, elsewhere)] == [hours(18), end, domain]
        none = replace(QUIET, quiet_from=None, quiet_until=None)
        assert apply_default(session, alice.actor, none) == Waiting(0, 1)
        reschedule(session)
        assert [one.due_at for one in (held, refused, elsewhere)] == [MIDNIGHT, end, domain]
        own = select(Delivery.due_at).where(Delivery.person_id == alice.id)
        assert set(session.scalars(own)) == {end}


def test_what_somebody_wanted_at_once_stays_so(
    session: Session, alice: Person, bob: Person, happen: Happen, expand: Expand
) -> None:
    with time_machine.travel(MIDNIGHT, tick=False):
        night = replace(DAILY, quiet_from="22:00", quiet_until="07:00")
        apply_default(session, alice.actor, night)
        store_choice(session, bob.id, "all", 7, "html")
        happen(alice)
        expand()
        turn_summaries(session)
        morning = MIDNIGHT + timedelta(hours=8)
        assert send_now(session, bob.id) == morning
        reschedule(session)
        assert due(session)[bob.id] == morning


def test_many_are_moved_a_slice_at_a_time_and_a_killed_worker_s_rest_by_the_next(
    session: Session, alice: Person
) -> None:
    with time_machine.travel(NOON, tick=False):
        rows = [{"person_id": n, "due_at": hours(5)} for n in range(10_000, 11_200)]
        session.execute(insert(SUMMARIES), rows)
        apply_default(session, alice.actor, replace(DAILY, frequency="hourly"))
        session.commit()
        moved = select(func.count()).where(Summary.due_at == hours(1))
        assert Rescheduling().turn(session)
        assert session.scalar(moved) == 500
        assert reschedule(session) == 10
        assert session.scalar(moved) == 1200


def test_a_slice_whose_commit_failed_is_moved_by_the_next_look(
    session: Session, alice: Person
) -> None:
    with time_machine.travel(NOON, tick=False):
        rows = [{"person_id": n, "due_at": hours(5)} for n in range(10_000, 10_600)]
        session.execute(insert(SUMMARIES), rows)
        apply_default(session, alice.actor, replace(DAILY, frequency="hourly"))
        session.commit()
        worker = Rescheduling()
        assert worker.turn(session)
        session.rollback()
        while worker.turn(session):
            session.commit()
        session.commit()
        moved = select(func.count()).where(Summary.due_at == hours(1))
        assert session.scalar(moved) == 600
