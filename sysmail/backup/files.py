"""Files of a backup: new, private, and gone again where they could not be finished."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path


@contextmanager
def new_private_file(path: Path) -> Iterator[None]:
    """An empty file (0600) to be filled within; durable afterwards, removed if that fails.

    Raises FileExistsError, and other OSError.
    """
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    with ExitStack() as undo:
        undo.callback(path.unlink, missing_ok=True)
        yield
        _fsync(path)
        undo.pop_all()


def _fsync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    os.fsync(handle)
    os.close(handle)
