"""Flask-Security as this portal uses it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Flask, request
from flask_security import Security, SQLAlchemyUserDatastore
from flask_wtf import FlaskForm

from sysmail.db import db
from sysmail.people import Person, Role, has_administrator
from sysmail.web.render import render_page
from sysmail.web.signin import forms, messages
from sysmail.web.signin.links import INVITATION_LIFE, LinkSerializer
from sysmail.web.signin.mail import Mails
from sysmail.web.signin.passwords import SHORTEST, Passwords

# RFC 9106 section 4 and OWASP's smallest: 19 MiB, two passes, one lane.
_ARGON2 = {"argon2__memory_cost": 19456, "argon2__time_cost": 2, "argon2__parallelism": 1}

_SETTINGS: dict[str, Any] = {
    "RECOVERABLE": True,
    "CHANGEABLE": True,
    "RETURN_GENERIC_RESPONSES": True,
    "RESET_PASSWORD_WITHIN": INVITATION_LIFE,
    "FRESHNESS": timedelta(minutes=30),
    "FRESHNESS_GRACE_PERIOD": timedelta(0),
    "API_ENABLED_METHODS": ["session"],
    "LOGOUT_CSRF": True,
    "POST_LOGOUT_VIEW": "/login",
    "JOIN_USER_ROLES": False,
    "CLI_USERS_NAME": None,
    "CLI_ROLES_NAME": None,
    "STATIC_FOLDER": None,
    "STATIC_FOLDER_URL": None,
    "PASSWORD_HASH": "argon2",
    "PASSWORD_SCHEMES": ["argon2"],
    "PASSWORD_SINGLE_HASH": True,
    "PASSWORD_HASH_PASSLIB_OPTIONS": _ARGON2,
    "PASSWORD_LENGTH_MIN": SHORTEST,
    "HASHING_SCHEMES": ["hex_sha256"],
    "DEPRECATED_HASHING_SCHEMES": [],
    # Our outbox writes the mails, so Flask-Security need not render its own.
    "EMAIL_PLAINTEXT": False,
    "EMAIL_HTML": False,
}


def init_app(app: Flask) -> None:
    """Registers /login, /logout, /reset, /change and /verify."""
    for name, value in (_SETTINGS | messages.MESSAGES).items():
        app.config[f"SECURITY_{name}"] = value
    app.config["REMEMBER_COOKIE_DURATION"] = app.permanent_session_lifetime
    security = Security(
        app,
        SQLAlchemyUserDatastore(db, Person, Role),
        login_form=forms.SignIn,
        verify_form=forms.GivePasswordAgain,
        change_password_form=forms.ChangePassword,
        forgot_password_form=forms.AskForReset,
        reset_password_form=forms.ChoosePassword,
        mail_util_cls=Mails,
        password_util_cls=Passwords,
        render_template=_render,
    )
    security.want_json(lambda request: False)
    security.login_context_processor(lambda: {"needs_setup": not has_administrator(db.session())})
    plain = security.reset_serializer
    security.reset_serializer = LinkSerializer(plain.secret_keys, salt=plain.salt)


def _render(template: str, **context: Any) -> object:
    """Flask-Security answers 200 to a form with errors; here it is 422."""
    form = next((value for value in context.values() if isinstance(value, FlaskForm)), None)
    refused = request.method == "POST" and form is not None and bool(form.errors)
    return render_page(template, status=422 if refused else 200, form=form, **context)
