"""What the form or the command asks for, and the rules it must meet: one message a field."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, fields, replace

from sysmail.account import oauth_rules, rules, trust_rules
from sysmail.account.account import BUILTIN, EXTERNAL, open_password, seal_context
from sysmail.account.application import OAUTH, PASSWORD, Application, application
from sysmail.account.hosts import BadHost, is_loopback, normalise
from sysmail.account.models import Account
from sysmail.account.secrets import open_secret, secret_context
from sysmail.account.trust_rules import trust_typed
from sysmail.config import Config
from sysmail.smtp import Encryption, Trust
from sysmail.vault import Context, Vault
from sysmail.words import _

Problems = dict[str, str]

# Beside white space, what pages and PDFs leave at the ends of a copied text.
_BLANKS = "\u200b\u2060\ufeff"
_LONGEST_PASSWORD = 1000
_UNTRIMMED = {"password", "client_secret"}
_KEPT = ("helo_name", "trust_ca", "trust_fingerprint")


@dataclass(frozen=True)
class Settings:
    """The form's fields as typed. A blank `password` or `client_secret` keeps the stored one;
    None as trust or `helo_name` keeps what is stored."""

    mail_server: str = BUILTIN
    email_address: str = ""
    smtp_host: str = ""
    smtp_port: str = ""
    encryption: str = Encryption.STARTTLS
    helo_name: str | None = None
    trust_ca: str | None = None
    trust_fingerprint: str | None = None
    use_smtp_auth: bool = False
    account_name: str = ""
    login_method: str = PASSWORD
    password: str = ""
    remove_password: bool = False
    allow_clear_login: bool = False
    oauth_provider: str = ""
    oauth_grant: str = ""
    tenant: str = ""
    authorize_url: str = ""
    token_url: str = ""
    oauth_scope: str = ""
    client_id: str = ""
    client_secret: str = ""
    remove_client_secret: bool = False
    client_secret_expires_on: str = ""
    test_address: str = ""

    def __repr__(self) -> str:
        return f"Settings({self.mail_server}, {self.smtp_host}:{self.smtp_port})"

    @classmethod
    def stored(cls, account: Account) -> Settings:
        """What the form would hold if the account were saved again; secrets blank."""
        day = account.client_secret_expires_on
        special = {
            "smtp_port": "" if account.smtp_port is None else str(account.smtp_port),
            "client_secret_expires_on": day.isoformat() if day else "",
        }
        columns = Account.__table__.columns
        same = {f.name: getattr(account, f.name) for f in fields(cls) if f.name in columns}
        return cls(**(same | special))

    @property
    def is_external(self) -> bool:
        return self.mail_server == EXTERNAL

    @property
    def uses_password(self) -> bool:
        return self.is_external and self.use_smtp_auth and self.login_method == PASSWORD

    @property
    def uses_oauth(self) -> bool:
        return self.is_external and self.use_smtp_auth and self.login_method == OAUTH

    @property
    def is_plain_elsewhere(self) -> bool:
        """What is said would cross a network unencrypted."""
        is_plain = self.encryption == Encryption.PLAIN
        return is_plain and not is_loopback(_host_or_blank(self.smtp_host))

    @property
    def logs_in_clear(self) -> bool:
        """The password would cross a network unencrypted: needs `allow_clear_login`."""
        return self.use_smtp_auth and self.login_method == PASSWORD and self.is_plain_elsewhere

    @property
    def trust(self) -> Trust:
        """What is trusted beside the system's authorities; a text that says nothing of the kind
        equals no stored trust."""
        return trust_typed(self.trust_ca or "", self.trust_fingerprint or "")

    @property
    def application(self) -> Application:
        return application(self)

    def trimmed(self) -> Settings:
        """Without what pasting left around the values; passwords stay as typed."""
        texts = {
            name: _trim(value)
            for name, value in vars(self).items()
            if isinstance(value, str) and name not in _UNTRIMMED
        }
        texts["smtp_port"] = _trim(unicodedata.normalize("NFKC", self.smtp_port))
        return replace(self, **texts)  # type: ignore[arg-type]

    def over(self, account: Account) -> Settings:
        """With the account's own where nothing was said about trust or the greeting."""
        unsaid = [name for name in _KEPT if getattr(self, name) is None]
        return replace(self, **{name: getattr(account, name) for name in unsaid})


def problems(settings: Settings, account: Account, config: Config, vault: Vault) -> Problems:
    """Why trimmed settings cannot be saved, by field; with the built-in server hardly anything."""
    test_address = settings.test_address
    found = {"test_address": rules.address(test_address) if test_address else None}
    if settings.mail_server not in (BUILTIN, EXTERNAL):
        found["mail_server"] = _("Choose the built-in or an external mail server.")
    if settings.is_external:
        found |= {
            "email_address": rules.address(settings.email_address),
            "smtp_host": rules.host(settings.smtp_host, config),
            "smtp_port": rules.port(settings.smtp_port),
            "encryption": rules.encryption(settings.encryption),
            "helo_name": rules.helo_name(settings.helo_name or ""),
            **trust_rules.problems(settings.trust_ca or "", settings.trust_fingerprint or ""),
        }
    if settings.is_external and settings.use_smtp_auth:
        found["account_name"] = rules.account_name(settings.account_name)
        found["login_method"] = rules.login_method(settings.login_method)
    if settings.uses_password:
        found |= {
            "password": _password(settings, account, vault),
            "allow_clear_login": _clear_login(settings),
        }
    if settings.uses_oauth:
        found |= oauth_rules.problems(settings, config)
        found["client_secret"] = _client_secret(settings, account, vault)
        if settings.is_plain_elsewhere:
            found["encryption"] = _("OAuth 2.0 needs SSL or STARTTLS.")
    return {field: message for field, message in found.items() if message}


def _trim(text: str) -> str:
    while (shorter := text.strip().strip(_BLANKS)) != text:
        text = shorter
    return text


def _password(settings: Settings, account: Account, vault: Vault) -> str | None:
    if wrong := _unfit_secret(settings.password):
        return wrong
    if settings.password:
        return None
    if settings.remove_password or account.password_sealed is None:
        return _("Enter the password, or untick Use SMTP AUTH.")
    if open_password(account, vault, wanted_context(settings)) is None:
        return _(
            "Enter the password again. The stored one belongs to the server, port, encryption, "
            "account name and trusted certificates it was typed for, and is not sent anywhere else."
        )
    return None


def _client_secret(settings: Settings, account: Account, vault: Vault) -> str | None:
    if settings.client_secret:
        return _unfit_secret(settings.client_secret)
    is_gone = account.client_secret_sealed is None or settings.remove_client_secret
    if is_gone or not settings.client_id:
        if not settings.application.needs_secret:
            return None
        return _("Enter the client secret of the application.")
    if open_secret(account, vault, wanted_secret_context(settings)) is None:
        return _(
            "Enter the client secret again. The stored one belongs to the mail server, account "
            "name and application it was typed for, and is not used for any other."
        )
    return None


def _unfit_secret(secret: str) -> str | None:
    if len(secret) > _LONGEST_PASSWORD:
        return _("The password is too long: at most 1,000 characters.")
    if rules.CONTROL.search(secret):
        return _("The password holds characters that cannot be typed.")
    return None


def _clear_login(settings: Settings) -> str | None:
    if settings.allow_clear_login or not settings.logs_in_clear:
        return None
    return _(
        "Plain sends the password unencrypted over the network. "
        "Choose SSL or STARTTLS, or tick this to allow it."
    )


def wanted_context(settings: Settings) -> Context:
    """What a password typed with these settings belongs to."""
    port = int(settings.smtp_port) if rules.port(settings.smtp_port) is None else None
    name = settings.account_name
    return seal_context(settings.smtp_host, port, settings.encryption, name, settings.trust)


def wanted_secret_context(settings: Settings) -> Context:
    """What a client secret typed with these settings belongs to."""
    return secret_context(wanted_context(settings), settings.application)


def _host_or_blank(text: str) -> str:
    try:
        return normalise(text)
    except BadHost:
        return ""


def has_password_for(account: Account, vault: Vault, settings: Settings) -> bool:
    """Whether a blank password is enough: the stored one was typed for exactly these settings."""
    context = wanted_context(settings.trimmed().over(account))
    return open_password(account, vault, context) is not None


def has_secret_for(account: Account, vault: Vault, settings: Settings) -> bool:
    """The same for a blank client secret."""
    context = wanted_secret_context(settings.trimmed().over(account))
    return open_secret(account, vault, context) is not None
