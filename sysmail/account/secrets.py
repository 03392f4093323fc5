"""The secrets of an OAuth log-in, each sealed to the one use it is for."""

from __future__ import annotations

from sysmail.account.account import server_context
from sysmail.account.application import Application, application
from sysmail.account.models import Account
from sysmail.vault import CannotOpen, Context, Vault


def secret_context(server: Context, app: Application) -> Context:
    """What a client secret belongs to: the mail server its tokens are shown to (`server`), and
    the authorization server it is shown to itself."""
    return {
        **server,
        "purpose": "oauth of the system mail account",
        "grant": app.grant,
        "client_id": app.client_id,
        "token_url": app.token_url,
        "scope": app.scope,
    }


def stored_context(account: Account) -> Context:
    """The same of the account as stored. Its tokens belong to that too."""
    return secret_context(server_context(account), application(account))


def token_context(account: Account, token: str) -> Context:
    """`token` access | refresh."""
    return {**stored_context(account), "token": token}


def open_secret(account: Account, vault: Vault, context: Context) -> str | None:
    """The client secret, if one is stored and was typed for the settings of `context`."""
    return opened(vault, account.client_secret_sealed, context)


def opened(vault: Vault, sealed: str | None, context: Context) -> str | None:
    try:
        return vault.open(sealed, context) if sealed is not None else None
    except CannotOpen:
        return None
