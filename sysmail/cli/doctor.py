"""flask doctor: looks over the installation and says what to mend."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from typing import cast

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from sysmail.account import PasswordNeeded, current, health, route
from sysmail.config import Config
from sysmail.db import careless_settings, db
from sysmail.mime import canary
from sysmail.notifications import ledger
from sysmail.outbox import worker_alive
from sysmail.people import link_key
from sysmail.vault import CannotOpen, Vault

Finding = tuple[bool | None, str]
_MARKS = {True: "ok     ", None: "advice ", False: "PROBLEM"}


def register(app: Flask) -> None:
    app.cli.add_command(doctor)


@click.command("doctor")
@with_appcontext
def doctor() -> None:
    """Check this installation. Ends with status 1 on a problem; advice is none."""
    config = cast(Config, current_app.extensions["sysmail.config"])
    vault = cast(Vault, current_app.extensions["sysmail.vault"])
    problems = 0
    for good, sentence in _findings(config, vault):
        click.echo(f"{_MARKS[good]} {sentence}")
        problems += good is False
    if problems:
        raise SystemExit(1)


def _findings(config: Config, vault: Vault) -> Iterator[Finding]:
    yield _instance(config)
    yield _canary()
    try:
        yield from _stored(config, vault)
    except SQLAlchemyError as error:
        name = type(error).__name__
        yield False, f"The database cannot be used ({name}). Run: flask db upgrade"


def _stored(config: Config, vault: Vault) -> Iterator[Finding]:
    checks: tuple[Callable[[], Finding], ...] = (
        _schema,
        _durable,
        lambda: _keys(vault),
        lambda: _password(config, vault),
        _account,
        _worker,
        _balance,
        lambda: _address(config),
    )
    for check in checks:
        yield check()


def _instance(config: Config) -> Finding:
    mode = stat.S_IMODE(config.instance.stat().st_mode)
    if mode & 0o077:
        return False, "Other users may enter the instance folder. Run: chmod 700 on it."
    return True, "The instance folder is private."


def _canary() -> Finding:
    try:
        canary()
    except RuntimeError as error:
        return False, f"Mails cannot be made safely on this machine: {error}."
    return True, "Hostile header text stays inside its header."


def _schema() -> Finding:
    from alembic.script import ScriptDirectory

    from sysmail.migrating import FOLDER

    newest = ScriptDirectory(str(FOLDER)).get_current_head()
    found = db.session.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if found != newest:
        return False, f"The database is at schema {found}, not {newest}. Run: flask db upgrade"
    return True, f"The database answers and is at schema {found}."


def _durable() -> Finding:
    if off := careless_settings(db.engine):
        names = " and ".join(off)
        return None, f"PostgreSQL has {names} switched off: a power cut may cost the database."
    return True, "What the database confirms is on disk."


def _keys(vault: Vault) -> Finding:
    try:
        link_key(db.session(), vault)
    except CannotOpen:
        return False, "The key in fernet-keys is not the one this database was sealed with."
    return True, "The keys open what is sealed."


def _password(config: Config, vault: Vault) -> Finding:
    way = route(current(db.session()), config, vault)
    if isinstance(way, PasswordNeeded) and way != PasswordNeeded():
        return False, f"There is no token for the mail account: {way.trouble.detail}."
    if isinstance(way, PasswordNeeded):
        return False, "The stored password does not fit the mail account: type it again there."
    return True, "The mail account has what it needs."


def _account() -> Finding:
    state = health(db.session())
    if state.state != "active":
        return False, f"The mail account is paused ({state.cause}). See System Mail Account."
    return True, "The mail account is active."


def _worker() -> Finding:
    if not worker_alive(db.session()):
        return False, "No worker is running, so nothing is sent. Start: make run, or flask worker"
    return True, "A worker is running."


def _balance() -> Finding:
    difference = ledger(db.session()).difference
    if difference:
        return False, f"The ledger does not balance: {difference}. Please report this."
    return True, "The ledger balances."


def _address(config: Config) -> Finding:
    if not config.has_public_name:
        return None, "Links and senders have no real name. Set SYSMAIL_PUBLIC_URL."
    return True, f"Links in mails begin with {config.public_url}."
