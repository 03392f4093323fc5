"""flask queue: the ledger, the account and the workers."""

from __future__ import annotations

import json
from typing import Any

import click
from flask import Flask
from flask.cli import with_appcontext
from sqlalchemy import select
from sqlalchemy.orm import Session

from sysmail.account import health
from sysmail.db import db
from sysmail.notifications import ledger
from sysmail.outbox import Worker, pulse


def register(app: Flask) -> None:
    app.cli.add_command(queue)


@click.command("queue")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
@with_appcontext
def queue(as_json: bool) -> None:
    """Show where every notice stands."""
    state = _state(db.session())
    if as_json:
        click.echo(json.dumps(state))
        return
    for name, value in state.items():
        if name != "workers":
            click.echo(f"{name:20} {value}")
    now = pulse(db.session())
    click.echo(f"{'oldest due':20} {now.late_seconds:.0f} s")
    click.echo(f"{'accepted in 5 min':20} {now.accepted}, {now.per_second:.1f} a second")
    for worker in state["workers"]:
        click.echo(f"{'worker':20} {worker['id']}, last seen {worker['seen_at']}")


def _state(session: Session) -> dict[str, Any]:
    workers = session.scalars(select(Worker).order_by(Worker.started_at))
    seen = [{"id": w.id, "seen_at": w.seen_at.isoformat()} for w in workers]
    return {**ledger(session).as_dict(), "account": health(session).state, "workers": seen}
