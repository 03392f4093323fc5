"""Asking for a connection check, and what the password typed for it is good for afterwards."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from sysmail.account import (
    Account,
    BadHost,
    Capture,
    Direct,
    External,
    PasswordNeeded,
    Problems,
    Route,
    Settings,
    TokenAwaited,
    TokenLogin,
    current,
    normalise,
    route,
    sender,
    server_of,
    token_login,
    trial,
)
from sysmail.audit import Actor
from sysmail.config import Config
from sysmail.diagnosis.errand import KIND, Errand, dialled
from sysmail.jobs import Job, ask, find, values_of
from sysmail.smtp import Encryption, Envelope
from sysmail.vault import Vault
from sysmail.words import _


@dataclass(frozen=True)
class Asking:
    """Who asks, and with what: `own_address` takes the mail's place where no other was typed."""

    actor: Actor
    own_address: str
    vault: Vault
    config: Config


def ask_check(
    session: Session, asking: Asking, settings: Settings, version: int, repaired: str = ""
) -> Job | Problems:
    """A job that checks the settings, the account unchanged; else one message for each field."""
    errand = errand_for(session, asking, settings)
    if not isinstance(errand, Errand):
        return errand
    assert asking.actor.id is not None
    values = replace(errand, version=version, repaired=repaired).to_json()
    return ask(session, asking.vault, KIND, values, asking.actor.id)


def errand_for(session: Session, asking: Asking, settings: Settings) -> Errand | Problems:
    """What such a check is to look at."""
    settings = settings.trimmed().over(current(session))
    account = trial(session, asking.vault, asking.config, asking.actor, settings)
    if not isinstance(account, Account):
        return account
    way, login = _way(asking, account, settings)
    if not isinstance(way, External | Direct | Capture):
        return {"password": _("The stored password cannot be opened. Enter it again.")}
    rcpt_to = settings.test_address or asking.own_address
    envelope = Envelope(sender(account, asking.config), rcpt_to)
    return Errand(settings, dialled(way, envelope), envelope, login=login)


def errand_of(vault: Vault, job: Job) -> Errand | None:
    """What a check was to look at, while that is kept."""
    values = values_of(vault, job)
    return Errand.of_json(values) if values is not None else None


def with_typed_secret(
    session: Session, vault: Vault, settings: Settings, check_id: int, person_id: int
) -> Settings:
    """A blank password, or client secret, stands for the one typed for that check, while its
    values are kept, for the same person, host, account name and trust, and not for Plain where
    it was not Plain; a client secret also for the same client at the same addresses only."""
    name = _lacking(settings)
    typed = typed_for(session, vault, check_id, person_id, name) if name else None
    if typed is None:
        return settings
    wanted = settings.trimmed().over(current(session))
    if _place(wanted, name) != _place(typed, name) or _becomes_plain(typed, wanted):
        return settings
    return replace(settings, **{name: getattr(typed, name)})


def typed_for(
    session: Session, vault: Vault, check_id: int, person_id: int, secret: str
) -> Settings | None:
    """The settings of that person's check, while they are kept and hold a typed `secret`:
    password | client_secret."""
    job = find(session, check_id, KIND, person_id)
    errand = errand_of(vault, job) if job else None
    return errand.settings if errand and getattr(errand.settings, secret) else None


def _way(asking: Asking, account: Account, settings: Settings) -> tuple[Route, TokenLogin | None]:
    """With OAuth the way is looked at even where there is no token yet."""
    way = route(account, asking.config, asking.vault)
    if not settings.uses_oauth or not isinstance(way, PasswordNeeded | TokenAwaited):
        return way, None
    refusal = way.trouble if isinstance(way, PasswordNeeded) else None
    login = token_login(account, asking.vault, refusal)
    return External(server_of(account, asking.config)), login


def _lacking(settings: Settings) -> str:
    """The secret that these settings need and leave blank."""
    if settings.uses_password and not settings.password and not settings.remove_password:
        return "password"
    is_blank = not settings.client_secret and not settings.remove_client_secret
    return "client_secret" if settings.uses_oauth and is_blank else ""


def _place(settings: Settings, secret: str) -> tuple[object, ...]:
    """Whom the secret is shown to, and what as."""
    server = _host(settings.smtp_host), settings.account_name, settings.trust
    if secret == "password":  # noqa: S105
        return server
    app = settings.application
    return *server, app.client_id, app.token_url, app.authorize_url


def _host(typed: str) -> str:
    try:
        return normalise(typed)
    except BadHost:
        return typed


def _becomes_plain(before: Settings, after: Settings) -> bool:
    return after.encryption == Encryption.PLAIN != before.encryption
