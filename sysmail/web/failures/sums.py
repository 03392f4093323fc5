"""The ledger as one line in which every number leads to what it counts."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for
from sqlalchemy.orm import Session

from sysmail import notifications
from sysmail.words import _, grouped


@dataclass(frozen=True)
class Number:
    """One term of the sum; `url` lists what it counts."""

    name: str
    words: str
    url: str


@dataclass(frozen=True)
class Sum:
    """`total` = all of `terms`; a `difference` is an alarm."""

    total: Number
    terms: list[Number]
    difference: int


def ledger_line(session: Session) -> Sum:
    """Terms that are zero are left out, but for what was accepted."""
    book = notifications.ledger(session)
    words = {
        "sent": _("%(number)s accepted"),
        "queued": _("%(number)s queued"),
        "sending": _("%(number)s being sent"),
        "waiting": _("%(number)s waiting for a summary"),
        "uncertain": _("%(number)s uncertain"),
        "failed": _("%(number)s failed"),
        "withdrawn": _("%(number)s withdrawn"),
        "skipped": _("%(number)s not mailed"),
    }
    counts = {name: getattr(book, name) for name in words}
    terms = [
        Number(name, text % {"number": grouped(counts[name])}, state_url(name))
        for name, text in words.items()
        if counts[name] or name == "sent"
    ]
    total = _("%(number)s notifications", number=grouped(book.notifications))
    return Sum(Number("notifications", total, state_url("all")), terms, book.difference)


def state_url(name: str) -> str:
    """Where the deliveries, or notifications, behind a number of the ledger are listed."""
    state = "all" if name == "notifications" else name
    return url_for("failures.history", state=state)
