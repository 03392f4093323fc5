"""The form of System Mail Account; its rules are the account's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, HiddenField, PasswordField, RadioField, StringField
from wtforms.fields.choices import SelectChoice

from sysmail.account import Account, Settings
from sysmail.smtp import DEFAULT_PORTS, Encryption
from sysmail.web.system_mail.login_forms import CHOSEN, LoginForm
from sysmail.words import lazy

_NO_HELP = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
# A field of type email rewrites other scripts' domains into A-labels while one types.
_ADDRESS = {"inputmode": "email"} | _NO_HELP
_STORED = (
    "mail_server",
    "email_address",
    "smtp_host",
    "encryption",
    "helo_name",
    "use_smtp_auth",
    "account_name",
    "allow_clear_login",
    "trust_ca",
    "trust_fingerprint",
)


class Tick(BooleanField):  # type: ignore[misc]
    """Present is on, whatever its value."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = bool(valuelist)


class AccountForm(LoginForm):
    """Fields and names as the article has them. Passwords never go back to a page."""

    mail_server = RadioField(
        lazy("Mail server"),
        choices=[
            SelectChoice("builtin", lazy("Built-in mail server")),
            SelectChoice("external", lazy("External mail server")),
        ],
    )
    email_address = StringField(lazy("E-mail address"), render_kw=_ADDRESS)
    smtp_host = StringField(lazy("SMTP server"), render_kw=_NO_HELP)
    smtp_port = StringField(lazy("Port Number"), render_kw={"inputmode": "numeric"} | _NO_HELP)
    encryption = RadioField(
        lazy("Encryption Method"),
        choices=[
            SelectChoice("plain", lazy("Plain")),
            SelectChoice("ssl", lazy("SSL")),
            SelectChoice("starttls", lazy("STARTTLS")),
        ],
    )
    helo_name = StringField(lazy("Name in the greeting (EHLO)"), render_kw=_NO_HELP)
    use_smtp_auth = Tick(lazy("Use SMTP AUTH"))
    account_name = StringField(lazy("Email Account Name"), render_kw=_NO_HELP)
    password = PasswordField(lazy("Password"), render_kw={"autocomplete": "new-password"})
    remove_password = Tick(lazy("Remove the stored password"))
    remove_client_secret = Tick(lazy("Remove the stored client secret"))
    allow_clear_login = Tick(lazy("Send the password unencrypted"))
    test_address = StringField(lazy("Test e-mail address"), render_kw=_ADDRESS)
    own_password = PasswordField(
        lazy("Your own password"), render_kw={"autocomplete": "current-password"}
    )
    version = HiddenField("")
    check = HiddenField("")

    def settings(self) -> Settings:
        """What was typed, as text."""
        return Settings(
            mail_server=self.mail_server.data or "",
            email_address=self.email_address.data or "",
            smtp_host=self.smtp_host.data or "",
            smtp_port=self.smtp_port.data or "",
            encryption=self.encryption.data or "",
            helo_name=self.helo_name.data,
            use_smtp_auth=self.use_smtp_auth.data,
            account_name=self.account_name.data or "",
            password=self.password.data or "",
            remove_password=self.remove_password.data,
            remove_client_secret=self.remove_client_secret.data,
            allow_clear_login=self.allow_clear_login.data,
            test_address=self.test_address.data or "",
            trust_ca=self.trust_ca.data,
            trust_fingerprint=self.trust_fingerprint.data,
            client_secret=self.client_secret.data or "",
            **{name: self[name].data or "" for name in CHOSEN},
        )

    def version_seen(self) -> int:
        """The version the form was filled from; 0, which never was one, if it says none."""
        return whole(self.version.data) or 0

    def check_id(self) -> int | None:
        """The check whose typed password or client secret a blank one may stand for."""
        return whole(self.check.data)

    def refuse(self, problems: Mapping[str, str]) -> None:
        """Puts each message at its field; "version" belongs to the form as a whole."""
        for name, message in problems.items():
            if name == "version":
                self.form_errors.append(message)
            else:
                self[name].errors = [message]

    @property
    def default_port(self) -> str:
        """The usual port of the encryption shown."""
        return usual_port(self.encryption.data or "")


def whole(text: str | None) -> int | None:
    """The number that a field of digits holds; None for anything else."""
    found = text or ""
    return int(found) if found.isascii() and found.isdigit() and len(found) < 10 else None


def usual_port(encryption: str) -> str:
    """Like "587"; that of STARTTLS for anything unknown."""
    known = encryption in tuple(Encryption)
    return str(DEFAULT_PORTS[Encryption(encryption) if known else Encryption.STARTTLS])


def typed_form(settings: Settings, version: int, check: int) -> AccountForm:
    """The form as it was typed for a check; the passwords typed stay with the check."""
    form = AccountForm(formdata=None, data=vars(settings))
    for secret in form:
        if isinstance(secret, PasswordField):
            secret.data = None
    form.version.data, form.check.data = str(version), str(check)
    return form


def stored_form(account: Account, sent: MultiDict[str, str] | None = None) -> AccountForm:
    """The form as stored, or, as far as it goes, as `sent`; the port is filled in where none was
    chosen yet."""
    stored = Settings.stored(account)
    values = {name: getattr(stored, name) for name in _STORED}
    # What was never chosen is shown as the form suggests it.
    values |= {name: getattr(stored, name) for name in CHOSEN if getattr(stored, name)}
    values["smtp_port"] = str(account.smtp_port or usual_port(account.encryption))
    values["version"] = str(account.version)
    return AccountForm(formdata=sent, data=values)
