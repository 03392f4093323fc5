"""flask mail-account: the System Mail Account from a terminal, by the form's rules."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, NoReturn

import click
from flask import Flask
from flask.cli import AppGroup

from sysmail.account import EXTERNAL, SHOWN, Account, Saved, Settings, current, health, save, shown
from sysmail.audit import SYSTEM
from sysmail.db import db
from sysmail.notifications import send_test, withdraw_tests
from sysmail.smtp import DEFAULT_PORTS, Encryption
from sysmail.web import here
from sysmail.words import _

Command = Callable[..., None]

commands = AppGroup("mail-account", help="Show or change the System Mail Account.")


def register(app: Flask) -> None:
    app.cli.add_command(commands)


def _tick(name: str) -> Callable[[Command], Command]:
    """An option that is on when it stands alone, and takes yes or no as others take a value."""
    return click.option(name, type=bool, is_flag=False, flag_value="yes", metavar="[yes|no]")


@commands.command("show", help="Show the settings; never the password.")
def show() -> None:
    session = db.session()
    account, state = current(session), health(session)
    for name, value in shown(account).items():
        _line(name, value)
    _line("password", _("stored") if account.password_sealed else _("none"))
    _line("state", f"{state.state} ({state.cause})" if state.cause else state.state)


@commands.command("set", help="Change what is given; everything else stays.")
@click.option("--mail-server", metavar="builtin|external")
@click.option("--email-address")
@click.option("--smtp-host")
@click.option("--smtp-port")
@click.option("--encryption", metavar="plain|ssl|starttls")
@_tick("--use-smtp-auth")
@click.option("--no-use-smtp-auth", is_flag=True)
@click.option("--account-name")
@_tick("--allow-clear-login")
@click.option("--no-allow-clear-login", is_flag=True)
@_tick("--remove-password")
@click.option("--password-stdin", is_flag=True, help="Read the password, one line, from stdin.")
@click.option("--test-address", help="Send a test e-mail there.")
def set_(password_stdin: bool, **options: Any) -> None:
    unticked = {
        name for name in ("use_smtp_auth", "allow_clear_login") if options.pop(f"no_{name}")
    }
    given = {name: value for name, value in options.items() if value is not None}
    given |= dict.fromkeys(unticked, False)
    if password_stdin:
        given["password"] = _read_password()
    session = db.session()
    account = current(session)
    settings = _settings(account, given)
    saved = save(session, here.vault(), here.config(), SYSTEM, settings, account.version)
    if not isinstance(saved, Saved):
        _fail([f"--{name.replace('_', '-')}: {message}" for name, message in saved.items()])
    _test(saved)
    session.commit()
    for hint in saved.hints:
        click.echo(hint, err=True)
    click.echo(_("Saved.") if saved.changed else _("Nothing changed."))


def _settings(account: Account, given: dict[str, Any]) -> Settings:
    """The stored values with the given ones over them."""
    values = vars(Settings.stored(account)) | given
    external_only = set(given) & (set(SHOWN[1:]) | {"password"})
    if values["mail_server"] != EXTERNAL and external_only:
        names = ", ".join(f"--{name.replace('_', '-')}" for name in sorted(external_only))
        _fail(
            [_("%(names)s: only for an external server; add --mail-server external.", names=names)]
        )
    if "smtp_port" not in given and account.smtp_port in (None, *DEFAULT_PORTS.values()):
        known = values["encryption"] in tuple(Encryption)
        values["smtp_port"] = DEFAULT_PORTS[Encryption(values["encryption"])] if known else ""
    return Settings(**(values | {"smtp_port": str(values["smtp_port"])}))


def _test(saved: Saved) -> None:
    session = db.session()
    if not saved.test_address:
        withdraw_tests(session)
        return
    send_test(session, here.vault(), saved.account.version, saved.test_address)
    click.echo(_("A test e-mail to %(address)s is queued.", address=saved.test_address))


def _line(name: str, value: object) -> None:
    if isinstance(value, bool):
        value = _("yes") if value else _("no")
    click.echo(f"{name.replace('_', '-'):20} {'' if value is None else value}".rstrip())


def _read_password() -> str:
    """One line of UTF-8; its end is not part of the password."""
    line = sys.stdin.buffer.readline()
    try:
        return line.decode("utf-8").removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        _fail([_("--password-stdin: the password must be UTF-8.")])


def _fail(messages: list[str]) -> NoReturn:
    for message in messages:
        click.echo(message, err=True)
    sys.exit(1)
