"""Where the data lies and how much it is, told without any credentials."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Storage:
    """`place` is a file's path or host:port/name; `size` is in bytes, None where unknown."""

    kind: str
    place: str
    size: int | None


def storage(session: Session) -> Storage:
    """The database of this session."""
    engine = session.get_bind().engine
    if engine.dialect.name == "sqlite":
        return _sqlite(session, engine)
    return _postgresql(session, engine)


def _sqlite(session: Session, engine: Engine) -> Storage:
    version = session.scalar(text("SELECT sqlite_version()"))
    file = Path(engine.url.database or "")
    parts = (file, file.with_name(f"{file.name}-wal"))
    return Storage(f"SQLite {version}", str(file), sum(_bytes(part) for part in parts))


def _bytes(file: Path) -> int:
    """0 for a file that is not there; the log of writes comes and goes."""
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0


def _postgresql(session: Session, engine: Engine) -> Storage:
    url = engine.url
    version = session.scalar(text("SELECT current_setting('server_version')"))
    size = session.scalar(text("SELECT pg_database_size(current_database())"))
    host = f"{url.host or 'localhost'}:{url.port or 5432}"
    return Storage(f"PostgreSQL {version}", f"{host}/{url.database}", size)
