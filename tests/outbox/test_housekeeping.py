"""What a worker does beside the mail, done by a real worker."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from sysmail import clock, outbox
from sysmail.audit import SYSTEM
from sysmail.notifications import expand_next
from sysmail.outbox import (
    Attempt,
    Delivery,
    Filters,
    HistoryDay,
    Housekeeping,
    Resend,
    State,
    Which,
)
from sysmail.people import Person
from tests.support.post_office import (
    add_news,
    add_people,
    assert_balanced,
    deliveries,
    use_server,
    work,
)
from tests.support.smtpd import ScriptedSmtp

pytestmark = pytest.mark.both_engines


def test_a_worker_sends_many_again_and_the_books_balance(
    app: Flask, session: Session, alice: Person
) -> None:
    add_people(session, 7)
    add_news(session, alice)
    with ScriptedSmtp() as server:
        use_server(app, server)
        _fail_all(session)
        outbox.ask_resend(session, SYSTEM, Which(Filters(state="failed")))
        session.commit()
        work(app)
    assert {one.state for one in deliveries(session)} == {State.SENT}
    asked = session.get_one(Resend, 1)
    assert (asked.state, asked.resent) == ("done", 7)
    assert_balanced(session)


def _fail_all(session: Session) -> None:
    """Everything expanded, and nothing accepted."""
    while expand_next(session):
        session.commit()
    now = clock.now()
    gone = {"state": State.FAILED, "cause": "recipient_unknown", "trouble_at": now}
    session.execute(update(Delivery).values(**gone, settled_at=now))
    session.commit()


def test_a_worker_counts_the_days_and_removes_what_is_too_old(
    app: Flask, session: Session, alice: Person
) -> None:
    add_people(session, 3)
    add_news(session, alice)
    with ScriptedSmtp() as server:
        use_server(app, server)
        work(app)
        then = clock.now() - timedelta(days=200)
        session.execute(update(Delivery).values(created_at=then, settled_at=then))
        session.execute(update(Attempt).values(at=then))
        session.commit()
    housekeeping = Housekeeping()
    for _ in range(3):
        housekeeping.turn(session)
        session.commit()
    day = session.get_one(HistoryDay, then.date())
    assert (day.accepted, day.sent) == (3, 3)
    assert session.scalars(select(Attempt)).all() == deliveries(session) == []
    assert_balanced(session)
