"""flask vault: the keys that seal passwords and tokens."""

from __future__ import annotations

from typing import cast

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from sqlalchemy import ColumnElement, inspect, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from sysmail.account import Account, Authorization, DkimKey
from sysmail.audit import SYSTEM, record
from sysmail.config import Config
from sysmail.db import db
from sysmail.outbox import Delivery
from sysmail.people import Installation
from sysmail.vault import CannotOpen, Vault, new_key, read_or_make, write_private

_SEALED: tuple[tuple[type, InstrumentedAttribute[str | None] | InstrumentedAttribute[str]], ...] = (
    (Account, Account.password_sealed),
    (Account, Account.client_secret_sealed),
    (Authorization, Authorization.access_token_sealed),
    (Authorization, Authorization.refresh_token_sealed),
    (DkimKey, DkimKey.private_sealed),
    (Installation, Installation.link_key),
    (Delivery, Delivery.snapshot),
)


def register(app: Flask) -> None:
    app.cli.add_command(vault)


@click.group("vault")
def vault() -> None:
    """The keys that seal what is secret."""


@vault.command("rotate")
@with_appcontext
def rotate() -> None:
    """Make a new first key and seal everything stored with it. Older keys still open.

    With SYSMAIL_FERNET_KEYS set, put the new key first there and run this to seal anew.
    """
    config = cast(Config, current_app.extensions["sysmail.config"])
    keys = config.fernet_keys or _add_key(config)
    renewed, lost = _renew(db.session(), Vault(keys))
    record(db.session(), "vault_rotated", SYSTEM, {"renewed": renewed})
    db.session.commit()
    click.echo(f"{renewed} stored secrets are sealed with the first key now.")
    if lost:
        click.echo(f"{lost} could not be opened by any key and stay as they are.", err=True)
    if config.fernet_keys:
        click.echo("Restart whatever does not know the first key yet.")


def _add_key(config: Config) -> tuple[str, ...]:
    path = config.instance / "fernet-keys"
    keys = (new_key(), *read_or_make(path).split(","))
    write_private(path, ",".join(keys))
    return keys


def _renew(session: Session, opener: Vault) -> tuple[int, int]:
    """What another process seals anew meanwhile, such as a token it fetched, stays its own."""
    renewed = lost = 0
    for model, column in _SEALED:
        key: ColumnElement[int] = inspect(model).primary_key[0]
        for row_id, sealed in session.execute(select(key, column).where(column.is_not(None))).all():
            try:
                anew = {column.key: opener.renew(str(sealed))}
            except CannotOpen:
                lost += 1
                continue
            session.execute(update(model).where(key == row_id, column == sealed).values(anew))
            renewed += 1
    return renewed, lost
