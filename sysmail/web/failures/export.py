"""The history as CSV: what is filtered, streamed a slice at a time."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Row, literal, tuple_
from sqlalchemy.orm import Session

from sysmail import outbox
from sysmail.config import Config
from sysmail.outbox import Filters
from sysmail.web.failures.rows import KINDS, Teller
from sysmail.web.failures.rows import Row as Told
from sysmail.words import _

_SLICE = 500
# OWASP, CSV Injection: what a spreadsheet takes for the beginning of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def lines(session: Session, config: Config, filters: Filters) -> Iterator[str]:
    """The file, piece by piece. Each slice is read by itself, so that a long one neither fills
    the memory nor keeps the database from tidying up behind it."""
    yield _written([_titles()])
    statement, keys = outbox.listed(filters)
    statement = outbox.shown(statement)
    last: Row[Any] | None = None
    while True:
        query = statement
        if last is not None:
            place = (literal(getattr(last, key.key), key.type) for key in keys)
            query = statement.where(tuple_(*keys) < tuple_(*place))
        found = session.execute(query.limit(_SLICE)).all()
        told = Teller(session, config).rows(found)
        session.rollback()
        if not found:
            return
        yield _written(_values(row) for row in told)
        last = found[-1]


def safe(value: object) -> str:
    """The value as a cell that no spreadsheet calculates, in one line."""
    text = " ".join(str(value).split()) if isinstance(value, str) else str(value)
    began_badly = isinstance(value, str) and value.startswith(_FORMULA)
    return f"'{text}" if began_badly or text.startswith(_FORMULA) else text


def _written(rows: Any) -> str:
    file = io.StringIO()
    writer = csv.writer(file, quoting=csv.QUOTE_ALL)
    writer.writerows([safe(value) for value in row] for row in rows)
    return file.getvalue()


def _titles() -> list[str]:
    return [
        *(_("Number"), _("Recipient"), _("Name"), _("What it tells"), _("State"), _("Cause")),
        *(_("Written"), _("Last try"), _("Server"), _("Settings"), _("Phase"), _("Reply code")),
        *(_("Enhanced code"), _("Server's words"), _("What happened"), _("Who must act")),
        *(_("What comes next"), _("When")),
    ]


def _values(row: Told) -> list[object]:
    delivery, last = row.delivery, row.last
    seen: Mapping[str, object] = {}
    if last is not None:
        attempt = last.attempt
        seen = {"code": attempt.code, "enhanced": attempt.enhanced, "words": attempt.words}
    return [
        *(delivery.id, delivery.address, delivery.name),
        *(str(KINDS.get(delivery.kind, delivery.kind)), delivery.state, delivery.cause or ""),
        *(_moment(delivery.created_at), _moment(delivery.trouble_at)),
        *((last.server, last.settings, last.attempt.phase) if last else ("", "", "")),
        *(seen.get(name) or "" for name in ("code", "enhanced", "words")),
        *_explained(row),
        *(row.next.words, _moment(row.next.at)),
    ]


def _explained(row: Told) -> tuple[str, str]:
    is_well = row.delivery.trouble_at is None
    return ("", "") if is_well else (row.explanation.happened, row.who)


def _moment(moment: Any) -> str:
    return moment.isoformat(timespec="seconds") if moment else ""
