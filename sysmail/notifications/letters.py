"""The words of each mail: what templates/mail/<kind> makes of an event or a single mail."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sysmail.config import PORTAL_NAME
from sysmail.mime import one_line
from sysmail.words import _, date, language, lazy, mail_templates, zone

TEMPLATE_VERSION = 1
_LINE_END = re.compile(r"\r\n|\r|\n")
_SHORT = 60
_PREVIEW = 140

REASONS = {
    "mentioned": lazy("You get this because you were mentioned."),
    "creator": lazy("You get this because you created the record."),
    "editor": lazy("You get this because you last changed the record."),
    "commenter": lazy("You get this because you commented on the record."),
    "follows": lazy("You get this because you chose to hear of everything you may see."),
    "administrator": lazy("You get this because you chose to hear of the audit log."),
    "digest": lazy("You get this because you chose to hear of things in summaries."),
    "account": lazy("You get this because it concerns your account; it cannot be switched off."),
    "test": lazy("You get this because an administrator entered your address for a test."),
}


@dataclass(frozen=True)
class Letter:
    """`html` is None for a person who reads text."""

    subject: str
    text: str
    html: str | None


def write(folder: str, reason: str, values: Mapping[str, Any], *, html: bool) -> Letter:
    """The letter of templates/mail/`folder`; `reason` is a key of REASONS.

    `values` holds what the folder's templates name, and `settings_url` (or None).
    """
    templates = mail_templates()
    known = {
        "portal": PORTAL_NAME,
        "language": language.get(),
        "reason": str(REASONS[reason]),
        "preview_text": "",
        "footer": "",
        **values,
    }
    subject = one_line(templates.get_template(f"mail/{folder}/subject.txt").render(known))
    known["subject"] = subject
    text = templates.get_template(f"mail/{folder}/body.txt").render(known)
    body = templates.get_template(f"mail/{folder}/body.html").render(known) if html else None
    return Letter(subject, text, body)


def lines(text: str) -> list[str]:
    """The text's lines, whatever line ends were typed."""
    return _LINE_END.split(text)


def shorten(text: str, length: int = _SHORT) -> str:
    """One line of at most `length` characters, and an ellipsis where something was left out."""
    line = one_line(text)
    return line if len(line) <= length else f"{line[:length]}…"


def preview(text: str) -> str:
    """What a mailbox shows beside the subject."""
    return shorten(text, _PREVIEW)


def moment(at: datetime) -> str:
    """`22 November 2026, 16:44 UTC`, or by the clock of whoever is spoken to."""
    here = at.astimezone(zone.get() or UTC)
    away = f"{here:%z}"
    named = "UTC" if away == "+0000" else f"UTC{away[:3]}:{away[3:5]}"
    return _("%(date)s, %(time)s", date=date(here, "wide"), time=f"{here:%H:%M} {named}")
