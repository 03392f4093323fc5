"""The side journal: what reached the wire, for when the worker dies before it could say so.

One line just before each final dot and one after each reply, written to the system without
waiting for the disk. It survives the process, not the machine: a claim made in another boot
is never judged by it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

_TRUNCATE_AT = 1024 * 1024


@dataclass(frozen=True)
class Known:
    """What a journal tells of one claim: the hash that was sent, and the code of the reply."""

    sha256: str
    code: int | None = None

    @property
    def was_accepted(self) -> bool:
        return self.code is not None and 200 <= self.code <= 299


class Journal:
    """One worker's own file. Appending is safe from several threads."""

    def __init__(self, folder: Path, worker_id: str) -> None:
        folder.mkdir(mode=0o700, exist_ok=True)
        self._path = _path(folder, worker_id)
        self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def dot(self, delivery_id: int, token: str, sha256: str) -> None:
        """The next bytes end this message. Raises OSError: then nothing may be sent."""
        os.write(self._file, b"dot %d %s %s\n" % (delivery_id, token.encode(), sha256.encode()))

    def reply(self, delivery_id: int, token: str, code: int) -> None:
        os.write(self._file, b"reply %d %s %d\n" % (delivery_id, token.encode(), code))

    def all_settled(self) -> None:
        """Everything in it stands in the database: a file grown large starts anew."""
        if os.fstat(self._file).st_size > _TRUNCATE_AT:
            os.ftruncate(self._file, 0)

    def close(self) -> None:
        os.close(self._file)
        self._path.unlink(missing_ok=True)


def read(folder: Path, worker_id: str) -> dict[tuple[int, str], Known] | None:
    """What that worker's journal tells, by delivery and claim token; None without a file."""
    try:
        lines = _path(folder, worker_id).read_bytes().split(b"\n")
    except OSError:
        return None
    found: dict[tuple[int, str], Known] = {}
    for line in lines[:-1]:
        word, number, token, value = line.decode("ascii", "replace").split(" ")
        key = (int(number), token)
        if word == "dot":
            found[key] = Known(value)
        elif key in found:
            found[key] = Known(found[key].sha256, int(value))
    return found


def forget(folder: Path, worker_id: str) -> None:
    """Removes the journal of a worker whose claims were all taken over."""
    _path(folder, worker_id).unlink(missing_ok=True)


def _path(folder: Path, worker_id: str) -> Path:
    return folder / f"{worker_id.replace(':', '-')}.journal"
