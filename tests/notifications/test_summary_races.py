"""Two at one summary at the same moment: nothing is lost of it, and nothing told twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session, sessionmaker

from sysmail.db import db
from sysmail.events import Event
from sysmail.notifications import put_back, strike, turn_summaries
from sysmail.outbox import Delivery
from sysmail.people import Person
from tests.support.post_office import assert_balanced
from tests.support.summaries import digests, fall_due, items, wants_summaries

pytestmark = pytest.mark.both_engines
Happen = Callable[..., Event]
Expand = Callable[..., list[Delivery]]


@contextmanager
def another_posts_after(words: str) -> Iterator[None]:
    """After the first statement with these words another worker posts what is due, for as far as
    it gets before the block ends."""
    engine = db.engine
    other = Thread(target=_post, args=[sessionmaker(engine)])

    def executed(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if words in statement and other.ident is None:
            other.start()
            other.join(timeout=1)

    event.listen(engine, "after_cursor_execute", executed)
    try:
        yield
    finally:
        event.remove(engine, "after_cursor_execute", executed)
        other.join(timeout=10)
        assert not other.is_alive()


def _post(sessions: sessionmaker[Session]) -> None:
    with sessions() as session:
        turn_summaries(session)
        session.commit()


@pytest.fixture
def item_id(session: Session, alice: Person, bob: Person, happen: Happen, expand: Expand) -> int:
    """The only item of bob's summary."""
    wants_summaries(session, bob)
    happen(alice)
    expand()
    turn_summaries(session)
    session.commit()
    [item] = items(session, bob)
    return item.id


def test_what_is_put_back_while_the_summary_is_posted_is_not_lost(
    session: Session, bob: Person, item_id: int
) -> None:
    strike(session, bob.id, item_id)
    fall_due(session)
    bob_id = bob.id
    session.commit()
    with another_posts_after("FROM summary"):
        assert put_back(session, bob_id, item_id)
        session.commit()
    while turn_summaries(session):
        session.commit()
    assert [digest.notices for digest in digests(session)] == [1]
    assert_balanced(session)


def test_two_workers_make_one_mail_of_a_summary(session: Session, item_id: int) -> None:
    fall_due(session)
    with another_posts_after("FROM person"):
        turn_summaries(session)
        session.commit()
    assert [digest.notices for digest in digests(session)] == [1]
    assert_balanced(session)
