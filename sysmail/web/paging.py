"""Keyset pages: a cursor names the row a page borders on, so depth costs nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar, overload
from urllib.parse import urlencode

from flask import request, url_for
from sqlalchemy import ColumnElement, Select, literal, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

T = TypeVar("T")
Key = InstrumentedAttribute[Any] | ColumnElement[Any]
PAGE_SIZE = 50
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CURSOR = re.compile(r"-?\d{1,18}(?:-\d{1,18})?", re.ASCII)


@dataclass(frozen=True)
class Page(Generic[T]):
    """Rows newest first; `newer` and `older` are the arguments of the pages beside it.

    None means that there is no such page, an empty mapping the first page.
    """

    items: Sequence[T]
    newer: Mapping[str, str] | None
    older: Mapping[str, str] | None


@overload
def keyset_page(
    session: Session,
    statement: Select[T],
    keys: Sequence[Key],
    arguments: Mapping[str, str],
    size: int = ...,
) -> Page[T]: ...


@overload
def keyset_page(
    session: Session,
    statement: Select[*tuple[Any, ...]],
    keys: Sequence[Key],
    arguments: Mapping[str, str],
    size: int = ...,
) -> Page[Any]: ...


def keyset_page(
    session: Session,
    statement: Select[*tuple[Any, ...]],
    keys: Sequence[Key],
    arguments: Mapping[str, str],
    size: int = PAGE_SIZE,
) -> Page[Any]:
    """The page of `statement` that `arguments` (a request's, with `before` or `after`) name.

    `keys` are one or two columns, newest first, the last one unique: (id) or (time, id).
    A statement that selects one entity gives these, one that selects columns gives rows.
    A cursor is `ID` or `MICROSECONDS-ID`. One that cannot be read means the first page;
    so does an `after` that nothing follows.
    """
    before = _read(arguments.get("before", ""), len(keys))
    after = _read(arguments.get("after", ""), len(keys)) if before is None else None
    if after is not None:
        rows = _fetch(session, statement, keys, _beyond(keys, after, newer=True), size, newer=True)
        if rows:
            return _page(rows[:size][::-1], keys, has_newer=len(rows) > size, has_older=True)
    rows = _fetch(session, statement, keys, _beyond(keys, before, newer=False), size)
    if before is not None and not rows:
        return Page(rows, newer={}, older=None)
    return _page(rows[:size], keys, has_newer=before is not None, has_older=len(rows) > size)


def page_url(cursor: Mapping[str, str]) -> str:
    """The URL of this page with its filters, at another cursor; an empty one is the first page."""
    filters = [(k, v) for k, v in request.args.items(multi=True) if k not in ("before", "after")]
    query = urlencode([*filters, *cursor.items()])
    path = url_for(request.endpoint or "", **(request.view_args or {}))
    return f"{path}?{query}" if query else path


def _fetch(
    session: Session,
    statement: Select[*tuple[Any, ...]],
    keys: Sequence[Key],
    bound: ColumnElement[bool] | None,
    size: int,
    *,
    newer: bool = False,
) -> Sequence[Any]:
    if bound is not None:
        statement = statement.where(bound)
    order = [key.asc() if newer else key.desc() for key in keys]
    found = session.execute(statement.order_by(None).order_by(*order).limit(size + 1))
    is_whole = len(statement.column_descriptions) == 1
    return found.scalars().all() if is_whole else found.all()


def _beyond(
    keys: Sequence[Key], values: Sequence[Any] | None, *, newer: bool
) -> ColumnElement[bool] | None:
    if values is None:
        return None
    row = tuple_(*keys)
    edge = tuple_(*(literal(value, key.type) for key, value in zip(keys, values, strict=True)))
    return row > edge if newer else row < edge


def _page(rows: Sequence[T], keys: Sequence[Key], *, has_newer: bool, has_older: bool) -> Page[T]:
    if not rows:
        return Page(rows, None, None)
    newer = {"after": _write(rows[0], keys)} if has_newer else None
    older = {"before": _write(rows[-1], keys)} if has_older else None
    return Page(rows, newer, older)


def _write(row: object, keys: Sequence[Key]) -> str:
    return "-".join(str(_number(getattr(row, str(key.key)))) for key in keys)


def _number(value: Any) -> int:
    if isinstance(value, datetime):
        return (value - _EPOCH) // timedelta(microseconds=1)
    return int(value)


def _read(cursor: str, count: int) -> Sequence[Any] | None:
    if not _CURSOR.fullmatch(cursor):
        return None
    numbers = [int(part) for part in re.findall(r"(?:^-)?\d+", cursor)]
    if len(numbers) != count:
        return None
    if count == 1:
        return numbers
    try:
        return [_EPOCH + timedelta(microseconds=numbers[0]), numbers[1]]
    except OverflowError:
        return None
