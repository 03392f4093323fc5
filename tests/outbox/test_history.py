"""The failure history's queries, and what may be sent again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.orm import Session

from sysmail import clock, outbox
from sysmail.audit import Entry
from sysmail.db import db
from sysmail.outbox import Attempt, Delivery, Filters, NotRetriable, Retried, State
from sysmail.people import Person
from tests.support.troubles import NO_ANSWER, REFUSED_LOGIN, many_troubled, troubled

pytestmark = pytest.mark.both_engines


def _shown(session: Session, filters: Filters | None = None) -> list[int]:
    return [delivery.id for delivery in session.scalars(outbox.troubled(filters))]


def test_only_deliveries_in_trouble_are_listed_newest_first(session: Session) -> None:
    old = troubled(session, minutes_ago=60)
    new = troubled(session, State.QUEUED, REFUSED_LOGIN, minutes_ago=1)
    troubled(session, State.SENT, trouble_at=None)
    assert _shown(session) == [new.id, old.id]


def test_the_last_try_of_each_comes_in_one_query(session: Session) -> None:
    deliveries = [troubled(session) for _ in range(5)]
    newest = Attempt(
        delivery_id=deliveries[0].id, at=clock.now(), outcome="transient", scope="message",
        phase="rcpt", cause="mailbox_full",
    )  # fmt: skip
    session.add(newest)
    session.commit()
    for delivery in deliveries:
        session.refresh(delivery)
    statements: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
    found = outbox.last_attempts(session, deliveries)
    assert len(statements) == 1
    assert found[deliveries[0].id] is newest
    assert set(found) == {delivery.id for delivery in deliveries}


def _plan(session: Session, statement: str) -> str:
    """How the engine would go about it, were the table too large to sort."""
    explain = "EXPLAIN QUERY PLAN"
    if db.engine.dialect.name == "postgresql":
        session.execute(text("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off"))
        explain = "EXPLAIN"
    return " ".join(str(row) for row in session.execute(text(f"{explain} {statement}")))


def test_ten_thousand_failures_are_read_along_the_index(session: Session) -> None:
    many_troubled(session, 200)
    statement = outbox.troubled().where(
        Delivery.trouble_at <= clock.now() - timedelta(minutes=100),
        (Delivery.trouble_at < clock.now() - timedelta(minutes=100)) | (Delivery.id < 100),
    )
    compiled = statement.limit(51).compile(db.engine, compile_kwargs={"literal_binds": True})
    plan = _plan(session, str(compiled))
    assert "ix_delivery_trouble" in plan
    assert "TEMP B-TREE" not in plan
    assert "Sort" not in plan


def test_quiet_since_is_the_last_trouble_or_the_first_success(session: Session) -> None:
    assert outbox.quiet_since(session) is None
    delivery = troubled(session, State.SENT, {**NO_ANSWER, "outcome": "sent"}, minutes_ago=90)
    first = outbox.attempts_of(session, delivery.id)[0].at
    assert outbox.quiet_since(session) == first
    later = troubled(session, minutes_ago=10)
    assert outbox.quiet_since(session) == outbox.attempts_of(session, later.id)[0].at


def test_a_failed_delivery_is_due_now_with_all_its_tries(session: Session, alice: Person) -> None:
    delivery = troubled(session)
    done = outbox.retry_delivery(session, delivery.id, alice.actor)
    session.commit()
    assert done == Retried(may_repeat=False)
    session.refresh(delivery)
    assert (delivery.state, delivery.tries, delivery.settled_at) == (State.QUEUED, 0, None)
    assert clock.now() - delivery.due_at < timedelta(seconds=10)
    assert _shown(session) == [delivery.id]


def test_a_retry_is_audited(session: Session, alice: Person) -> None:
    delivery = troubled(session)
    outbox.retry_delivery(session, delivery.id, alice.actor)
    session.commit()
    entry = session.scalars(select(Entry).where(Entry.action == "delivery_retried")).one()
    assert entry.actor_name == "Alice"
    assert entry.details["recipient"] == "bob@example.com"
    assert entry.details["state"] == "failed"


def test_what_waits_for_later_goes_now(session: Session, alice: Person) -> None:
    later = clock.now() + timedelta(hours=4)
    delivery = troubled(session, State.QUEUED, due_at=later)
    assert outbox.retry_delivery(session, delivery.id, alice.actor) == Retried(False)
    session.refresh(delivery)
    assert delivery.due_at < later


def test_an_uncertain_delivery_is_resent_with_a_warning(session: Session, alice: Person) -> None:
    delivery = troubled(session, State.UNCERTAIN, NO_ANSWER, uncertain_tries=4)
    assert outbox.retry_delivery(session, delivery.id, alice.actor) == Retried(may_repeat=True)


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "test"},
        {"state": State.SENDING},
        {"state": State.SENT},
        {"state": State.WITHDRAWN},
        {"state": State.QUEUED},
        {"kind": "account", "snapshot": None},
        {"kind": "account", "snapshot": "x", "expires_at": clock.now() - timedelta(hours=1)},
    ],
)
def test_what_cannot_be_sent_again_says_why(
    session: Session, alice: Person, changes: dict[str, object]
) -> None:
    delivery = troubled(session, **changes)
    before = (delivery.state, delivery.due_at, delivery.tries)
    refused = outbox.retry_delivery(session, delivery.id, alice.actor)
    assert isinstance(refused, NotRetriable)
    assert refused.reason.endswith(".")
    session.refresh(delivery)
    assert (delivery.state, delivery.due_at, delivery.tries) == before
    assert session.scalars(select(Entry)).all() == []


def test_an_account_mail_with_its_link_alive_goes_again(session: Session, alice: Person) -> None:
    valid = clock.now() + timedelta(hours=1)
    delivery = troubled(
        session, State.UNCERTAIN, NO_ANSWER, kind="account", snapshot="sealed", expires_at=valid
    )
    assert isinstance(outbox.retry_delivery(session, delivery.id, alice.actor), Retried)


def test_whoever_was_faster_wins(session: Session, alice: Person) -> None:
    delivery = troubled(session)
    assert delivery.state == State.FAILED
    with db.engine.begin() as other:
        other.execute(text("UPDATE delivery SET state = 'withdrawn'"))
    assert isinstance(outbox.retry_delivery(session, delivery.id, alice.actor), NotRetriable)
    session.rollback()
    assert session.get_one(Delivery, delivery.id).state == State.WITHDRAWN


def test_there_is_no_retry_of_nothing(session: Session, alice: Person) -> None:
    assert isinstance(outbox.retry_delivery(session, 4711, alice.actor), NotRetriable)
