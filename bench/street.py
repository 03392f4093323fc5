"""Houses that go away with the block that asked for them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.house import House
from sysmail.db import db


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
