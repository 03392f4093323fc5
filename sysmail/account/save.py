"""Storing the System Mail Account: checked, compared and set, audited, never the password."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.account.account import current, fresh
from sysmail.account.health import start_anew
from sysmail.account.models import Account
from sysmail.account.settings import Problems, Settings, problems, wanted_context
from sysmail.audit import Actor, Entry, record
from sysmail.config import Config
from sysmail.vault import Vault
from sysmail.words import _

Columns = dict[str, Any]
SHOWN = (
    "mail_server",
    "email_address",
    "smtp_host",
    "smtp_port",
    "encryption",
    "use_smtp_auth",
    "account_name",
    "allow_clear_login",
)


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
    settings, account = settings.trimmed(), current(session)
    found = problems(settings, account, config, vault)
    if account.version != version:
        found["version"] = _conflict(session)
    if found:
        return found
    before = {name: getattr(account, name) for name in SHOWN}
    columns = _columns(settings, account) | _password_columns(settings, vault, actor, account)
    changed = any(getattr(account, name) != value for name, value in columns.items())
    if not _compare_and_set(session, version, columns, changed):
        return {"version": _conflict(session)}
    account = current(session)
    if changed:
        _audit(session, actor, before, account, columns)
    start_anew(session, clock.now(), changed)
    return Saved(account, changed, settings.test_address, _hints(settings))


def _columns(settings: Settings, account: Account) -> Columns:
    """With the built-in server the external settings stay as they are."""
    if not settings.is_external:
        return {"mail_server": settings.mail_server}
    auth = settings.use_smtp_auth
    return {
        "mail_server": settings.mail_server,
        "email_address": settings.email_address,
        "smtp_host": settings.smtp_host,
        "smtp_port": int(settings.smtp_port),
        "encryption": settings.encryption,
        "use_smtp_auth": auth,
        "account_name": settings.account_name if auth else account.account_name,
        "allow_clear_login": settings.allow_clear_login and settings.logs_in_clear,
    }


def _password_columns(settings: Settings, vault: Vault, actor: Actor, account: Account) -> Columns:
    if settings.is_external and settings.use_smtp_auth and settings.password:
        return {
            "password_sealed": vault.seal(settings.password, wanted_context(settings)),
            "password_changed_at": clock.now(),
            "password_changed_by": actor.name[:200],
        }
    if settings.remove_password:
        return {"password_sealed": None, "password_changed_at": None, "password_changed_by": ""}
    return {}


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
    after = {name: getattr(account, name) for name in SHOWN}
    names = [name for name in SHOWN if before[name] != after[name]]
    details: Columns = {
        "before": {name: before[name] for name in names},
        "after": {name: after[name] for name in names},
    }
    if "password_sealed" in columns:
        details["password"] = "changed" if columns["password_sealed"] else "removed"
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
    password = settings.password if settings.use_smtp_auth and settings.is_external else ""
    if password == password.strip():
        return ()
    return (_("The password begins or ends with a blank. It was stored exactly as typed."),)
