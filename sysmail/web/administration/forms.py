"""Forms of the users page and the audit log."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, Form, PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice

from sysmail import audit
from sysmail.people import Refused, identity_refusals
from sysmail.web.signin import password_refusal
from sysmail.words import lazy

PERIODS = {"day": 1, "week": 7, "month": 31, "quarter": 92}


class _Identity(FlaskForm):  # type: ignore[misc]
    name = StringField(lazy("Name"), render_kw={"autocomplete": "off"})
    email = EmailField(lazy("E-mail address"), render_kw={"autocomplete": "off"})

    def validate(self, **kwargs: Any) -> bool:
        fine = bool(super().validate(**kwargs))
        refusals = self.refusals()
        for refused in refusals:
            self.refuse(refused)
        return fine and not refusals

    def refusals(self) -> list[Refused]:
        return identity_refusals(self.email.data or "", self.name.data or "")

    def refuse(self, refused: Refused) -> None:
        """Puts the message at its field."""
        self[refused.field].errors = [refused.message]


class ChangeUser(_Identity):
    """Name and address of somebody."""


class AddUser(_Identity):
    """A blank password means: send an invitation."""

    is_administrator = BooleanField(lazy("Administrator"))
    password = PasswordField(lazy("Password"), render_kw={"autocomplete": "new-password"})

    def refusals(self) -> list[Refused]:
        return super().refusals() + _password_refusals(self.password.data)


class SetPassword(FlaskForm):  # type: ignore[misc]
    """A password for somebody whom no mail reaches."""

    password = PasswordField(lazy("New password"), render_kw={"autocomplete": "new-password"})

    def validate(self, **kwargs: Any) -> bool:
        fine = bool(super().validate(**kwargs))
        if refusal := password_refusal(self.password.data or ""):
            self.password.errors = [refusal]
            return False
        return fine


class AskAbout(Form):  # type: ignore[misc]
    """The address of a record or comment, as copied from the browser."""

    about = StringField(
        lazy("Address of the record or comment"),
        render_kw={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"},
    )


class AuditFilter(Form):  # type: ignore[misc]
    """Shown filled from the URL; whatever stands there is answered."""

    action = SelectField(
        lazy("What"),
        choices=[
            SelectChoice("", lazy("everything")),
            *(SelectChoice(name, text) for name, (text, _) in audit.ACTIONS.items()),
        ],
    )
    person = StringField(lazy("Who"))
    period = SelectField(
        lazy("When"),
        choices=[
            SelectChoice("", lazy("at any time")),
            SelectChoice("day", lazy("the last 24 hours")),
            SelectChoice("week", lazy("the last 7 days")),
            SelectChoice("month", lazy("the last 31 days")),
            SelectChoice("quarter", lazy("the last 92 days")),
        ],
    )


def _password_refusals(text: str | None) -> list[Refused]:
    refusal = password_refusal(text) if text else None
    return [Refused("password", refusal)] if refusal else []
