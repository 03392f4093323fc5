"""The rules for the fields of an OAuth 2.0 log-in."""

from __future__ import annotations

import re
from datetime import date
from typing import Protocol
from urllib.parse import urlsplit

from sysmail.account.application import (
    AUTHORIZATION_CODE,
    CLIENT_CREDENTIALS,
    GOOGLE,
    MICROSOFT,
    OTHER,
    Application,
    Asked,
)
from sysmail.account.hosts import BadHost, is_loopback, is_never_dialled, is_private, normalise
from sysmail.config import Config
from sysmail.words import _

_LONGEST = 500
# RFC 6749, appendix A.
_VISIBLE = re.compile(r"[\x20-\x7e]*")
_TENANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,99}")
# Microsoft's names for many tenants at once, which no application logs in to as itself.
_SHARED_TENANTS = ("common", "organizations", "consumers")


class Typed(Asked, Protocol):
    @property
    def client_secret_expires_on(self) -> str: ...
    @property
    def application(self) -> Application: ...


def problems(typed: Typed, config: Config) -> dict[str, str | None]:
    """Why the fields cannot be used, by field."""
    found = {
        "oauth_provider": _provider(typed.oauth_provider),
        "oauth_grant": _grant(typed),
        "client_id": _client_id(typed.client_id),
        "client_secret_expires_on": _expiry(typed.client_secret_expires_on),
    }
    if typed.oauth_provider == MICROSOFT:
        found["tenant"] = _tenant(typed)
    if typed.oauth_provider == OTHER:
        found["token_url"] = _url(typed.token_url, config)
        found["oauth_scope"] = _scope(typed.oauth_scope)
        if typed.oauth_grant == AUTHORIZATION_CODE:
            found["authorize_url"] = _url(typed.authorize_url, config)
    return found


def read_day(text: str) -> date | None:
    """A day written as 2027-05-03; None for anything else."""
    try:
        return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) else None
    except ValueError:
        return None


def _provider(text: str) -> str | None:
    if text in (MICROSOFT, GOOGLE, OTHER):
        return None
    return _("Choose where to log in.")


def _grant(typed: Typed) -> str | None:
    if typed.oauth_provider == GOOGLE or typed.oauth_grant in (
        CLIENT_CREDENTIALS,
        AUTHORIZATION_CODE,
    ):
        return None
    return _("Choose whether Sysmail logs in as itself or as a person who consents.")


def _client_id(text: str) -> str | None:
    if not text:
        return _("Enter the client ID (also called application ID) from the registration.")
    return _unfit(text)


def _tenant(typed: Typed) -> str | None:
    if not typed.tenant:
        return _("Enter the directory (tenant) ID from the registration.")
    if not _TENANT.fullmatch(typed.tenant):
        return _("A tenant is an ID of letters, digits and hyphens, or a domain of yours.")
    if typed.oauth_grant == CLIENT_CREDENTIALS and typed.tenant.lower() in _SHARED_TENANTS:
        return _("To log in as an application, enter the ID of your own tenant.")
    return None


def _scope(text: str) -> str | None:
    return _unfit(text)


def _expiry(text: str) -> str | None:
    if not text or read_day(text):
        return None
    return _("Enter the day as year-month-day, such as 2027-05-03, or leave it blank.")


def _url(text: str, config: Config) -> str | None:
    """https, or http on this machine: client secrets and tokens are never sent in clear."""
    if not text:
        return _("Enter the address, such as https://login.example.com/oauth2/token.")
    wrong = _("Enter an address that begins with https://, without a name, password or #.")
    try:
        parts = urlsplit(text)
        host, _port = normalise(parts.hostname or ""), parts.port
    except (ValueError, BadHost):
        return wrong
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))
    if not is_safe or parts.username is not None or parts.fragment or not parts.path:
        return wrong
    if is_never_dialled(host) or (is_private(host) and not config.smtp_private):
        return _("Servers at this address are not allowed on this installation.")
    return _unfit(text)


def _unfit(text: str) -> str | None:
    if len(text) > _LONGEST:
        return _("This is too long: at most 500 characters.")
    if not _VISIBLE.fullmatch(text):
        return _("This holds characters that cannot stand here.")
    return None
