"""All that a database holds, to see whether something changed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import inspect, text
from sqlalchemy.orm import Session


def contents(session: Session) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of every table, by its name."""
    session.rollback()
    return {
        table: sorted(map(tuple, session.execute(text(f'SELECT * FROM "{table}"'))), key=repr)
        for table in inspect(session.connection()).get_table_names()
    }


def changed(
    before: dict[str, list[tuple[Any, ...]]], after: dict[str, list[tuple[Any, ...]]]
) -> list[str]:
    """The tables in which something is not as it was."""
    return [table for table, rows in after.items() if rows != before[table]]
