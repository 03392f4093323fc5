"""Flask-Security's forms with labels of ours, throttled, their failures audited."""

from __future__ import annotations

from typing import Any

from flask_security import ForgotPasswordForm, LoginForm
from flask_wtf import FlaskForm
from wtforms import EmailField, PasswordField, StringField
from wtforms.validators import ValidationError

from sysmail.audit import Actor, record
from sysmail.db import db
from sysmail.web.signin import limits
from sysmail.web.signin.passwords import password_refusal
from sysmail.words import lazy


class SignIn(LoginForm):  # type: ignore[misc]
    """A failure is an audit entry, and counts for the place and for the address typed."""

    def validate(self, **kwargs: Any) -> bool:
        typed = (self.email.data or "").strip()[:254]
        limits.check_sign_in(typed)
        if super().validate(**kwargs):
            return True
        if typed and self.password.data:
            limits.count_failed_sign_in(typed)
            who = Actor(self.user.id, self.user.name) if self.user else Actor(None, "")
            record(db.session(), "sign_in_failed", who, {"email": typed, "address": limits.place()})
            db.session.commit()
        return False


class AskForReset(ForgotPasswordForm):  # type: ignore[misc]
    """Writes the same entry whether somebody has the address or not."""

    def validate(self, **kwargs: Any) -> bool:
        typed = (self.email.data or "").strip()[:254]
        limits.count_reset(typed)
        known = super().validate(**kwargs)
        who = Actor(self.user.id, self.user.name) if known else Actor(None, "")
        details = {"email": typed, "address": limits.place()}
        record(db.session(), "reset_asked_for", who, details)
        db.session.commit()
        return bool(known)


class SetUp(FlaskForm):  # type: ignore[misc]
    """The first administrator."""

    name = StringField(lazy("Your name"), render_kw={"autocomplete": "name"})
    email = EmailField(lazy("Your e-mail address"), render_kw={"autocomplete": "email"})
    password = PasswordField(lazy("Password"), render_kw={"autocomplete": "new-password"})

    def validate_password(self, field: PasswordField) -> None:
        if refusal := password_refusal(field.data or ""):
            raise ValidationError(refusal)
