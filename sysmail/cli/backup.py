"""flask backup and flask restore."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from sysmail import backup as backups
from sysmail.backup import Refused, Restored
from sysmail.config import Config
from sysmail.db import db
from sysmail.words import _, ngettext

_HELD_PAGE = "/admin/system-mail/held"


def register(app: Flask) -> None:
    app.cli.add_command(backup)
    app.cli.add_command(restore)


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
@with_appcontext
def backup(file: Path) -> None:
    """Copy the database into a new FILE while everything runs."""
    made = backups.back_up(db.engine, file.absolute())
    if isinstance(made, Refused):
        raise click.ClickException(made.message)
    click.echo(_("The database is in %(file)s (%(size)s bytes).", file=made.file, size=made.size))
    click.echo(_("Captured mail is not in it."))
    _warn_of_keys(cast(Config, current_app.extensions["sysmail.config"]))


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path))
@with_appcontext
def restore(file: Path) -> None:
    """Go back to a backup. What was unsent in it is held until an administrator decides."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    done = backups.restore(app, file.absolute())
    if isinstance(done, Refused):
        raise click.ClickException(done.message)
    _tell(file, done)


def _tell(file: Path, done: Restored) -> None:
    click.echo(_("The database is that of %(file)s now.", file=file))
    if done.kept:
        click.echo(_("What was there before is kept in %(file)s.", file=done.kept))
    config = cast(Config, current_app.extensions["sysmail.config"])
    click.echo(_held(done.held, config.public_url + _HELD_PAGE))
    if not done.keys_fit:
        click.echo(
            _(
                "The keys of this instance do not open what the backup sealed: put the "
                "fernet-keys of that time in their place, or type the mail password anew."
            )
        )


def _held(count: int, page: str) -> str:
    if not count:
        return _("Nothing was unsent in it: no e-mail is held.")
    words = ngettext("%(num)s e-mail is held.", "%(num)s e-mails are held.", count)
    return words + " " + _("Nothing goes until it is released: %(page)s", page=page)


def _warn_of_keys(config: Config) -> None:
    keys = {
        "secret-key": config.secret_key and "SYSMAIL_SECRET_KEY",
        "fernet-keys": config.fernet_keys and "SYSMAIL_FERNET_KEYS",
    }
    click.echo(
        _(
            "The keys are not in it. Without them the stored mail password, links and sessions "
            "of the backup are lost. Keep a copy of these too, somewhere else:"
        )
    )
    for name, setting in keys.items():
        click.echo(f"  {setting or config.instance / name}")
