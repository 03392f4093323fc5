"""What each kind of mail tells: the values its templates name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sysmail import audit
from sysmail.events import AUDIT_LOG_ADDED, Event
from sysmail.notifications.letters import lines, moment, preview, shorten
from sysmail.notifications.shape import Shape
from sysmail.words import _

_ENCRYPTION = {"plain": "Plain", "ssl": "SSL", "starttls": "STARTTLS"}


def told_by_event(event: Event, link_base: str) -> dict[str, Any]:
    """What a notification tells; the same for everyone who gets it."""
    about = _entry if event.kind == AUDIT_LOG_ADDED.name else _record
    return {**about(event, link_base), "settings_url": f"{link_base}/settings/notifications"}


def told_by_test(shape: Shape, asked_at: datetime, arrival_url: str) -> dict[str, Any]:
    """What a test tells: the settings it came through, and where to say that it arrived."""
    through = shape.through
    encryption = _ENCRYPTION[through["encryption"]]
    return {
        "url": f"{shape.link_base}/admin/system-mail",
        "arrival_url": arrival_url,
        "settings_url": None,
        "facts": [
            (_("Sent through"), _server(through)),
            (_("Encryption"), _("none (Plain)") if encryption == "Plain" else encryption),
            (_("SMTP AUTH"), _("used") if through["login"] else _("not used")),
            (_("Sender"), shape.from_address),
            (_("Asked for"), moment(asked_at)),
        ],
    }


def told_by_account_mail(
    link: str | None, link_base: str, asked_at: datetime, until: datetime | None
) -> dict[str, Any]:
    """What a mail about the person's own account tells; without a link it leads to /reset."""
    return {
        "url": link or f"{link_base}/reset",
        "settings_url": None,
        "when": moment(asked_at),
        "until": moment(until) if until else "",
    }


def _record(event: Event, link_base: str) -> dict[str, Any]:
    named = {name: str(event.snapshot[name]) for name in ("app", "title")}
    named["actor"] = audit.known_as(str(event.snapshot["actor"]))
    text = str(event.snapshot["text"])
    url = f"{link_base}/apps/{event.app_id}/records/{event.record_id}"
    return {
        **named,
        **{f"{name}_short": shorten(value) for name, value in named.items()},
        "text": text,
        "lines": lines(text),
        "preview_text": preview(text),
        "url": url if event.comment_id is None else f"{url}#comment-{event.comment_id}",
    }


def _entry(event: Event, link_base: str) -> dict[str, Any]:
    what = audit.describe(event.snapshot["action"], event.snapshot["details"])
    return {
        "what": what,
        "what_short": shorten(what, 120),
        "actor": audit.known_as(str(event.snapshot["actor"])),
        "when": moment(event.created_at),
        "url": f"{link_base}/admin/audit-log",
    }


def _server(through: Mapping[str, Any]) -> str:
    place = {"host": through["host"], "port": through["port"]}
    if through["server"] == "external":
        return _("%(host)s, port %(port)s", **place)
    if through["server"] == "relay":
        return _("the built-in mail server, by way of %(host)s, port %(port)s", **place)
    if through["server"] == "capture":
        return _("the built-in mail server, which keeps its mail on this machine")
    return _("the built-in mail server, straight to the recipient's own")
