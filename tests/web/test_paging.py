"""Keyset pages over ten thousand rows of a real database, walked both ways."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import create_engine, event, insert, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from sysmail.db import UtcTime
from sysmail.web.paging import Page, keyset_page, page_url

ROWS = 10_000
START = datetime(2025, 5, 3, 10, 2, tzinfo=UTC)


class Base(DeclarativeBase):
    pass


class Row(Base):
    __tablename__ = "row"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcTime, index=True)


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    engine = create_engine(f"sqlite:///{tmp_path_factory.mktemp('paging') / 'rows.db'}")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        # Three rows share each time, one of them to the microsecond, and ids run against it.
        moments = [START - timedelta(microseconds=n // 3) for n in range(ROWS)]
        session.execute(insert(Row), [{"id": n + 1, "at": at} for n, at in enumerate(moments)])
        session.commit()
        yield session
    engine.dispose()


ORDERS = {"id": (Row.id,), "time": (Row.at, Row.id)}


def _page(session: Session, order: str, **arguments: str) -> Page[Row]:
    return keyset_page(session, select(Row), ORDERS[order], arguments, size=37)


@pytest.mark.parametrize("order", ORDERS)
def test_walking_both_ways_misses_and_repeats_nothing(rows: Session, order: str) -> None:
    keys = [key.desc() for key in ORDERS[order]]
    wanted = list(rows.scalars(select(Row.id).order_by(*keys)))
    page = _page(rows, order)
    assert page.newer is None
    there = [row.id for row in page.items]
    while page.older is not None:
        page = _page(rows, order, **page.older)
        there += [row.id for row in page.items]
    assert there == wanted
    back = [row.id for row in page.items]
    while page.newer is not None:
        page = _page(rows, order, **page.newer)
        back = [row.id for row in page.items] + back
    assert back == wanted


def test_the_cursor_can_be_read(rows: Session) -> None:
    last = _page(rows, "time").items[-1]
    micros = (last.at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    assert _page(rows, "time").older == {"before": f"{micros}-{last.id}"}
    assert _page(rows, "id").older == {"before": str(ROWS - 36)}


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("cursor", ["", "x", "1-2-3", "-", "9" * 30, "1' OR 1=1", "٣", "5-"])
def test_a_cursor_that_cannot_be_read_means_the_first_page(
    rows: Session, order: str, cursor: str
) -> None:
    first = [row.id for row in _page(rows, order).items]
    assert [row.id for row in _page(rows, order, before=cursor).items] == first
    assert [row.id for row in _page(rows, order, after=cursor).items] == first


def test_a_time_beyond_the_calendar_means_the_first_page(rows: Session) -> None:
    page = _page(rows, "time", before=f"{'9' * 18}-1")
    assert [row.id for row in page.items] == [row.id for row in _page(rows, "time").items]


def test_nothing_newer_means_the_first_page(rows: Session) -> None:
    page = _page(rows, "id", after=str(ROWS))
    assert page.items[0].id == ROWS
    assert page.newer is None


def test_nothing_older_offers_the_way_back(rows: Session) -> None:
    page = _page(rows, "id", before="1")
    assert (list(page.items), page.newer, page.older) == ([], {}, None)


def test_an_empty_list_has_no_neighbours(rows: Session) -> None:
    page = keyset_page(rows, select(Row).where(Row.id < 0), (Row.id,), {})
    assert (list(page.items), page.newer, page.older) == ([], None, None)


@pytest.mark.parametrize("order", ORDERS)
def test_the_deepest_page_reads_no_more_than_the_first(rows: Session, order: str) -> None:
    plans: list[str] = []

    def explain(conn, cursor, statement, parameters, context, many) -> None:  # type: ignore[no-untyped-def]
        cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
        plans.append(" ".join(row[3] for row in cursor.fetchall()))

    event.listen(rows.get_bind(), "before_cursor_execute", explain)
    cursor = {"id": "40", "time": f"{1_746_266_519_996_700}-9000"}[order]
    page = _page(rows, order, before=cursor)
    event.remove(rows.get_bind(), "before_cursor_execute", explain)
    assert page.items
    assert "SEARCH" in plans[0]
    assert "TEMP B-TREE" not in plans[0]


def test_the_links_keep_the_filters_but_not_the_old_cursor() -> None:
    app = Flask(__name__)
    app.add_url_rule("/rows/<int:owner>", "rows", lambda owner: "")
    with app.test_request_context("/rows/3?state=failed&state=sent&endpoint=x&before=9&q=a%26b"):
        url = page_url({"before": "5"})
        assert url == "/rows/3?state=failed&state=sent&endpoint=x&q=a%26b&before=5"
    with app.test_request_context("/rows/3?after=9"):
        assert page_url({}) == "/rows/3"
