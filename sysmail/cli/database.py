"""flask db: Flask-Migrate's commands, loaded only when asked for, since Alembic is slow to load."""

from __future__ import annotations

from typing import Any

import click
from flask import Flask

from sysmail.migrating import prepare


class _Database(click.Group):
    """Stands in for Flask-Migrate's own group until it is used."""

    def __init__(self, app: Flask) -> None:
        super().__init__("db", help="Bring the database up to date.")
        self._app = app

    def make_context(self, *args: Any, **more: Any) -> click.Context:
        prepare(self._app)
        from flask_migrate.cli import db as group

        context: click.Context = group.make_context(*args, **more)
        return context


def register(app: Flask) -> None:
    app.cli.add_command(_Database(app))
