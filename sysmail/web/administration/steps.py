"""A link of the chain from what happened to a mailbox, and what all of them come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sysmail.words import _

OK = "ok"
FAILED = "failed"
WAITING = "waiting"
SKIPPED = "skipped"
FORGOTTEN = "forgotten"


@dataclass(frozen=True)
class Link:
    """`name` is account, address, kind, preference, permission, queue or attempts; `outcome` one
    of OK, FAILED, WAITING, SKIPPED, FORGOTTEN (it was, and is not kept any more); `reply` the
    mail server's own words."""

    name: str
    title: str
    outcome: str
    sentence: str
    at: datetime | None = None
    reply: str = ""


@dataclass(frozen=True)
class Verdict:
    """`state` is one that components/feedback.html knows."""

    state: str
    title: str
    sentence: str


def verdict(name: str, links: Sequence[Link]) -> Verdict:
    """What the first link that is red says, or where the mail stands."""
    last = links[-1]
    if last.outcome == OK:
        return Verdict("sent", _("%(name)s was sent this mail", name=name), last.sentence)
    if last.outcome == FORGOTTEN:
        title = _("What became of this mail to %(name)s is not known any more", name=name)
        return Verdict("withdrawn", title, last.sentence)
    if red := next((link for link in links if link.outcome == FAILED), None):
        title = _("%(name)s did not get this mail", name=name)
        return Verdict("failed", title, red.sentence)
    waits = next((link for link in links if link.outcome == WAITING), links[-2])
    title = _("%(name)s has not been sent this mail yet", name=name)
    return Verdict("queued", title, waits.sentence)
