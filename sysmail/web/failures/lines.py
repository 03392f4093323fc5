"""Rows as the table prints them: one flat tuple each, since a page holds fifty."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from markupsafe import Markup

from sysmail import clock
from sysmail.outbox import State
from sysmail.web.failures.rows import KINDS, Next, Row
from sysmail.web.times import element

_LONGEST_REPLY = 240


class Line(NamedTuple):
    """`state` is that of the badge; `who` and `sentence` are empty where nothing is wrong."""

    id: int
    state: str
    badge: str
    cause: str
    address: str
    kind: str
    at: Markup
    server: str
    settings: str
    sentence: str
    reply: str
    who: str
    next: str
    next_at: Markup
    retriable: bool


def lines(rows: Iterable[Row]) -> list[Line]:
    """One for each row."""
    now, kinds = clock.now(), {name: str(words) for name, words in KINDS.items()}
    return [_line(row, kinds, now) for row in rows]


def _line(row: Row, kinds: dict[str, str], now: datetime) -> Line:
    delivery, last = row.delivery, row.last
    is_troubled = delivery.trouble_at is not None
    return Line(
        id=delivery.id,
        state=delivery.state,
        badge="held" if delivery.held and delivery.state == State.QUEUED else delivery.state,
        cause=delivery.cause or "",
        address=delivery.address,
        kind=kinds.get(delivery.kind, delivery.kind),
        at=element(delivery.trouble_at or delivery.created_at, now),
        server=last.server if last else "",
        settings=last.settings if last else "",
        sentence=row.explanation.happened if is_troubled else "",
        reply=shortened(last.reply) if last else "",
        who=row.who if is_troubled else "",
        next=row.next.words,
        next_at=moment(row.next, now),
        retriable=is_troubled and getattr(delivery, "retriable", False),
    )


def moment(coming: Next | None, now: datetime) -> Markup:
    """The time that ends its words; empty where there is none."""
    return element(coming.at, now) if coming and coming.at else Markup("")


def shortened(reply: str) -> str:
    return f"{reply[:_LONGEST_REPLY]}…" if len(reply) > _LONGEST_REPLY else reply
