"""An OAuth log-in by a token that nobody keeps: to see whether the settings would bring one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self
from urllib.parse import urlsplit

from sysmail.account.application import Application, application
from sysmail.account.authorization import NO_CONSENT
from sysmail.account.granting import Asking, Granted, NotGranted
from sysmail.account.models import Account
from sysmail.account.secrets import open_secret, stored_context
from sysmail.config import Config
from sysmail.smtp import Trouble
from sysmail.vault import Vault

CONSENT = "consent"
RENEWAL = "renewal"


@dataclass(frozen=True)
class TokenLogin:
    """`left_out`: why no token is asked for: `consent` (a person's comes after the save),
    `renewal` (the worker is about to fetch one) or a cause with the server's `words`; "" where
    the application logs in as itself, with `secret`."""

    account_name: str
    application: Application
    secret: str | None = field(default=None, repr=False)
    left_out: str = ""
    words: str = ""

    @property
    def server(self) -> str:
        """Who gives the token, like "login.example.com"."""
        return urlsplit(self.application.token_url).netloc

    def fetch(self, config: Config) -> Granted | NotGranted:
        """One token, for whoever asked; it is not stored."""
        return Asking(self.application, self.secret, config).as_itself()

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of_json(cls, values: Mapping[str, Any]) -> Self:
        """What `to_json` made."""
        app = Application(**values["application"] | {"extra": ()})
        return cls(**dict(values) | {"application": app})


def token_login(account: Account, vault: Vault, refusal: Trouble | None) -> TokenLogin:
    """For an account whose route has no token now. `refusal`: why, unless one is awaited. A
    person's refresh token may be good for one use, so it is left to the worker's TokenKeeper."""
    app, name = application(account), account.account_name
    if not app.needs_consent:
        return TokenLogin(name, app, open_secret(account, vault, stored_context(account)))
    if refusal is None:
        return TokenLogin(name, app, left_out=RENEWAL)
    if refusal.detail == NO_CONSENT:
        return TokenLogin(name, app, left_out=CONSENT)
    return TokenLogin(name, app, left_out=str(refusal.kind), words=refusal.detail)
