"""A paused account is told once an incident: who has seen it keeps only a line of reminder."""

from __future__ import annotations

from flask import redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from sysmail.account import PAUSED, Health, health
from sysmail.db import db
from sysmail.web import kit
from sysmail.web.system_mail.blueprint import blueprint

_SEEN = "system_mail.trouble_seen"


def incident_of(state: Health) -> str:
    """A name for the trouble that pauses the account: another pause has another."""
    return f"{state.since.isoformat()} {state.cause}"


def was_seen(state: Health) -> bool:
    return session.get(_SEEN) == incident_of(state)


@blueprint.post("/system-mail/trouble/seen")
@kit.administrator
def trouble_seen() -> ResponseReturnValue:
    """Leads back to the page in view; what began since then is told anew."""
    state = health(db.session())
    if state.state == PAUSED and request.form.get("incident") == incident_of(state):
        session[_SEEN] = incident_of(state)
    return redirect(_back(request.form.get("back", "")), code=303)


def _back(path: str) -> str:
    """A path of this portal, never another host."""
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\"))
    return path if is_ours and path.isprintable() else url_for("system_mail.account")
