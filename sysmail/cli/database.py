"""flask db: Flask-Migrate's commands, loaded only when asked for, since Alembic is slow to load."""

from __future__ import annotations

from typing import Any

import click
from flask import Flask


class _Database(click.Group):
    """Becomes Flask-Migrate's own group at the first use."""

    def _group(self) -> click.Group:
        from flask_migrate.cli import db as group

        found: click.Group = group
        return found

    def list_commands(self, ctx: click.Context) -> list[str]:
        return self._group().list_commands(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return self._group().get_command(ctx, cmd_name)

    def make_context(self, *args: Any, **more: Any) -> click.Context:
        from flask import current_app

        from sysmail.migrating import prepare

        prepare(current_app._get_current_object())  # type: ignore[attr-defined]
        return super().make_context(*args, **more)


def register(app: Flask) -> None:
    app.cli.add_command(_Database("db", help="Bring the database up to date."))
