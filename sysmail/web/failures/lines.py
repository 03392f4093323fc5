"""Rows as the table prints them: one flat tuple each, since a page holds fifty."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from markupsafe import Markup

from sysmail import clock, outbox
from sysmail.outbox import State
from sysmail.web.failures.rows import KINDS, Row
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
    kinds = {name: str(words) for name, words in KINDS.items()}
    times = _Times(clock.now())
    return [_line(row, kinds, times) for row in rows]


class _Times(dict[datetime | None, Markup]):
    """Each time as an element, made once: what failed was given up at that very moment."""

    def __init__(self, now: datetime) -> None:
        super().__init__({None: Markup("")})
        self._now = now

    def __missing__(self, at: datetime | None) -> Markup:
        assert at is not None
        made = self[at] = element(at, self._now)
        return made


def _line(row: Row, kinds: dict[str, str], times: _Times) -> Line:
    delivery, last = row.delivery, row.last
    is_troubled = delivery.trouble_at is not None
    return Line(
        id=delivery.id,
        state=delivery.state,
        badge="held" if delivery.held and delivery.state == State.QUEUED else delivery.state,
        cause=delivery.cause or "",
        address=delivery.address,
        kind=kinds.get(delivery.kind, delivery.kind),
        at=times[delivery.trouble_at or delivery.created_at],
        server=last.server if last else "",
        settings=last.settings if last else "",
        sentence=row.explanation.happened if is_troubled else "",
        reply=shortened(last.reply) if last else "",
        who=row.who if is_troubled else "",
        next=row.next.words,
        next_at=times[row.next.at],
        retriable=is_troubled and outbox.refusal(delivery) is None,
    )


def shortened(reply: str) -> str:
    return f"{reply[:_LONGEST_REPLY]}…" if len(reply) > _LONGEST_REPLY else reply
