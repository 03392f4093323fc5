"""Sign-ins, sign-outs and passwords in the audit log, told by Flask-Security's signals."""

from __future__ import annotations

from typing import Any

from flask import Flask, g, session
from flask_login import user_logged_out
from flask_security import password_changed, password_reset, user_authenticated

from sysmail.audit import record
from sysmail.db import db
from sysmail.people import Person
from sysmail.web.throttle import client_address


def init_app(app: Flask) -> None:
    user_authenticated.connect(_signed_in, app)
    user_logged_out.connect(_signed_out, app)
    password_changed.connect(_password_changed, app)
    password_reset.connect(_password_reset, app)


def _signed_in(app: Flask, user: Person, authn_via: list[str], **_: Any) -> None:
    """What a session held before its sign-in, an attacker may have put there: the form token."""
    session.pop("csrf_token", None)
    g.pop("csrf_token", None)
    if "password" in authn_via:
        record(db.session(), "signed_in", user.actor, {"address": client_address()})
        db.session.commit()


def _signed_out(app: Flask, user: Any, **_: Any) -> None:
    if user.is_authenticated:
        record(db.session(), "signed_out", user.actor, {"address": client_address()})
        db.session.commit()


def _password_changed(app: Flask, user: Person, **_: Any) -> None:
    record(db.session(), "password_changed", user.actor, {"address": client_address()})


def _password_reset(app: Flask, user: Person, **_: Any) -> None:
    details = {"id": user.id, "email": user.email, "name": user.name}
    record(db.session(), "password_reset", user.actor, details | {"address": client_address()})
