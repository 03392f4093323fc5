"""What will break, in words: the warnings on the page of System Mail Account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.account import Concern, concerns, current, uses_oauth
from sysmail.diagnosis import explain
from sysmail.words import _, ngettext


@dataclass(frozen=True)
class Told:
    """One warning: `title` is a sentence, `text` what to do, `words` the server's own.
    `at` is when it ends, or when it was met."""

    kind: str
    title: str
    text: str
    at: datetime
    words: str = ""


def told_concerns(session: Session) -> list[Told]:
    """The most urgent first."""
    now = clock.now()
    by_token = uses_oauth(current(session))
    return [_told(concern, now, by_token) for concern in concerns(session, now)]


def _told(concern: Concern, now: datetime, by_token: bool) -> Told:
    if concern.kind == "login":
        return _failed_look(concern, by_token)
    when = _when(concern.at, now)
    title = _("The certificate of %(host)s %(when)s.", host=concern.host, when=when)
    text = _(
        "Those who run the mail server must renew it; without that no mail goes from then on. "
        "Large providers do so by themselves, often in the last days."
    )
    return Told(concern.kind, title, text, concern.at)


def _failed_look(concern: Concern, by_token: bool) -> Told:
    meaning = explain(
        concern.cause,
        host=concern.host,
        words=concern.words,
        for_check=True,
        by_token=by_token,
    )
    title = _("The daily look at the mail server met trouble: mail may not go.")
    text = f"{meaning.happened} {meaning.act}".rstrip()
    return Told("login", title, text, concern.at, concern.words)


def _when(at: datetime, now: datetime) -> str:
    """The end of a sentence: "ends in 5 days"."""
    left = (at.date() - now.date()).days
    if at <= now:
        return _("has ended")
    if left == 0:
        return _("ends today")
    return ngettext("ends in %(num)s day", "ends in %(num)s days", left)
