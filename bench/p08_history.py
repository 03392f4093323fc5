"""P8: a page of the failure history, however far back it lies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

from bench.house import House
from bench.row import Bar, Row, ratios
from bench.scale import Scale
from bench.street import house, postgres
from bench.troubled import fill
from bench.visitor import Visitor, cookie_of, medians, web
from sysmail.db import db
from sysmail.outbox import Delivery

_ANY_PORT = 25
_REQUESTS = 100
_WARM = 10
_ROWS = 50
_FAR = 1_000
_HISTORY = "/admin/system-mail/failures?state=failed"
_ASKED = Bar(1.3, 1.1, least=False)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def rows(scale: Scale) -> Iterator[Row]:
    """Page 1 by turns with page 1,000 and the last one, each as a whole page over HTTP."""
    yield from _on(scale, "SQLite")
    with postgres() as server, server.database() as url:
        yield from _on(scale, "PostgreSQL", DATABASE_URL=url)


def _on(scale: Scale, engine: str, **settings: str) -> Iterator[Row]:
    with ExitStack() as stack:
        address = {"PUBLIC_URL": "http://127.0.0.1:8000"}
        home = stack.enter_context(house(_ANY_PORT, 10, **address, **settings))
        fill(home, scale.deep)
        visitor = stack.enter_context(web(home.environ, "wsgi:app", cookie_of(home)))
        far = min(_FAR, scale.deep // _ROWS // 2)
        last = scale.deep // _ROWS
        pages = {page: _path(home, scale.deep, page) for page in (1, far, last)}
        yield from _compared(scale, engine, visitor, pages)


def _compared(scale: Scale, engine: str, visitor: Visitor, pages: dict[int, str]) -> Iterator[Row]:
    visits = {str(page): (visitor, path) for page, path in pages.items()}
    medians(visits, _WARM)
    taken = [medians(visits, _REQUESTS) for _ in range(scale.rounds)]
    first = [seconds["1"] for seconds in taken]
    notes = [f"page 1 takes {min(first) * 1000:.1f} ms"]
    for page in [page for page in pages if page > 1]:
        values = ratios([seconds[str(page)] for seconds in taken], first)
        what = f"page {page:,} of the history of {scale.deep:,}, against page 1 ({engine})"
        yield Row("P8", what, values, _ASKED, notes)


def _path(home: House, length: int, page: int) -> str:
    if page == 1:
        return _HISTORY
    with home.app.app_context():
        border = db.session.get_one(Delivery, length - (page - 1) * _ROWS + 1)
        assert border.trouble_at
        microseconds = (border.trouble_at - _EPOCH) // timedelta(microseconds=1)
        return f"{_HISTORY}&before={microseconds}-{border.id}"
