"""What the failure history is asked for, and along which index it is read."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from sysmail import clock, outbox
from sysmail.db import db
from sysmail.outbox import Filters, State
from tests.support.troubles import REFUSED_LOGIN, many_troubled, troubled

pytestmark = pytest.mark.both_engines


def _listed(session: Session, filters: Filters) -> list[int]:
    return [delivery.id for delivery in session.scalars(outbox.listed(filters)[0])]


def test_each_filter_narrows_the_list(session: Session) -> None:
    bob = troubled(session, minutes_ago=60)
    eve = troubled(
        session, State.QUEUED, REFUSED_LOGIN, address="eve_1@example.org", kind="record_added"
    )
    assert _listed(session, Filters()) == [eve.id, bob.id]
    assert _listed(session, Filters(state="failed")) == [bob.id]
    assert _listed(session, Filters(cause="login_rejected")) == [eve.id]
    assert _listed(session, Filters(state="failed", cause="login_rejected")) == []
    assert _listed(session, Filters(recipient="EXAMPLE.org")) == [eve.id]
    assert _listed(session, Filters(recipient="eve%1")) == []
    assert _listed(session, Filters(kind="record_added")) == [eve.id]
    assert _listed(session, Filters(since=clock.now() - timedelta(minutes=30))) == [eve.id]


def test_a_state_alone_is_every_delivery_in_it_as_the_ledger_counts(session: Session) -> None:
    sent = troubled(session, State.SENT, cause=None, trouble_at=None)
    untried = troubled(session, State.QUEUED, cause=None, trouble_at=None)
    tried = troubled(session, State.QUEUED, REFUSED_LOGIN)
    assert _listed(session, Filters(state="sent")) == [sent.id]
    assert _listed(session, Filters(state="queued")) == [tried.id, untried.id]
    assert _listed(session, Filters(state="queued", cause="login_rejected")) == [tried.id]
    assert _listed(session, Filters(state="all")) == [tried.id, untried.id, sent.id]


def test_filters_survive_being_stored(session: Session) -> None:
    filters = Filters("failed", "x", "bob@", "test", clock.now())
    assert Filters.from_json(filters.as_json()) == filters
    assert Filters.from_json(Filters().as_json()) == Filters()


_LONG = [
    (Filters(), "ix_delivery_trouble"),
    (Filters(state="failed"), "ix_delivery_trouble"),
    (Filters(cause="recipient_unknown"), "ix_delivery_trouble"),
    (Filters(kind="comment_posted"), "ix_delivery_trouble"),
    (Filters(state="failed", cause="recipient_unknown"), "ix_delivery_incident"),
]


@pytest.mark.parametrize(("filters", "index"), _LONG)
def test_a_page_is_read_along_an_index_however_long_the_history(
    session: Session, filters: Filters, index: str
) -> None:
    many_troubled(session, 200)
    plan = _plan(session, filters)
    assert index in plan or db.engine.dialect.name == "postgresql"
    assert "ix_delivery" in plan
    assert "TEMP B-TREE" not in plan
    assert "Sort" not in plan


@pytest.mark.parametrize("state", ["sent", "queued", "withdrawn", "all"])
def test_the_ledgers_lists_are_read_without_sorting_on_sqlite(session: Session, state: str) -> None:
    many_troubled(session, 200)
    if db.engine.dialect.name == "sqlite":
        assert "TEMP B-TREE" not in _plan(session, Filters(state=state))
    assert _listed(session, Filters(state="all"))[:2] == [200, 199]


def _plan(session: Session, filters: Filters) -> str:
    """How the engine would go about a page in the middle, were the table too large to sort."""
    explain = "EXPLAIN QUERY PLAN"
    statement = outbox.listed(filters)[0].limit(51)
    if db.engine.dialect.name == "postgresql":
        session.execute(text("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off"))
        explain = "EXPLAIN"
    compiled = statement.compile(db.engine, compile_kwargs={"literal_binds": True})
    return " ".join(str(row) for row in session.execute(text(f"{explain} {compiled}")))
