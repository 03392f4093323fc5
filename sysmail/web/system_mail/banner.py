"""What administrators see on every page while no mail can go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import url_for
from flask_security import current_user

from sysmail import clock
from sysmail.account import PAUSED, Health, health
from sysmail.db import db
from sysmail.outbox import worker_alive
from sysmail.web import here, kit
from sysmail.web.system_mail.status import Status, kind_of, shown_status
from sysmail.web.system_mail.trouble_seen import incident_of, was_seen
from sysmail.web.times import relative
from sysmail.words import _


def banner() -> Mapping[str, Any]:
    """`banner_state` for the frame; None where there is nothing to say or nobody to tell.
    `mark` names what it says, "" where nobody is to be told."""
    if not is_told():
        return {"banner_state": None, "mark": ""}
    status = shown_status(db.session(), here.config())
    return {"banner_state": _state(status), "mark": _mark(status.kind, status.health)}


def is_told() -> bool:
    """Whether whoever asks is an administrator."""
    person = current_user
    return bool(person and person.is_authenticated and person.is_administrator)


def mark_now() -> str:
    """The same `mark`, at the price of two statements."""
    state = health(db.session())
    return _mark(kind_of(state, worker_alive(db.session())), state)


def _mark(kind: str, state: Health) -> str:
    """The same for as long as the banner need not be read out anew: its times and numbers may
    change meanwhile."""
    if kind == PAUSED:
        return f"{incident_of(state)} {'seen' if was_seen(state) else ''}".rstrip()
    return kind if kind == "stopped" else "well"


def _state(now: Status) -> dict[str, Any] | None:
    if now.kind == PAUSED and now.explanation:
        since = relative(now.health.since, clock.now())
        return {
            "title": _("System mail is paused (since %(since)s).", since=since),
            "text": f"{now.explanation.happened} {now.waiting} {_next_try(now)}".rstrip(),
            "action": _action(_("What to do")),
            "incident": incident_of(now.health),
            "was_seen": was_seen(now.health),
            "back": kit.page_in_view(),
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
