"""How mail leaves: over an SMTP server, straight to the recipient's, or into a folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sysmail.account.account import EXTERNAL, stored_password
from sysmail.account.application import OAUTH
from sysmail.account.authorization import usable_token
from sysmail.account.greeting import greeting_name
from sysmail.account.hosts import BadHost, normalise
from sysmail.account.models import Account
from sysmail.config import Config
from sysmail.smtp import (
    DEFAULT_PORTS,
    Credentials,
    Encryption,
    Endpoint,
    Kind,
    Mode,
    Phase,
    Trouble,
)
from sysmail.vault import Vault

_PASSWORD_NEEDED = Trouble(Phase.LOCAL, Kind.PASSWORD_NEEDED)


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
    """Nothing to log in with. By default no stored password opens for exactly these settings
    (cause password_needed); with OAuth `trouble` may be that no token can be had."""

    trouble: Trouble = _PASSWORD_NEEDED


@dataclass(frozen=True)
class TokenAwaited:
    """The worker's TokenKeeper is about to fetch the token: nothing is to be claimed until
    then, which is a matter of seconds."""


Route = External | Direct | Capture | PasswordNeeded | TokenAwaited


def route(account: Account, config: Config, vault: Vault) -> Route:
    """The way every mail of this account goes. It checks the password's seal each time."""
    if account.mail_server == EXTERNAL:
        found = endpoint(account, config, vault)
        return External(found) if isinstance(found, Endpoint) else found
    if config.builtin == "capture":
        return Capture(captured_folder(config))
    if config.builtin_relay:
        return External(_relay(*config.builtin_relay, config.helo_name))
    return Direct(config.mx_port, config.mx_private, config.resolver, config.helo_name)


def goes_direct(account: Account, config: Config) -> bool:
    """Whether that way leads straight to the recipients' servers."""
    return account.mail_server != EXTERNAL and config.builtin == "direct"


def captured_folder(config: Config) -> Path:
    return config.instance / "captured"


def endpoint(
    account: Account, config: Config, vault: Vault
) -> Endpoint | PasswordNeeded | TokenAwaited:
    """The external server of this row, unless there is nothing to log in with."""
    credentials = None
    if account.use_smtp_auth:
        found = _credentials(account, vault)
        if not isinstance(found, Credentials):
            return found
        credentials = found
    return server_of(account, config, credentials)


def server_of(account: Account, config: Config, credentials: Credentials | None = None) -> Endpoint:
    """The external server of this row; without credentials no login is made."""
    encryption = Encryption(account.encryption)
    return Endpoint(
        host=_dialled(account.smtp_host),
        port=account.smtp_port or DEFAULT_PORTS[encryption],
        encryption=encryption,
        credentials=credentials,
        helo_name=_said(account.helo_name) or config.helo_name,
        ca_file=config.ca_file,
        private=config.smtp_private,
        allow_clear_login=account.allow_clear_login,
        trust=account.trust,
    )


def _credentials(account: Account, vault: Vault) -> Credentials | PasswordNeeded | TokenAwaited:
    if account.login_method != OAUTH:
        password = stored_password(account, vault)
        if password is None:
            return PasswordNeeded()
        return Credentials(account.account_name, password)
    token = usable_token(account, vault)
    if isinstance(token, Trouble):
        return PasswordNeeded(token)
    return Credentials(account.account_name, token, is_token=True) if token else TokenAwaited()


def _dialled(host: str) -> str:
    try:
        return normalise(host)
    except BadHost:
        return host


def _said(helo_name: str) -> str:
    try:
        return greeting_name(helo_name)
    except BadHost:
        return ""


def _relay(host: str, port: int, helo_name: str) -> Endpoint:
    return Endpoint(
        host=host,
        port=port,
        encryption=Encryption.PLAIN,
        helo_name=helo_name,
        private=True,
        mode=Mode.RELAY,
    )
