"""Storing the System Mail Account: checked, compared and set, audited, never the password."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.account.account import current, fresh
from sysmail.account.authorization import forget_authorization, prepare_authorization
from sysmail.account.columns import Columns, columns
from sysmail.account.health import start_anew
from sysmail.account.models import Account
from sysmail.account.secrets import stored_context
from sysmail.account.settings import Problems, Settings, problems
from sysmail.account.trusted import authorities
from sysmail.audit import Actor, Entry, record
from sysmail.config import Config
from sysmail.vault import Vault
from sysmail.words import _

SHOWN = (
    "mail_server",
    "email_address",
    "smtp_host",
    "smtp_port",
    "encryption",
    "helo_name",
    "trust_ca",
    "trust_fingerprint",
    "use_smtp_auth",
    "account_name",
    "login_method",
    "allow_clear_login",
    "oauth_provider",
    "oauth_grant",
    "tenant",
    "authorize_url",
    "token_url",
    "oauth_scope",
    "client_id",
    "client_secret_expires_on",
)
_SECRETS = {"password": "password_sealed", "client_secret": "client_secret_sealed"}


@dataclass(frozen=True)
class Saved:
    """What is stored now. `test_address` is trimmed; `hints` are sentences about what was typed."""

    account: Account
    changed: bool
    test_address: str
    hints: tuple[str, ...] = ()


def save(
    session: Session, vault: Vault, config: Config, actor: Actor, settings: Settings, version: int
) -> Saved | Problems:
    """Stores the settings, if they are valid and nobody saved since `version` was read.

    Otherwise one message for each wrong field; `version` stands for "someone else saved".
    Nothing is stored then. The health of the account starts anew.
    """
    account = current(session)
    settings = settings.trimmed().over(account)
    found = problems(settings, account, config, vault)
    if account.version != version:
        found["version"] = _conflict(session)
    if found:
        return found
    before, belonged_to = shown(account), stored_context(account)
    written = columns(settings, vault, actor, account)
    changed = any(getattr(account, name) != value for name, value in written.items())
    if not _compare_and_set(session, version, written, changed):
        return {"version": _conflict(session)}
    account = current(session)
    if changed:
        _audit(session, actor, before, account, written)
    if "client_secret_sealed" in written or belonged_to != stored_context(account):
        forget_authorization(session)
    prepare_authorization(session)
    start_anew(session, clock.now(), changed)
    return Saved(account, changed, settings.test_address, _hints(settings))


def shown(account: Account) -> Columns:
    """The settings as people may see them, fit for JSON; authorities by name."""
    values: Columns = {name: getattr(account, name) for name in SHOWN}
    day = account.client_secret_expires_on
    values["client_secret_expires_on"] = day.isoformat() if day else ""
    named = (f"{found.subject} ({found.fingerprint[:16]})" for found in authorities(account))
    values["trust_ca"] = ", ".join(named)
    return values


def _compare_and_set(session: Session, version: int, columns: Columns, changed: bool) -> bool:
    if session.get(Account, 1) is None:
        session.add(fresh())
        session.flush()
    if changed:
        columns = columns | {"version": version + 1, "changed_at": clock.now()}
    else:
        columns = {"version": version}
    statement = update(Account).where(Account.id == 1, Account.version == version)
    stored = session.scalar(statement.values(**columns).returning(Account.id))
    session.get(Account, 1, populate_existing=True)
    return stored is not None


def _audit(
    session: Session, actor: Actor, before: Columns, account: Account, columns: Columns
) -> None:
    after = shown(account)
    names = [name for name in SHOWN if before[name] != after[name]]
    details: Columns = {
        "before": {name: before[name] for name in names},
        "after": {name: after[name] for name in names},
    }
    for name, column in _SECRETS.items():
        if column in columns:
            details[name] = "changed" if columns[column] else "removed"
    record(session, "mail_account_changed", actor, details)
    if account.mail_server == "external" and account.allow_clear_login:
        place = {"host": account.smtp_host, "port": account.smtp_port}
        record(session, "clear_login_allowed", actor, place)


def _conflict(session: Session) -> str:
    last = select(Entry.actor_name).where(Entry.action == "mail_account_changed")
    name = session.scalar(last.order_by(Entry.id.desc()).limit(1)) or _("Someone else")
    return _(
        "%(name)s saved other settings meanwhile. What you typed is still here, passwords "
        "excepted: compare it with what is stored now, then save again to replace that.",
        name=name,
    )


def _hints(settings: Settings) -> tuple[str, ...]:
    hints = []
    if settings.uses_password and settings.password != settings.password.strip():
        hints.append(_("The password begins or ends with a blank. It was stored exactly as typed."))
    secret = settings.client_secret
    if settings.uses_oauth and secret != secret.strip():
        hints.append(
            _("The client secret begins or ends with a blank. It was stored exactly as typed.")
        )
    return tuple(hints)
