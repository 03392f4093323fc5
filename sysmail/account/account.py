"""The System Mail Account as stored: its row, its sender, and the password's seal."""

from __future__ import annotations

import hashlib

from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.account.hosts import BadHost, normalise
from sysmail.account.models import Account
from sysmail.config import Config
from sysmail.smtp import Trust
from sysmail.vault import CannotOpen, Context, Vault

EXTERNAL = "external"
BUILTIN = "builtin"


def current(session: Session) -> Account:
    """The account; on a new installation the built-in one, which the first save stores."""
    return session.get(Account, 1) or fresh()


def fresh() -> Account:
    """What an installation starts with."""
    return Account(
        id=1,
        version=1,
        mail_server=BUILTIN,
        email_address="",
        smtp_host="",
        smtp_port=None,
        encryption="starttls",
        helo_name="",
        use_smtp_auth=False,
        account_name="",
        allow_clear_login=False,
        password_sealed=None,
        password_changed_at=None,
        password_changed_by="",
        changed_at=clock.now(),
        signs_external=False,
        trust_ca="",
        trust_fingerprint="",
        trust_pinned="",
        login_method="password",
        oauth_provider="",
        oauth_grant="",
        tenant="",
        authorize_url="",
        token_url="",
        oauth_scope="",
        client_id="",
        client_secret_sealed=None,
        client_secret_changed_at=None,
        client_secret_changed_by="",
        client_secret_expires_on=None,
    )


def sender(account: Account, config: Config) -> str:
    """The From address of every mail."""
    return account.email_address if account.mail_server == EXTERNAL else config.builtin_address


def seal_context(
    host: str, port: int | None, encryption: str, account_name: str, trust: Trust
) -> Context:
    """What a password belongs to; a change of any of these asks for it again.

    A host that cannot be normalised belongs to nothing but itself.
    """
    try:
        host = normalise(host)
    except BadHost:
        host = f"?{host}"
    context: dict[str, str | int | None] = {
        "purpose": "system mail account",
        "host": host,
        "port": port,
        "encryption": encryption,
        "account_name": account_name,
    }
    if trust:
        context["trust"] = _digest(trust)
    return context


def stored_password(account: Account, vault: Vault) -> str | None:
    """The password, if one is stored and was typed for exactly the settings of this row."""
    return open_password(account, vault, server_context(account))


def server_context(account: Account) -> Context:
    """What is sealed for the server of this row."""
    return seal_context(
        account.smtp_host,
        account.smtp_port,
        account.encryption,
        account.account_name,
        account.trust,
    )


def open_password(account: Account, vault: Vault, context: Context) -> str | None:
    """The password, if one is stored and was typed for the settings of `context`."""
    if account.password_sealed is None:
        return None
    try:
        return vault.open(account.password_sealed, context)
    except CannotOpen:
        return None


def _digest(trust: Trust) -> str:
    parts = f"{trust.authorities}\n{trust.fingerprint}"
    return hashlib.sha256(parts.encode()).hexdigest()
