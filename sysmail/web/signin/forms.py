"""Flask-Security's forms with labels of ours, throttled, their failures audited."""

from __future__ import annotations

from typing import Any, ClassVar

from flask_security import (
    ChangePasswordForm,
    ForgotPasswordForm,
    LoginForm,
    ResetPasswordForm,
    VerifyForm,
    current_user,
)
from flask_wtf import FlaskForm
from wtforms import EmailField, PasswordField, StringField

from sysmail.audit import Actor, record
from sysmail.db import db
from sysmail.people import Refused, identity_refusals
from sysmail.web.signin import limits
from sysmail.web.signin.messages import WRONG_PASSWORD
from sysmail.web.signin.own_password import note_wrong_password
from sysmail.web.signin.passwords import password_refusal
from sysmail.words import Lazy, lazy

_EMAIL = lazy("E-mail address")
_PASSWORD = lazy("Password")
_REMEMBER = lazy("Keep me signed in on this device for two weeks")
_NEW = lazy("New password")
_AGAIN = lazy("New password again")


class _OurWords:
    """Puts our labels on Flask-Security's fields, whose validators stay as they are."""

    labels: ClassVar[dict[str, Lazy]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, text in self.labels.items():
            self[name].label.text = str(text)  # type: ignore[index]


class SignIn(_OurWords, LoginForm):  # type: ignore[misc]
    """A failure is an audit entry, and counts for the place and for the address typed."""

    labels: ClassVar = {"email": _EMAIL, "password": _PASSWORD, "remember": _REMEMBER}

    def validate(self, **kwargs: Any) -> bool:
        typed = (self.email.data or "").strip()[:254]
        limits.check_sign_in(typed)
        if super().validate(**kwargs):
            return True
        if typed and self.password.data:
            limits.count_failed_sign_in(typed)
            _record("sign_in_failed", typed)
        return False


class AskForReset(_OurWords, ForgotPasswordForm):  # type: ignore[misc]
    """Writes the same entry whether somebody has the address or not."""

    labels: ClassVar = {"email": _EMAIL}

    def validate(self, **kwargs: Any) -> bool:
        typed = (self.email.data or "").strip()[:254]
        limits.count_reset(typed)
        known = super().validate(**kwargs)
        _record("reset_asked_for", typed)
        return bool(known)


def _record(action: str, typed: str) -> None:
    """Who typed an address is not known, so the entry names nobody as its actor."""
    details = {"email": typed, "address": limits.place()}
    record(db.session(), action, Actor(None, ""), details)
    db.session.commit()


class _AsksOwnPassword:
    """Guessing the password of a session left open is throttled and audited too."""

    password: PasswordField

    def validate(self, **kwargs: Any) -> bool:
        limits.check_own_password(current_user.id)
        if super().validate(**kwargs):  # type: ignore[misc]
            return True
        if self.password.errors and str(self.password.errors[0]) == str(WRONG_PASSWORD):
            note_wrong_password(current_user)
        return False


class GivePasswordAgain(_OurWords, _AsksOwnPassword, VerifyForm):  # type: ignore[misc]
    """Before what needs a recent sign-in."""

    labels: ClassVar = {"password": _PASSWORD}


class ChangePassword(_OurWords, _AsksOwnPassword, ChangePasswordForm):  # type: ignore[misc]
    """The old password and twice the new one."""

    labels: ClassVar = {
        "password": lazy("Your password now"),
        "new_password": _NEW,
        "new_password_confirm": _AGAIN,
    }


class ChoosePassword(_OurWords, ResetPasswordForm):  # type: ignore[misc]
    """Behind the link of a reset or an invitation."""

    labels: ClassVar = {"password": _NEW, "password_confirm": _AGAIN}


class SetUp(FlaskForm):  # type: ignore[misc]
    """The first administrator."""

    name = StringField(lazy("Your name"), render_kw={"autocomplete": "name"})
    email = EmailField(lazy("Your e-mail address"), render_kw={"autocomplete": "username"})
    password = PasswordField(lazy("Password"), render_kw={"autocomplete": "new-password"})

    def validate(self, **kwargs: Any) -> bool:
        fine = bool(super().validate(**kwargs))
        refusals = identity_refusals(self.email.data or "", self.name.data or "")
        if refusal := password_refusal(self.password.data or ""):
            refusals.append(Refused("password", refusal))
        for refused in refusals:
            self[refused.field].errors = [refused.message]
        return fine and not refusals
