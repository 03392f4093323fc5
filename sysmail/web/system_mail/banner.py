"""What administrators see on every page while no mail can go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import url_for
from flask_security import current_user

from sysmail import clock
from sysmail.account import PAUSED
from sysmail.db import db
from sysmail.web import here
from sysmail.web.system_mail.status import Status, shown_status
from sysmail.web.system_mail.trouble_seen import incident_of, was_seen
from sysmail.web.times import relative
from sysmail.words import _


def banner() -> Mapping[str, Any]:
    """`banner_state` for the frame; None where there is nothing to say or nobody to tell."""
    person = current_user
    if not person or not person.is_authenticated or not person.is_administrator:
        return {"banner_state": None}
    return {"banner_state": _state(shown_status(db.session(), here.config()))}


def _state(now: Status) -> dict[str, Any] | None:
    if now.kind == PAUSED and now.explanation:
        since = relative(now.health.since, clock.now())
        return {
            "title": _("System mail is paused (since %(since)s).", since=since),
            "text": f"{now.explanation.happened} {now.waiting} {_next_try(now)}".rstrip(),
            "action": _action(_("What to do")),
            "incident": incident_of(now.health),
            "was_seen": was_seen(now.health),
        }
    if now.kind == "stopped":
        return {
            "title": _("No worker is running, so no mail is sent."),
            "text": _(
                "Start it with “make run” or “flask worker”. %(waiting)s", waiting=now.waiting
            ),
            "action": None,
        }
    return None


def _next_try(now: Status) -> str:
    if now.next_at is None or not now.has_worker:
        return ""
    return _("Next try by itself: %(when)s.", when=relative(now.next_at, clock.now()))


def _action(label: str) -> dict[str, str]:
    return {"label": label, "url": url_for("system_mail.account"), "method": "get"}
