"""A worker killed at any step of a summary's way: nothing is lost, nothing is told twice."""

from __future__ import annotations

import re
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from sysmail.notifications import ledger
from sysmail.outbox import State
from sysmail.people import Person
from sysmail.portal import App, Record, add_record
from sysmail.preferences import Choice
from tests.support.battlefield import Battlefield, battlefield
from tests.support.invariants import assert_kept, assert_settled
from tests.support.processes import wait_for
from tests.support.summaries import digests, fall_due, wants_summaries

pytestmark = pytest.mark.both_engines

PEOPLE, EVENTS = 8, 3
TEXTS = Choice("all", 3, "text", frequency="hourly")
# Where the worker dies while things gather, and while they are sent.
GATHERING = ["mid_expansion:1", "mid_expansion:3", "mid_posting:1", "after_posting:1"]
SENDING = [
    "mid_posting:1", "after_posting:1", "after_fixing:1", "before_compose:1", "after_compose:1",
    "before_commit:1", "after_commit:2", "before_note:2", "before_dot:2", "after_reply:2",
    "after_reply_noted:2",
]  # fmt: skip
IN_THE_DOT_WINDOW = ("before_dot:2", "after_reply:2")


@contextmanager
def gathering(folder: Path, database: dict[str, str]) -> Iterator[Battlefield]:
    """Three events to eight people who are told by summaries, and no worker yet."""
    settings = {"DELIVERY_CONNECTIONS": "1", **database}
    with battlefield(folder, mails=PEOPLE, **settings) as field:
        session = field.session
        people = session.scalars(select(Person).where(Person.name.like("Person %"))).all()
        wants_summaries(session, *people, choice=TEXTS)
        author = session.scalars(select(Person).where(Person.name == "Author")).one()
        place = session.scalars(select(App)).one()
        for number in range(1, EVENTS):
            add_record(session, author, place, f"Record {number}", "Three years.")
        session.commit()
        yield field


def drain(field: Battlefield) -> None:
    assert field.worker(drain=True).await_end() == 0
    field.session.rollback()


def finish(field: Battlefield) -> None:
    """An honest worker until each person's one mail is sent."""
    field.server.honest()
    last = field.worker()
    try:
        wait_for(lambda: field.count(State.SENT) == PEOPLE or None, 30, "all summaries", field.log)
    finally:
        last.signal(15)
        last.await_end()


def told(field: Battlefield) -> Counter[tuple[str, str]]:
    """How often each person was told of each record, over all accepted mails."""
    heard: Counter[tuple[str, str]] = Counter()
    for mail in field.server.ledger:
        urls = re.findall(r"/records/(\d+)\r", mail.raw.decode())
        heard.update((mail.rcpt_to[0], url) for url in urls)
    return heard


@pytest.mark.parametrize("point", GATHERING)
def test_a_worker_killed_while_things_gather_gathers_each_once(
    tmp_path: Path, database: dict[str, str], point: str
) -> None:
    with gathering(tmp_path / "i", database) as field:
        assert field.worker(kill_at=point).await_end() == -signal.SIGKILL
        drain(field)
        assert field.count() == 0
        assert ledger(field.session).waiting == PEOPLE * EVENTS
        assert_kept(field.session, field.server)
        fall_due(field.session)
        finish(field)
        assert_settled(field.session, field.server)
        assert set(told(field).values()) == {1}
        assert len(told(field)) == PEOPLE * EVENTS


@pytest.mark.parametrize("point", SENDING)
def test_a_worker_killed_on_a_summary_s_way_loses_and_repeats_nothing(
    tmp_path: Path, database: dict[str, str], point: str
) -> None:
    with gathering(tmp_path / "i", database) as field:
        drain(field)
        fall_due(field.session)
        assert field.worker(kill_at=point).await_end() == -signal.SIGKILL
        finish(field)
        both = assert_settled(field.session, field.server, kills=1, connections=1)
        assert [digest.notices for digest in digests(field.session)] == [EVENTS] * PEOPLE
        assert len(told(field)) == PEOPLE * EVENTS
        if point not in IN_THE_DOT_WINDOW:
            assert both.duplicates == 0


def test_what_is_deleted_after_the_death_of_a_worker_is_not_told_unless_a_dot_was(
    tmp_path: Path, database: dict[str, str]
) -> None:
    """Settled items are settled anew, since no server can have seen them."""
    with gathering(tmp_path / "i", database) as field:
        drain(field)
        fall_due(field.session)
        assert field.worker(kill_at="after_fixing:1").await_end() == -signal.SIGKILL
        _delete_one(field.session)
        finish(field)
        assert_settled(field.session, field.server)
        assert len(told(field)) == PEOPLE * (EVENTS - 1)
        counts = ledger(field.session)
        assert (counts.sent, counts.withdrawn) == (PEOPLE * (EVENTS - 1), PEOPLE)


def _delete_one(session: Session) -> None:
    session.rollback()
    session.execute(delete(Record).where(Record.title == "Record 1"))
    session.commit()
