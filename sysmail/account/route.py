"""How mail leaves: over an SMTP server, straight to the recipient's, or into a folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sysmail.account.account import EXTERNAL, stored_password
from sysmail.account.hosts import BadHost, normalise
from sysmail.account.models import Account
from sysmail.config import Config
from sysmail.smtp import DEFAULT_PORTS, Credentials, Encryption, Endpoint, Mode
from sysmail.vault import Vault


@dataclass(frozen=True)
class External:
    """The account's own server, or the operator's relay."""

    endpoint: Endpoint


@dataclass(frozen=True)
class Direct:
    """To the recipient's MX on `port`; `resolver` is ip:port or None for the system's."""

    port: int
    private: bool
    resolver: str | None
    helo: str


@dataclass(frozen=True)
class Capture:
    """Kept as .eml files in `folder`, one for each mail."""

    folder: Path


@dataclass(frozen=True)
class PasswordNeeded:
    """No stored password opens for exactly these settings: cause password_needed."""


Route = External | Direct | Capture | PasswordNeeded


def route(account: Account, config: Config, vault: Vault) -> Route:
    """The way every mail of this account goes. It checks the password's seal each time."""
    if account.mail_server == EXTERNAL:
        found = endpoint(account, config, vault)
        return found if isinstance(found, PasswordNeeded) else External(found)
    if config.builtin == "capture":
        return Capture(captured_folder(config))
    if config.builtin_relay:
        return External(_relay(*config.builtin_relay, config.helo_name))
    return Direct(config.mx_port, config.mx_private, config.resolver, config.helo_name)


def captured_folder(config: Config) -> Path:
    return config.instance / "captured"


def endpoint(account: Account, config: Config, vault: Vault) -> Endpoint | PasswordNeeded:
    """The external server of this row, or PasswordNeeded when its password does not fit it."""
    credentials = None
    if account.use_smtp_auth:
        password = stored_password(account, vault)
        if password is None:
            return PasswordNeeded()
        credentials = Credentials(account.account_name, password)
    encryption = Encryption(account.encryption)
    return Endpoint(
        host=_dialled(account.smtp_host),
        port=account.smtp_port or DEFAULT_PORTS[encryption],
        encryption=encryption,
        credentials=credentials,
        helo_name=config.helo_name,
        ca_file=config.ca_file,
        private=config.smtp_private,
        allow_clear_login=account.allow_clear_login,
    )


def _dialled(host: str) -> str:
    try:
        return normalise(host)
    except BadHost:
        return host


def _relay(host: str, port: int, helo_name: str) -> Endpoint:
    return Endpoint(
        host=host,
        port=port,
        encryption=Encryption.PLAIN,
        helo_name=helo_name,
        private=True,
        mode=Mode.RELAY,
    )
