"""The form's fields that only some need: trusted certificates, and the OAuth log-in."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import DateField, PasswordField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice

from sysmail.account import (
    AUTHORIZATION_CODE,
    CLIENT_CREDENTIALS,
    GOOGLE,
    MICROSOFT,
    OAUTH,
    OTHER,
    PASSWORD,
)
from sysmail.web.inputs import QuickInputs
from sysmail.words import lazy

_NO_HELP = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
# What a fragment of the form needs to know to be shown as it was.
CHOSEN = (
    "login_method",
    "oauth_provider",
    "oauth_grant",
    "tenant",
    "client_id",
    "client_secret_expires_on",
    "authorize_url",
    "token_url",
    "oauth_scope",
)


class Day(DateField):  # type: ignore[misc]
    """A day chosen or typed; its rules are the account's own, so it stays text."""

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist:
            self.data = valuelist[0].strip()

    def _value(self) -> str:
        return self.data or ""


class LoginForm(FlaskForm):  # type: ignore[misc]
    """The client secret never goes back to a page."""

    Meta = QuickInputs

    trust_ca = TextAreaField(
        lazy("Company certificate authority"), render_kw={"rows": "4"} | _NO_HELP
    )
    trust_fingerprint = TextAreaField(
        lazy("Fingerprint of the server's certificate"), render_kw={"rows": "2"} | _NO_HELP
    )
    login_method = RadioField(
        lazy("Log-in"),
        default=PASSWORD,
        choices=[
            SelectChoice(PASSWORD, lazy("Password")),
            SelectChoice(OAUTH, lazy("OAuth 2.0")),
        ],
    )
    oauth_provider = RadioField(
        lazy("Log in at"),
        default=MICROSOFT,
        choices=[
            SelectChoice(MICROSOFT, lazy("Microsoft 365")),
            SelectChoice(GOOGLE, lazy("Google")),
            SelectChoice(OTHER, lazy("Other")),
        ],
    )
    oauth_grant = RadioField(
        lazy("Sysmail logs in"),
        default=CLIENT_CREDENTIALS,
        choices=[
            SelectChoice(CLIENT_CREDENTIALS, lazy("as an application")),
            SelectChoice(AUTHORIZATION_CODE, lazy("as a person")),
        ],
    )
    tenant = StringField(lazy("Tenant ID"), render_kw=_NO_HELP)
    authorize_url = StringField(lazy("Authorization address"), render_kw=_NO_HELP)
    token_url = StringField(lazy("Token address"), render_kw=_NO_HELP)
    oauth_scope = StringField(lazy("Scope"), render_kw=_NO_HELP)
    client_id = StringField(lazy("Client ID"), render_kw=_NO_HELP)
    client_secret = PasswordField(lazy("Client secret"), render_kw={"autocomplete": "new-password"})
    client_secret_expires_on = Day(lazy("Secret expires on"))

    @property
    def uses_oauth(self) -> bool:
        return bool(self.login_method.data == OAUTH)

    @property
    def is_google(self) -> bool:
        return bool(self.oauth_provider.data == GOOGLE)

    @property
    def asks_person(self) -> bool:
        """A person has to consent; Google lets no application log in as itself."""
        return self.is_google or bool(self.oauth_grant.data == AUTHORIZATION_CODE)
