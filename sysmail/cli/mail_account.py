"""flask mail-account: the System Mail Account from a terminal, by the form's rules."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, NoReturn

import click
from flask import Flask
from flask.cli import AppGroup

from sysmail.account import (
    EXTERNAL,
    SHOWN,
    Account,
    Saved,
    Settings,
    current,
    health,
    needs_consent,
    save,
    shown,
)
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
    _line("client_secret", _("stored") if account.client_secret_sealed else _("none"))
    _line("state", f"{state.state} ({state.cause})" if state.cause else state.state)


def _modern(command: Command) -> Command:
    """The options for trust and for the OAuth log-in."""
    for option in (
        click.option("--trust-ca-file", type=click.File(), help="Trust these authorities (PEM)."),
        click.option("--trust-fingerprint", help="Trust one certificate by its SHA-256 instead."),
        click.option("--no-trust", is_flag=True, help="Trust neither any longer."),
        click.option("--login-method", metavar="password|oauth"),
        click.option("--oauth-provider", metavar="microsoft|google|other"),
        click.option("--oauth-grant", metavar="client_credentials|authorization_code"),
        click.option("--tenant"),
        click.option("--authorize-url"),
        click.option("--token-url"),
        click.option("--oauth-scope"),
        click.option("--client-id"),
        click.option("--client-secret-stdin", is_flag=True, help="Read it, one line, from stdin."),
        _tick("--remove-client-secret"),
        click.option("--client-secret-expires-on", metavar="YYYY-MM-DD"),
    ):
        command = option(command)
    return command


@commands.command("set", help="Change what is given; everything else stays.")
@click.option("--mail-server", metavar="builtin|external")
@click.option("--email-address")
@click.option("--smtp-host")
@click.option("--smtp-port")
@click.option("--encryption", metavar="plain|ssl|starttls")
@click.option("--helo-name", help="The name in the greeting (EHLO); blank as the installation's.")
@_tick("--use-smtp-auth")
@click.option("--no-use-smtp-auth", is_flag=True)
@click.option("--account-name")
@_tick("--allow-clear-login")
@click.option("--no-allow-clear-login", is_flag=True)
@_tick("--remove-password")
@click.option("--password-stdin", is_flag=True, help="Read the password, one line, from stdin.")
@click.option("--test-address", help="Send a test e-mail there.")
@_modern
def set_(**options: Any) -> None:
    given = _given(options)
    session = db.session()
    account = current(session)
    settings = _settings(account, given)
    saved = save(session, here.vault(), here.config(), SYSTEM, settings, account.version)
    if not isinstance(saved, Saved):
        _fail([f"{_option(name)}: {message}" for name, message in saved.items()])
    _test(saved)
    session.commit()
    for hint in saved.hints:
        click.echo(hint, err=True)
    click.echo(_("Saved.") if saved.changed else _("Nothing changed."))
    if needs_consent(saved.account, here.vault()):
        click.echo(_("One step is left: a person consents on the page System Mail Account."))


def _given(options: dict[str, Any]) -> dict[str, Any]:
    """The settings that were asked for, by the names of the form's fields."""
    unticked = {
        name for name in ("use_smtp_auth", "allow_clear_login") if options.pop(f"no_{name}")
    }
    read = {name for name in ("password", "client_secret") if options.pop(f"{name}_stdin")}
    if len(read) > 1:
        _fail([_("Only one of --password-stdin and --client-secret-stdin can be read at a time.")])
    no_trust, file = options.pop("no_trust"), options.pop("trust_ca_file")
    given = {name: value for name, value in options.items() if value is not None}
    if no_trust:
        given |= {"trust_ca": "", "trust_fingerprint": ""}
    if file is not None:
        given["trust_ca"] = file.read()
    given |= {name: _read_line(name) for name in read}
    return given | dict.fromkeys(unticked, False)


def _option(name: str) -> str:
    return {
        "trust_ca": "--trust-ca-file",
        "client_secret": "--client-secret-stdin",
    }.get(name, f"--{name.replace('_', '-')}")


def _settings(account: Account, given: dict[str, Any]) -> Settings:
    """The stored values with the given ones over them."""
    values = vars(Settings.stored(account)) | given
    external_only = set(given) & (set(SHOWN[1:]) | {"password", "client_secret"})
    if values["mail_server"] != EXTERNAL and external_only:
        names = ", ".join(_option(name) for name in sorted(external_only))
        _fail(
            [_("%(names)s: only for an external server; add --mail-server external.", names=names)]
        )
    if "smtp_port" not in given and account.smtp_port in (None, *DEFAULT_PORTS.values()):
        known = values["encryption"] in tuple(Encryption)
        values["smtp_port"] = DEFAULT_PORTS[Encryption(values["encryption"])] if known else ""
    return Settings(**(values | {"smtp_port": str(values["smtp_port"])}))


def _test(saved: Saved) -> None:
    session = db.session()
    if not saved.test_address or needs_consent(saved.account, here.vault()):
        withdraw_tests(session)
        return
    send_test(session, here.vault(), saved.account.version, saved.test_address)
    click.echo(_("A test e-mail to %(address)s is queued.", address=saved.test_address))


def _line(name: str, value: object) -> None:
    if isinstance(value, bool):
        value = _("yes") if value else _("no")
    click.echo(f"{name.replace('_', '-'):20} {'' if value is None else value}".rstrip())


def _read_line(name: str) -> str:
    """One line of UTF-8; its end is not part of the secret."""
    line = sys.stdin.buffer.readline()
    try:
        return line.decode("utf-8").removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        _fail(
            [_("%(option)s: the secret must be UTF-8.", option=f"--{name.replace('_', '-')}-stdin")]
        )


def _fail(messages: list[str]) -> NoReturn:
    for message in messages:
        click.echo(message, err=True)
    sys.exit(1)
