"""A small picture of the last days: how many tries were accepted, how many met trouble."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time

from sqlalchemy.orm import Session

from sysmail import outbox
from sysmail.outbox import HistoryDay
from sysmail.web.times import day as day_words
from sysmail.words import _, grouped

DAYS = 14
HEIGHT = 56
STEP = 20
_WIDTH = 14
_LEAST = 2


@dataclass(frozen=True)
class Bar:
    """One day, in the picture's units: trouble stands on top of what was accepted."""

    x: int
    accepted: int
    troubled: int
    words: str

    @property
    def accepted_y(self) -> int:
        return HEIGHT - self.accepted

    @property
    def troubled_y(self) -> int:
        return HEIGHT - self.accepted - self.troubled


@dataclass(frozen=True)
class Picture:
    """`words` say what it shows to whoever does not see it."""

    bars: list[Bar]
    words: str
    width: int = DAYS * STEP
    height: int = HEIGHT
    bar_width: int = _WIDTH

    @property
    def is_empty(self) -> bool:
        return not any(bar.accepted or bar.troubled for bar in self.bars)


def picture(session: Session) -> Picture:
    """The last fourteen days (UTC) up to today."""
    days = outbox.last_days(session, DAYS)
    highest = max(day.accepted + day.troubled for day in days) or 1
    bars = [_bar(place, day, highest) for place, day in enumerate(days)]
    accepted, troubled = sum(day.accepted for day in days), sum(day.troubled for day in days)
    words = _(
        "In the last %(days)d days %(accepted)s e-mails were accepted, %(troubled)s tries failed.",
        days=DAYS,
        accepted=grouped(accepted),
        troubled=grouped(troubled),
    )
    return Picture(bars, words)


def _bar(place: int, day: HistoryDay, highest: int) -> Bar:
    words = _(
        "%(day)s: %(accepted)s accepted, %(troubled)s tries failed",
        day=day_words(datetime.combine(day.day, time(12), UTC)),
        accepted=grouped(day.accepted),
        troubled=grouped(day.troubled),
    )
    accepted, troubled = _height(day.accepted, highest), _height(day.troubled, highest)
    accepted = min(accepted, HEIGHT - troubled)
    return Bar(place * STEP + (STEP - _WIDTH) // 2, accepted, troubled, words)


def _height(count: int, highest: int) -> int:
    """In proportion, but never too small to be seen."""
    return max(_LEAST, round(count / highest * HEIGHT)) if count else 0
