"""flask users: adding people, importing them, and the way back for who forgot a password."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NoReturn

import click
from flask import Flask
from flask.cli import AppGroup

from sysmail import clock, people
from sysmail.audit import SYSTEM
from sysmail.db import db
from sysmail.people import Fault, Imported, Refused
from sysmail.preferences import DEFAULT, Preference
from sysmail.web import here
from sysmail.words import _, ngettext

commands = AppGroup("users", help="Add people, import them, set a password.")
_FAULTS_SHOWN = 20
_ADDRESS = click.option("--email", required=True, help="The address to sign in with.")
_PASSWORD = click.option(
    "--password-stdin", is_flag=True, required=True, help="Read the password, one line, from stdin."
)


def register(app: Flask) -> None:
    app.cli.add_command(commands)


@commands.command("add", help="Add a person with a password; no mail is sent.")
@_ADDRESS
@click.option("--name", required=True)
@click.option("--admin", is_flag=True, help="Make the person an administrator.")
@_PASSWORD
def add(email: str, name: str, admin: bool, password_stdin: bool) -> None:
    password_hash = _read_password()
    outcome = people.add_person(
        db.session(), SYSTEM, email, name, administrator=admin, password_hash=password_hash
    )
    if isinstance(outcome, Refused):
        _fail(outcome.message)
    db.session.commit()
    click.echo(_("%(name)s (%(email)s) is added.", name=outcome.name, email=outcome.email))


@commands.command("reset-password", help="Set a person's password; all their sessions end.")
@_ADDRESS
@_PASSWORD
def reset_password(email: str, password_stdin: bool) -> None:
    session = db.session()
    person = people.find_person(session, email)
    if person is None:
        _fail(_("Nobody has the address %(email)s.", email=email))
    people.set_password(session, SYSTEM, person, _read_password())
    session.commit()
    click.echo(_("The password of %(name)s is set.", name=person.name))
    if not person.active:
        click.echo(_("The account is disabled, though: enable it on the users page."))


@commands.command("import", help="Import people from a CSV file: email, name, admin, receive.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--no-mail", is_flag=True, help="Send no invitations.")
def import_file(file: Path, no_mail: bool) -> None:
    lines, faults = _read(file)
    if faults:
        _fail("\n".join([_("Nothing was imported."), *map(_fault, faults[:_FAULTS_SHOWN])]))
    session = db.session()
    imported = people.import_people(session, SYSTEM, lines)
    _store_choices(imported)
    if not no_mail:
        from sysmail.web.signin import post_link

        for person, _receive in imported.added:
            post_link(session, here.vault(), person)
    session.commit()
    _report(imported)


def _read(file: Path) -> tuple[list[people.Line], list[Fault]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            return people.read_people(text)
    except UnicodeDecodeError:
        return [], [Fault(1, _("The file is not UTF-8."))]


def _store_choices(imported: Imported) -> None:
    """What a file says of `receive` is a choice like one made by the person."""
    db.session.add_all(
        Preference(
            person_id=person.id,
            receive=receive,
            kinds=DEFAULT.kinds,
            format=DEFAULT.format,
            chosen_at=clock.now(),
        )
        for person, receive in imported.added
        if receive
    )


def _report(imported: Imported) -> None:
    added = len(imported.added)
    click.echo(ngettext("%(num)s person is added.", "%(num)s people are added.", added))
    if there := imported.already_there:
        words = ngettext("%(num)s was there already.", "%(num)s were there already.", there)
        click.echo(words)


def _fault(fault: Fault) -> str:
    return _("Line %(number)s: %(fault)s", number=fault.number, fault=fault.message)


def _read_password() -> str:
    """One line; its line end is not part of the password."""
    try:
        text = sys.stdin.buffer.readline().decode()
    except UnicodeDecodeError:
        _fail(_("The password is not UTF-8."))
    password = text.removesuffix("\n").removesuffix("\r")
    from sysmail.web.signin import hashed, password_refusal

    if refusal := password_refusal(password):
        _fail(refusal)
    return hashed(password)


def _fail(message: str) -> NoReturn:
    raise click.ClickException(message)
