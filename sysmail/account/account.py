"""The System Mail Account as stored: its row, its sender, and the password's seal."""

from __future__ import annotations

from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.account.hosts import BadHost, normalise
from sysmail.account.models import Account
from sysmail.config import Config
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
        use_smtp_auth=False,
        account_name="",
        allow_clear_login=False,
        password_sealed=None,
        password_changed_at=None,
        password_changed_by="",
        changed_at=clock.now(),
    )


def sender(account: Account, config: Config) -> str:
    """The From address of every mail."""
    return account.email_address if account.mail_server == EXTERNAL else config.builtin_address


def seal_context(host: str, port: int | None, encryption: str, account_name: str) -> Context:
    """What a password belongs to; a change of any of these asks for it again.

    A host that cannot be normalised belongs to nothing but itself.
    """
    try:
        host = normalise(host)
    except BadHost:
        host = f"?{host}"
    return {
        "purpose": "system mail account",
        "host": host,
        "port": port,
        "encryption": encryption,
        "account_name": account_name,
    }


def stored_password(account: Account, vault: Vault) -> str | None:
    """The password, if one is stored and was typed for exactly the settings of this row."""
    context = seal_context(
        account.smtp_host, account.smtp_port, account.encryption, account.account_name
    )
    return open_password(account, vault, context)


def open_password(account: Account, vault: Vault, context: Context) -> str | None:
    """The password, if one is stored and was typed for the settings of `context`."""
    if account.password_sealed is None:
        return None
    try:
        return vault.open(account.password_sealed, context)
    except CannotOpen:
        return None
