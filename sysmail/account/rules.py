"""What each field of the System Mail Account may hold: a sentence where it may not, else None."""

from __future__ import annotations

import re

from sysmail.account.application import OAUTH, PASSWORD
from sysmail.account.greeting import greeting_name
from sysmail.account.hosts import BadHost, is_never_dialled, is_private, normalise
from sysmail.config import Config
from sysmail.mime import Address, Unsafe
from sysmail.smtp import Encryption
from sysmail.words import _

CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_LONGEST_NAME = 255


def address(text: str) -> str | None:
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


def host(text: str, config: Config) -> str | None:
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


def port(text: str) -> str | None:
    if re.fullmatch(r"[0-9]{1,6}", text) and 1 <= int(text) <= 65535:
        return None
    return _("Enter a port number from 1 to 65535.")


def encryption(text: str) -> str | None:
    if text in tuple(Encryption):
        return None
    return _("Choose Plain, SSL or STARTTLS.")


def helo_name(text: str) -> str | None:
    try:
        spoken = greeting_name(text) if text else ""
    except BadHost:
        return _bad_helo_name(text)
    if max(len(text), len(spoken)) > _LONGEST_NAME:
        return _("This host name is too long.")
    return None


def _bad_helo_name(text: str) -> str:
    if re.fullmatch(r"\[.*\]|[0-9.]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*", text):
        return _(
            "Enter a name, such as portal.example.com. An address stands in brackets, as in "
            "[203.0.113.9] or [IPv6:2001:db8::9]."
        )
    return _(
        "Enter a full host name, such as portal.example.com: letters, digits and hyphens, "
        "with dots between, and no blanks."
    )


def account_name(text: str) -> str | None:
    if not text:
        return _("Enter the account name; for most providers it is the e-mail address.")
    if len(text) > _LONGEST_NAME:
        return _("The account name is too long: at most 255 characters.")
    if CONTROL.search(text):
        return _("The account name holds characters that cannot be typed.")
    return None


def login_method(text: str) -> str | None:
    if text in (PASSWORD, OAUTH):
        return None
    return _("Choose a password or OAuth 2.0.")
