"""SQLite: copies that are whole while others write, and what is wrong with a file."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from sysmail.backup.files import new_private_file
from sysmail.words import _

MAGIC = b"SQLite format 3\0"


def copy_database(source: Path, target: Path) -> None:
    """One new private file (0600) with everything that is committed; writers are not kept waiting.

    All pages are read in one step, so it is one moment's state, and the copy needs no journal
    beside it. Raises OSError (FileExistsError among them) and sqlite3.Error; then no file stays.
    """
    with (
        new_private_file(target),
        closing(_reading(source)) as live,
        closing(sqlite3.connect(target)) as copy,
    ):
        live.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")


def replace_contents(source: Path, target: Path) -> None:
    """Puts the contents of `source` into the database `target`, in one transaction of its own.

    Who has `target` open goes on with the new contents; a crash leaves the old ones.
    """
    with closing(_reading(source)) as draft, closing(sqlite3.connect(target)) as live:
        draft.backup(live)


def schema_of(file: Path) -> str | None:
    """The schema in a sound database; None where it is not one of ours. Raises sqlite3.Error."""
    with closing(_reading(file)) as connection:
        if connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            raise sqlite3.DatabaseError("damaged")
        if not connection.execute(_HAS_SCHEMA).fetchone():
            return None
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else None


def fault_of(file: Path, newest: str) -> str:
    """Why a restore from this file cannot be; empty when nothing speaks against it."""
    try:
        schema = schema_of(file)
    except sqlite3.Error:
        return _("%(file)s is damaged: it is no whole SQLite database.", file=file)
    if schema is None:
        return _("%(file)s is a database, but not one of Sysmail.", file=file)
    if schema > newest:
        return _("%(file)s comes from a newer Sysmail (schema %(schema)s).",
                 file=file, schema=schema)  # fmt: skip
    return ""


_HAS_SCHEMA = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'alembic_version'"


def _reading(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)
