"""What a change of mind did, in sentences."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from babel.dates import format_datetime

from sysmail.notifications import Consequences, Retimed, Waiting
from sysmail.preferences import Choice, zone_of
from sysmail.words import _, language, ngettext


def said(choice: Choice, done: Consequences) -> str:
    """Sentences for the notice above the page."""
    return " ".join(_sentences(choice, done))


def said_of_default(moved: Waiting) -> str:
    """The same for administrators, of what holds for those who never chose."""
    said = [_("Saved. Whoever has chosen for themselves keeps their choice.")]
    if moved.summaries:
        said.append(
            ngettext(
                "%(num)s summary that is filling now comes by the new times.",
                "%(num)s summaries that are filling now come by the new times.",
                moved.summaries,
            )
        )
    if moved.mails:
        said.append(
            ngettext(
                "%(num)s e-mail that quiet hours hold now goes by the new ones.",
                "%(num)s e-mails that quiet hours hold now go by the new ones.",
                moved.mails,
            )
        )
    return " ".join(said)


def _sentences(choice: Choice, done: Consequences) -> Iterator[str]:
    if choice.receive == "none" or not choice.kinds:
        yield _("Saved. You get no e-mail notifications; what was waiting for you is not sent.")
    else:
        yield _("Saved. Your choice also holds for e-mail that is waiting to be sent.")
    if done.withdrawn:
        yield ngettext(
            "%(num)s e-mail that was waiting is not sent.",
            "%(num)s e-mails that were waiting are not sent.",
            done.withdrawn,
        )
    if done.released:
        yield ngettext(
            "%(num)s e-mail that quiet hours held goes out now.",
            "%(num)s e-mails that quiet hours held go out now.",
            done.released,
        )
    if done.summary is not None:
        yield _about_summary(done.summary, choice)


def _about_summary(summary: Retimed, choice: Choice) -> str:
    if summary.due_at is None:
        return ngettext(
            "The summary goes out now, with the %(num)s notification it holds.",
            "The summary goes out now, with the %(num)s notifications it holds.",
            summary.notices,
        )
    return ngettext(
        "The summary, with the %(num)s notification it holds so far, comes on %(when)s.",
        "The summary, with the %(num)s notifications it holds so far, comes on %(when)s.",
        summary.notices,
        when=_moment(summary.due_at, choice.timezone),
    )


def _moment(at: datetime, zone: str) -> str:
    """`Monday 3 May, 17:00`, on the person's clock."""
    local = at.astimezone(zone_of(zone))
    return str(format_datetime(local, _("EEEE d MMMM, HH:mm"), locale=language.get()))
