"""Following and muting an app or a record, on their pages."""

from __future__ import annotations

from typing import Any

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue

from sysmail.db import db
from sysmail.notifications import Consequences, apply_app_mode, apply_record_mode
from sysmail.portal import App, Record
from sysmail.preferences import FOLLOW, MODES, MUTE, app_mode, record_mode
from sysmail.web import here, kit
from sysmail.web.portal.blueprint import blueprint
from sysmail.web.portal.finding import app_or_404, record_or_404
from sysmail.words import _, ngettext


@blueprint.post("/apps/<int:app_id>/following")
@kit.signed_in
def follow_app(app_id: int) -> ResponseReturnValue:
    app = app_or_404(app_id)
    done = apply_app_mode(db.session(), here.me(), app.id, _mode())
    db.session.commit()
    kit.flash(_said(app.name, done), "success")
    return kit.see_other("portal.app", app_id=app_id)


@blueprint.post("/apps/<int:app_id>/records/<int:record_id>/following")
@kit.signed_in
def follow_record(app_id: int, record_id: int) -> ResponseReturnValue:
    _app, record = record_or_404(app_id, record_id)
    done = apply_record_mode(db.session(), here.me(), record.id, _mode())
    db.session.commit()
    kit.flash(_said(record.title, done), "success")
    return kit.see_other("portal.record", app_id=app_id, record_id=record_id)


def app_following(app: App) -> dict[str, Any]:
    """What the buttons of an app's page need."""
    mode = app_mode(db.session(), here.me().id, app.id)
    return {"mode": mode, "action": url_for("portal.follow_app", app_id=app.id)}


def record_following(record: Record) -> dict[str, Any]:
    """What the buttons of a record's page need."""
    mode = record_mode(db.session(), here.me().id, record.id)
    action = url_for("portal.follow_record", app_id=record.app_id, record_id=record.id)
    return {"mode": mode, "action": action}


def _mode() -> str | None:
    mode = request.form.get("mode", "")
    if mode and mode not in MODES:
        abort(400)
    return mode or None


def _said(name: str, done: Consequences) -> str:
    said = {
        FOLLOW: _("You follow “%(name)s”: you hear of everything in it.", name=name),
        MUTE: _("“%(name)s” is muted: you hear only where you are mentioned.", name=name),
        None: _("For “%(name)s” your Personal Settings hold again.", name=name),
    }[_mode()]
    if not done.withdrawn:
        return said
    cancelled = ngettext(
        "%(num)s e-mail that was waiting is not sent.",
        "%(num)s e-mails that were waiting are not sent.",
        done.withdrawn,
    )
    return f"{said} {cancelled}"
