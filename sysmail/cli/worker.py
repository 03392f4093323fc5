"""flask worker."""

import click
from flask import Flask, current_app
from flask.cli import with_appcontext


def register(app: Flask) -> None:
    app.cli.add_command(worker)


@click.command("worker")
@click.option("--drain", is_flag=True, help="End when nothing can be sent now.")
@with_appcontext
def worker(drain: bool) -> None:
    """Send what is queued, until told to stop."""
    import logging

    from sysmail.worker import main

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")
    main(current_app._get_current_object(), drain)  # type: ignore[attr-defined]
