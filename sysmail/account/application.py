"""How Sysmail is known to an authorization server, and where that answers (RFC 6749)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

PASSWORD = "password"  # noqa: S105
OAUTH = "oauth"
MICROSOFT = "microsoft"
GOOGLE = "google"
OTHER = "other"
CLIENT_CREDENTIALS = "client_credentials"
AUTHORIZATION_CODE = "authorization_code"

_MICROSOFT = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/"


class Asked(Protocol):
    """The fields of settings or account that tell of the application."""

    @property
    def oauth_provider(self) -> str: ...
    @property
    def oauth_grant(self) -> str: ...
    @property
    def tenant(self) -> str: ...
    @property
    def authorize_url(self) -> str: ...
    @property
    def token_url(self) -> str: ...
    @property
    def oauth_scope(self) -> str: ...
    @property
    def client_id(self) -> str: ...


@dataclass(frozen=True)
class Application:
    """`grant` client_credentials: Sysmail logs in as itself. authorization_code: as a person
    who consented. `extra`: what this server wants beside the standard's parameters."""

    grant: str
    client_id: str
    authorize_url: str
    token_url: str
    scope: str
    extra: tuple[tuple[str, str], ...] = ()

    @property
    def needs_consent(self) -> bool:
        return self.grant == AUTHORIZATION_CODE

    @property
    def needs_secret(self) -> bool:
        """A public client that a person consented to has none."""
        return self.grant == CLIENT_CREDENTIALS


def application(asked: Asked) -> Application:
    """With the addresses and the scope that belong to the provider."""
    if asked.oauth_provider == GOOGLE:
        return _google(asked)
    if asked.oauth_provider == MICROSOFT:
        return _microsoft(asked)
    return Application(
        asked.oauth_grant,
        asked.client_id,
        asked.authorize_url,
        asked.token_url,
        asked.oauth_scope,
    )


def _microsoft(asked: Asked) -> Application:
    """learn.microsoft.com, "Authenticate an IMAP, POP or SMTP connection using OAuth"."""
    base = _MICROSOFT.format(tenant=asked.tenant)
    scope = "https://outlook.office365.com/.default"
    if asked.oauth_grant == AUTHORIZATION_CODE:
        scope = "https://outlook.office.com/SMTP.Send offline_access"
    return Application(
        asked.oauth_grant, asked.client_id, f"{base}authorize", f"{base}token", scope
    )


def _google(asked: Asked) -> Application:
    """developers.google.com, "OAuth 2.0 for Web Server Applications": only with access_type and
    prompt does each consent bring a refresh token."""
    return Application(
        AUTHORIZATION_CODE,
        asked.client_id,
        "https://accounts.google.com/o/oauth2/v2/auth",
        "https://oauth2.googleapis.com/token",
        "https://mail.google.com/",
        (("access_type", "offline"), ("prompt", "consent")),
    )
