"""The database: one session for all, UTC times, and SQLite set up so that writers are fair."""

from __future__ import annotations

import sqlite3
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import JSON, BigInteger, DateTime, Engine, Integer, MetaData, event, inspect, text
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.exc import DatabaseError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    from sqlalchemy.dialects.sqlite import Insert as SqliteInsert

MIGRATIONS = Path(__file__).parent / "migrations"

_WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE", "WITH", "SAVEPOINT", "CREATE", "ALTER", "DROP")
_LOCK_PATIENCE = 5.0
_LOCK_PAUSE = 0.0005

Id = BigInteger().with_variant(Integer, "sqlite")


class Base(DeclarativeBase):
    """Every table's base. Constraint names are fixed so that migrations can refer to them.

    Models name the condition of a partial index for SQLite only; the migrations make it on
    PostgreSQL too. To name that dialect in a model loads all of it: 2 MiB in every process.
    """

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(model_class=Base)


class UtcTime(TypeDecorator[datetime]):
    """An aware UTC datetime on every engine; SQLite itself knows no zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class json_rows(FunctionElement[Any]):  # noqa: N801  A name as it stands in SQL.
    """The elements of a JSON array, as a table with the column `value`."""

    inherit_cache = True
    type = JSON()


@compiles(json_rows, "sqlite")
def _each(element: json_rows, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **options)})"


@compiles(json_rows, "postgresql")
def _elements(element: json_rows, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_array_elements(CAST({compiler.process(element.clauses, **options)} AS JSON))"


def inserting(dialect: str, table: Any) -> SqliteInsert:
    """INSERT that can say ON CONFLICT; both dialects say it in the same words."""
    # Not at the top: the other dialect would only cost memory.
    if dialect == "postgresql":
        from sqlalchemy.dialects.postgresql import insert
    else:
        from sqlalchemy.dialects.sqlite import insert  # type: ignore[assignment]
    return insert(table)  # type: ignore[return-value]


def init_app(app: Flask, url: str) -> None:
    """Binds the session to the database at `url`."""
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = _engine_options(url)
    db.init_app(app)
    with app.app_context():
        prepare(db.engine)


def newest_schema() -> str:
    """The schema this code was written for, such as 0001."""
    return max(path.name for path in (MIGRATIONS / "versions").glob("*.py")).partition("_")[0]


def found_schema(engine: Engine) -> str | None:
    """The schema the database is at; None when it was never set up."""
    if not inspect(engine).has_table("alembic_version"):
        return None
    with engine.connect() as connection:
        found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def unsafe_commit(engine: Engine) -> str | None:
    """PostgreSQL's synchronous_commit where a confirmed commit may be lost, else None.

    "local" is safe on a server alone: only a standby that takes over would lack the commit.
    """
    if engine.dialect.name != "postgresql":
        return None
    with engine.connect() as connection:
        setting = connection.scalar(text("SELECT current_setting('synchronous_commit')"))
        standby = connection.scalar(text("SELECT current_setting('synchronous_standby_names')"))
    return setting if setting == "off" or (setting == "local" and standby) else None


def careless_settings(engine: Engine) -> list[str]:
    """PostgreSQL's settings that are off although a crash of the machine may then cost the whole
    database (its manual, section 19.5.1)."""
    if engine.dialect.name != "postgresql":
        return []
    off = text(
        "SELECT name FROM pg_settings WHERE setting = 'off' "
        "AND name IN ('fsync', 'full_page_writes') ORDER BY name"
    )
    with engine.connect() as connection:
        return list(connection.scalars(off))


def is_damage(error: DatabaseError | sqlite3.Error) -> bool:
    """Whether a file is no sound SQLite database: the driver has no class of its own for that."""
    original = error.orig if isinstance(error, DatabaseError) else error
    code = getattr(original, "sqlite_errorcode", None)
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _engine_options(url: str) -> dict[str, Any]:
    if url.startswith("sqlite"):
        return {"connect_args": {"timeout": 0, "check_same_thread": False}}
    # Compiling a statement takes PostgreSQL longer than running any of ours.
    options = {} if "options=" in url else {"options": "-c jit=off"}
    # A process of ours uses at most one connection a thread: the web server has 4, the worker up
    # to 8 (its loop, its pulse, the tokens', five for jobs) and one more that listens.
    return {
        "pool_size": 5,
        "max_overflow": 5,
        "pool_pre_ping": True,
        "pool_recycle": 1800,
        "connect_args": {
            **options,
            "connect_timeout": 10,
            "keepalives_idle": 30,
            "keepalives_interval": 10,
            "keepalives_count": 3,
        },
    }


def prepare(engine: Engine) -> None:
    """Installs the SQLite rules: WAL, full durability, and BEGIN IMMEDIATE before a first write.
    A SELECT … FOR UPDATE counts as one: SQLite has no such clause, and would lock nothing.

    SQLite fails an upgrade from a read to a write lock at once, whatever its timeout,
    and its own busy timeout lets one busy writer starve the others.
    """
    if engine.dialect.name != "sqlite":
        return
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "before_cursor_execute", _before_execute)


def _on_connect(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
    _patiently(connection.cursor(), "PRAGMA journal_mode=WAL")
    for pragma in ("synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _before_execute(
    connection: Connection, cursor: Any, statement: str, _p: object, context: Any, _many: bool
) -> None:
    if cursor.connection.in_transaction:
        return
    if statement.lstrip().upper().startswith(_WRITES) or _is_for_update(context):
        _patiently(cursor, "BEGIN IMMEDIATE")


def _is_for_update(context: Any) -> bool:
    asked = getattr(context, "invoked_statement", None)
    return getattr(asked, "_for_update_arg", None) is not None


def _patiently(cursor: sqlite3.Cursor, statement: str) -> None:
    give_up = time.monotonic() + _LOCK_PATIENCE
    while True:
        try:
            cursor.execute(statement)
            return
        except sqlite3.OperationalError as error:
            busy = error.sqlite_errorcode in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
            if not busy or time.monotonic() > give_up:
                raise
        time.sleep(_LOCK_PAUSE)
