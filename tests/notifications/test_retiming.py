"""Whoever changes when mail comes is sent what waits accordingly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy.orm import Session

from sysmail.events import Event
from sysmail.notifications import apply_choice, turn_summaries
from sysmail.outbox import Delivery
from sysmail.people import Person
from sysmail.preferences import Choice
from tests.support.post_office import assert_balanced
from tests.support.summaries import digests, wants_summaries

pytestmark = pytest.mark.both_engines
DAILY = Choice("all", frequency="daily", mentions_at_once=False)


@pytest.mark.parametrize("mentioned", [True, False])
def test_who_comes_to_want_mentions_at_once_is_sent_the_summary_that_holds_one(
    session: Session,
    alice: Person,
    bob: Person,
    happen: Callable[..., Event],
    expand: Callable[..., list[Delivery]],
    mentioned: bool,
) -> None:
    wants_summaries(session, bob, choice=DAILY)
    happen(alice, mentioned=(bob,) if mentioned else ())
    expand()
    turn_summaries(session)
    session.commit()
    done = apply_choice(session, bob, replace(DAILY, mentions_at_once=True)).summary
    session.commit()
    assert (done and (done.notices, done.due_at)) == ((1, None) if mentioned else None)
    while turn_summaries(session):
        session.commit()
    assert len(digests(session)) == int(mentioned)
    assert_balanced(session)
