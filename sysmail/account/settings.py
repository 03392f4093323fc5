"""What the form or the command asks for, and the rules it must meet: one message a field."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace

from sysmail.account.account import BUILTIN, EXTERNAL, open_password, seal_context
from sysmail.account.hosts import BadHost, is_loopback, is_never_dialled, is_private, normalise
from sysmail.account.models import Account
from sysmail.config import Config
from sysmail.mime import Address, Unsafe
from sysmail.smtp import Encryption
from sysmail.vault import Vault
from sysmail.words import _

Problems = dict[str, str]

# Beside white space, what pages and PDFs leave at the ends of a copied text.
_BLANKS = "\u200b\u2060\ufeff"
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_LONGEST_NAME = 255
_LONGEST_PASSWORD = 1000


@dataclass(frozen=True)
class Settings:
    """The form's fields as typed. A blank `password` keeps the stored one."""

    mail_server: str = BUILTIN
    email_address: str = ""
    smtp_host: str = ""
    smtp_port: str = ""
    encryption: str = Encryption.STARTTLS
    use_smtp_auth: bool = False
    account_name: str = ""
    password: str = ""
    remove_password: bool = False
    allow_clear_login: bool = False
    test_address: str = ""

    def __repr__(self) -> str:
        return f"Settings({self.mail_server}, {self.smtp_host}:{self.smtp_port})"

    @property
    def is_external(self) -> bool:
        return self.mail_server == EXTERNAL

    @property
    def logs_in_clear(self) -> bool:
        """The password would cross a network unencrypted: needs `allow_clear_login`."""
        is_plain = self.encryption == Encryption.PLAIN
        return self.use_smtp_auth and is_plain and not is_loopback(_host_or_blank(self.smtp_host))

    def trimmed(self) -> Settings:
        """Without what pasting left around the values; the password stays as typed."""
        port = unicodedata.normalize("NFKC", self.smtp_port)
        return replace(
            self,
            email_address=_trim(self.email_address),
            smtp_host=_trim(self.smtp_host),
            smtp_port=_trim(port),
            account_name=_trim(self.account_name),
            test_address=_trim(self.test_address),
        )


def problems(settings: Settings, account: Account, config: Config, vault: Vault) -> Problems:
    """Why trimmed settings cannot be saved, by field; with the built-in server hardly anything."""
    found = {"test_address": _address(settings.test_address) if settings.test_address else None}
    if settings.mail_server not in (BUILTIN, EXTERNAL):
        found["mail_server"] = _("Choose the built-in or an external mail server.")
    if settings.is_external:
        found |= {
            "email_address": _address(settings.email_address),
            "smtp_host": _host(settings.smtp_host, config),
            "smtp_port": _port(settings.smtp_port),
            "encryption": _encryption(settings.encryption),
        }
    if settings.is_external and settings.use_smtp_auth:
        found |= {
            "account_name": _account_name(settings.account_name),
            "password": _password(settings, account, vault),
            "allow_clear_login": _clear_login(settings),
        }
    return {field: message for field, message in found.items() if message}


def _trim(text: str) -> str:
    while (shorter := text.strip().strip(_BLANKS)) != text:
        text = shorter
    return text


def _address(text: str) -> str | None:
    if not text:
        return _("Enter an e-mail address, such as portal@example.com.")
    if "<" in text or '"' in text:
        return _("Enter the address alone, without a name or angle brackets.")
    if "@" not in text:
        return _("An e-mail address has an @, as in portal@example.com.")
    try:
        Address(text)
    except Unsafe:
        return _("This is not an e-mail address that can be used: it looks like name@example.com.")
    return None


def _host(text: str, config: Config) -> str | None:
    if not text:
        return _("Enter the host name of the mail server, such as smtp.example.com.")
    try:
        host = normalise(text)
    except BadHost:
        return _bad_host(text)
    if len(text) > _LONGEST_NAME:
        return _("This host name is too long.")
    if is_never_dialled(host) or (is_private(host) and not config.smtp_private):
        return _("Mail servers at this address are not allowed on this installation.")
    return None


def _bad_host(text: str) -> str:
    if "://" in text or "/" in text:
        return _("Enter the host name alone, without https:// or a path.")
    if "@" in text:
        return _("This is an e-mail address. Enter a host name, such as smtp.example.com.")
    if re.fullmatch(r"[^:\s]+:[0-9]+", text):
        return _("Enter the host name alone; the port has a field of its own.")
    return _("This is not a host name or an IP address.")


def _port(text: str) -> str | None:
    if re.fullmatch(r"[0-9]{1,6}", text) and 1 <= int(text) <= 65535:
        return None
    return _("Enter a port number from 1 to 65535.")


def _encryption(text: str) -> str | None:
    if text in tuple(Encryption):
        return None
    return _("Choose Plain, SSL or STARTTLS.")


def _account_name(text: str) -> str | None:
    if not text:
        return _("Enter the account name; for most providers it is the e-mail address.")
    if len(text) > _LONGEST_NAME:
        return _("The account name is too long: at most 255 characters.")
    if _CONTROL.search(text):
        return _("The account name holds characters that cannot be typed.")
    return None


def _password(settings: Settings, account: Account, vault: Vault) -> str | None:
    if len(settings.password) > _LONGEST_PASSWORD:
        return _("The password is too long: at most 1,000 characters.")
    if _CONTROL.search(settings.password):
        return _("The password holds characters that cannot be typed.")
    if settings.password:
        return None
    if settings.remove_password or account.password_sealed is None:
        return _("Enter the password, or untick Use SMTP AUTH.")
    if open_password(account, vault, wanted_context(settings)) is None:
        return _(
            "Enter the password again. The stored one belongs to the server, port, encryption "
            "and account name it was typed for, and is not sent anywhere else."
        )
    return None


def _clear_login(settings: Settings) -> str | None:
    if settings.allow_clear_login or not settings.logs_in_clear:
        return None
    return _(
        "Plain sends the password unencrypted over the network. "
        "Choose SSL or STARTTLS, or tick this to allow it."
    )


def wanted_context(settings: Settings) -> dict[str, str | int | None]:
    """What a password typed with these settings belongs to."""
    port = int(settings.smtp_port) if _port(settings.smtp_port) is None else None
    context = seal_context(settings.smtp_host, port, settings.encryption, settings.account_name)
    return dict(context)


def _host_or_blank(text: str) -> str:
    try:
        return normalise(text)
    except BadHost:
        return ""


def has_password_for(account: Account, vault: Vault, settings: Settings) -> bool:
    """Whether a blank password is enough: the stored one was typed for exactly these settings."""
    return open_password(account, vault, wanted_context(settings.trimmed())) is not None
