"""What ended long ago is removed in slices, and the ledger still balances."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from sysmail import clock, outbox
from sysmail.audit import Entry
from sysmail.db import db
from sysmail.notifications import ledger
from sysmail.outbox import Attempt, Delivery, HistoryDay, Posted, State
from sysmail.outbox.retention import SLICE, remove_old
from sysmail.people import Person
from tests.support.troubles import NO_ANSWER, UNKNOWN_USER, many_troubled, troubled

pytestmark = pytest.mark.both_engines

OLD = 91 * 24 * 60


def _remove_all(session: Session) -> int:
    place: int | None = 0
    count = 0
    while place is not None:
        done = remove_old(session, place)
        session.commit()
        place, count = done.last_id, count + done.count
    return count


def _kept(session: Session) -> set[int]:
    return set(session.scalars(select(Delivery.id)))


def _days_ago(days: float) -> datetime:
    return clock.now() - timedelta(days=days)


def _ended(session: Session, state: State, minutes_ago: float) -> Delivery:
    at = clock.now() - timedelta(minutes=minutes_ago)
    seen = NO_ANSWER if state is State.WITHDRAWN else UNKNOWN_USER
    return troubled(session, state, seen, minutes_ago, settled_at=at)


def test_ninety_days_are_kept_until_somebody_says_otherwise(
    session: Session, alice: Person
) -> None:
    assert outbox.kept_days(session) == 90
    outbox.keep_for(session, 7, alice.actor)
    session.commit()
    assert outbox.kept_days(session) == 7
    entry = session.scalars(select(Entry)).one()
    assert entry.action == "history_retention_changed"
    assert entry.details["after"] == {"kept_days": 7}


@pytest.mark.parametrize("days", [0, -1, 3651])
def test_nonsense_is_not_kept(session: Session, alice: Person, days: int) -> None:
    with pytest.raises(ValueError, match="days"):
        outbox.keep_for(session, days, alice.actor)


def test_only_what_ended_longer_ago_is_removed(session: Session) -> None:
    gone = [_ended(session, state, OLD).id for state in (State.SENT, State.FAILED)]
    stays = {
        _ended(session, State.FAILED, 60).id,
        troubled(session, State.UNCERTAIN, NO_ANSWER, OLD).id,
        troubled(session, State.QUEUED, NO_ANSWER, OLD).id,
        troubled(session, State.QUEUED, NO_ANSWER, OLD, held=True).id,
        troubled(session, State.FAILED, UNKNOWN_USER, OLD, settled_at=_days_ago(3)).id,
    }
    assert _remove_all(session) == 2
    assert _kept(session) == stays
    tries = set(session.scalars(select(Attempt.delivery_id)))
    assert tries == stays
    assert not tries & set(gone)


def test_the_ledger_is_the_same_before_and_after(session: Session) -> None:
    for state in (State.SENT, State.SENT, State.FAILED, State.WITHDRAWN):
        _ended(session, state, OLD)
    _ended(session, State.SENT, 5)
    session.add(Posted(id=1, count=5))
    session.commit()
    before = ledger(session)
    assert (before.difference, before.attempts_uncertain) == (0, 1)
    assert _remove_all(session) == 4
    assert ledger(session) == before
    [day] = session.scalars(select(HistoryDay))
    assert (day.sent, day.failed, day.withdrawn, day.uncertain_tries) == (2, 1, 1, 1)


def test_a_setting_that_is_shortened_removes_more(session: Session, alice: Person) -> None:
    _ended(session, State.SENT, 3 * 24 * 60)
    assert _remove_all(session) == 0
    outbox.keep_for(session, 1, alice.actor)
    assert _remove_all(session) == 1


def test_each_transaction_removes_a_small_slice(session: Session) -> None:
    many_troubled(session, SLICE * 2 + 10)
    session.query(Delivery).update({"created_at": _days_ago(99), "settled_at": _days_ago(99)})
    session.commit()
    deleted: list[int] = []
    event.listen(
        db.engine,
        "after_cursor_execute",
        lambda *a: deleted.append(1) if a[2].startswith("DELETE") else None,
    )
    assert _remove_all(session) == SLICE * 2 + 10
    assert len(deleted) == 3
    assert session.scalar(select(func.sum(HistoryDay.failed))) == SLICE * 2 + 10
