"""flask mail-account test: the connection check in a terminal, the way back when no page opens."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

import click
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from sysmail.account import Settings, current, sender
from sysmail.audit import SYSTEM
from sysmail.cli.mail_account import commands
from sysmail.db import db
from sysmail.diagnosis import (
    FAILED,
    OK,
    SKIPPED,
    Asking,
    Checked,
    Errand,
    errand_for,
    examine,
    read_checked,
)
from sysmail.people import Person
from sysmail.web import here
from sysmail.words import _


def register(_app: Flask) -> None:
    """The command is one of mail-account's, which registers them all."""


@commands.command("test", help="Check the connection with the stored settings; no mail is sent.")
@click.option("--to", metavar="ADDRESS", help="The recipient asked about; else an administrator.")
@click.option("--transcript", is_flag=True, help="Show what was said, logins blotted out.")
def test(to: str | None, transcript: bool) -> None:
    session = db.session()
    settings = replace(Settings.stored(current(session)), test_address=to or "")
    asking = Asking(SYSTEM, _somebody(session), here.vault(), here.config())
    errand = errand_for(session, asking, settings)
    session.rollback()
    if not isinstance(errand, Errand):
        for name, message in errand.items():
            click.echo(f"--{name.replace('_', '-')}: {message}", err=True)
        sys.exit(1)
    found = examine(errand, here.config(), _Printer())
    if transcript:
        click.echo("\n" + "\n".join(found.transcript))
    _conclude(found)


class _Printer:
    """A line for each step as soon as it is over."""

    def __init__(self) -> None:
        self._shown = 0

    def write(self, report: dict[str, Any]) -> None:
        found = read_checked(report)
        for taken in found.steps[self._shown :]:
            took = "" if taken.outcome == SKIPPED else f"{taken.milliseconds} ms"
            seen = _seen(found, taken.step) if taken.outcome != SKIPPED else ""
            words = {OK: _("ok"), FAILED: _("FAILED"), SKIPPED: _("skipped")}[taken.outcome]
            click.echo(f"{taken.step:10} {words:8} {took:>9}  {seen}".rstrip())
        self._shown = len(found.steps)

    def cancelled(self) -> bool:
        return False


def _seen(found: Checked, step: str) -> str:
    if step == "connect":
        return ", ".join(f"{one.address} {one.result}" for one in found.addresses)
    if step == "auth" and found.token:
        return _("token from %(server)s", server=found.token.server)
    if step == "tls" and found.certificate:
        return _(
            "%(protocol)s, issued by %(issuer)s, until %(day)s",
            protocol=found.tls or "TLS",
            issuer=found.certificate.issuer,
            day=found.certificate.expires_at[:10],
        )
    return {"resolve": found.host, "sender": found.mail_from, "recipient": found.rcpt_to}.get(
        step, ""
    )


def _conclude(found: Checked) -> None:
    """One sentence; exit status 1 where something failed."""
    click.echo()
    if found.login_left and found.failure is None:
        click.echo(found.login_left_words)
        sys.exit(1)
    if found.failure is None:
        click.echo(_("It works. No message was sent."))
        return
    told = found.explained()
    click.echo(f"{told.happened} ({found.cause})")
    click.echo(told.todo)
    click.echo(_("Who must act: %(who)s", who=told.who))
    if found.reply:
        click.echo(_("The server said: %(words)s", words=found.reply))
    sys.exit(1)


def _somebody(session: Session) -> str:
    """An administrator's address; before there is one, the sender's own."""
    first = select(Person.email).where(Person.is_administrator, Person.active).order_by(Person.id)
    return session.scalar(first.limit(1)) or sender(current(session), here.config())
