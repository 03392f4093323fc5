"""Houses, and database servers, that go away with the block that asked for them."""

from __future__ import annotations

import glob
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.house import House
from bench.sink import Missing
from sysmail.db import db
from tests.support.postgres import Postgres


@contextmanager
def house(sink_port: int, people: int, **settings: str) -> Iterator[House]:
    """A House in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="sysmail-bench-") as folder:
        home = House(Path(folder) / "instance", sink_port, people, **settings)
        try:
            yield home
        finally:
            with home.app.app_context():
                db.engine.dispose()


@contextmanager
def postgres() -> Iterator[Postgres]:
    """A cluster that is as durable as PostgreSQL is by itself. Raises Missing."""
    if not glob.glob("/usr/lib/postgresql/*/bin/initdb"):
        raise Missing("PostgreSQL is missing: on Debian, apt-get install postgresql")
    with Postgres(fsync="on", full_page_writes="on", shared_buffers="256MB") as server:
        yield server


def server_pid(server: Postgres) -> int:
    """The process above all of the cluster's others."""
    return int((server.home / "data" / "postmaster.pid").read_text().split()[0])
