"""The side journal: what reached the wire, for when the worker dies before it could say so.

One line just before each final dot and one after each reply, written to the system without
waiting for the disk. It survives the process, not the machine: a claim made in another boot
is never judged by it. Two more lines stand around the composing of a batch.
"""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable, Container, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sysmail.config import Config
from sysmail.outbox import points

_SHORTEN_AT = 1024 * 1024
_HASH = 64


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
        self._file = self._open()
        self._turn = threading.Lock()
        self._shorten_at = _SHORTEN_AT

    def composing(self, delivery_ids: Iterable[int]) -> None:
        """From here to `composed`, a death may be the fault of one of these. Raises OSError."""
        self._stay_linked()
        self._write(b"composing %s" % ",".join(map(str, delivery_ids)).encode())

    def composed(self) -> None:
        self._write(b"composed")

    def dot(self, delivery_id: int, token: str, sha256: str) -> None:
        """The next bytes end this message. Raises OSError: then nothing may be sent."""
        points.reached("before_note")
        self._write(b"dot %d %s %s" % (delivery_id, token.encode(), sha256.encode()))
        points.reached("before_dot")

    def reply(self, delivery_id: int, token: str, code: int) -> None:
        """What a full disk cannot hold is only known to this process until it settles."""
        points.reached("after_reply")
        with suppress(OSError):
            self._write(b"reply %d %s %d" % (delivery_id, token.encode(), code))
        points.reached("after_reply_noted")

    def shorten(self, claims: Callable[[], Container[str]]) -> None:
        """What is known of other claims than these stands in the database: a file grown large
        keeps theirs alone. Where the disk refuses, it stays as it is."""
        if os.fstat(self._file).st_size <= self._shorten_at:
            return
        tokens = claims()
        with self._turn, suppress(OSError):
            self._keep(tokens)
        self._shorten_at = max(_SHORTEN_AT, 2 * os.fstat(self._file).st_size)

    def _keep(self, tokens: Container[str]) -> None:
        lines = self._path.read_bytes().split(b"\n")
        kept = b"".join(b"\n%s\n" % line for line in lines if _token(line) in tokens)
        draft = self._path.with_suffix(".new")
        fresh = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
        try:
            if os.write(fresh, kept) == len(kept):
                draft.replace(self._path)
                os.dup2(fresh, self._file, inheritable=False)
        finally:
            os.close(fresh)
            draft.unlink(missing_ok=True)

    def close(self) -> None:
        os.close(self._file)
        self._path.unlink(missing_ok=True)

    def _write(self, line: bytes) -> None:
        """A full disk may take the beginning of a line: hence each begins on a line of its own."""
        whole = b"\n%s\n" % line
        with self._turn:
            written = os.write(self._file, whole)
        if written < len(whole):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _stay_linked(self) -> None:
        """Whoever took us for dead has removed the file; we live, and need one with a name."""
        if os.fstat(self._file).st_nlink == 0:
            fresh = self._open()
            os.dup2(fresh, self._file, inheritable=False)
            os.close(fresh)

    def _open(self) -> int:
        return os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


def journals(config: Config) -> Path:
    """Where the workers' journals lie."""
    return config.instance / "journals"


def read(folder: Path, worker_id: str) -> dict[tuple[int, str], Known] | None:
    """What that worker's journal tells, by delivery and claim token; None without a file."""
    lines = _lines(folder, worker_id)
    if lines is None:
        return None
    found: dict[tuple[int, str], Known] = {}
    for words in lines:
        match words:
            case ["dot", number, token, sha256] if number.isdigit() and len(sha256) == _HASH:
                found[int(number), token] = Known(sha256)
            case ["reply", number, token, code] if number.isdigit() and _is_code(code):
                key = (int(number), token)
                if key in found:
                    found[key] = Known(found[key].sha256, int(code))
    return found


def in_composition(folder: Path, worker_id: str) -> list[int]:
    """The deliveries that were being composed at the end of that worker's journal."""
    ids: list[int] = []
    for words in _lines(folder, worker_id) or ():
        match words:
            case ["composing", listed]:
                ids = [int(one) for one in listed.split(",") if one.isdigit()]
            case ["composed"]:
                ids = []
    return ids


def forget(folder: Path, worker_id: str) -> None:
    """Removes the journal of a worker whose claims were all taken over."""
    _path(folder, worker_id).unlink(missing_ok=True)


def _lines(folder: Path, worker_id: str) -> Iterator[list[str]] | None:
    """The words of each line but a half-written last one; None without a file."""
    try:
        lines = _path(folder, worker_id).read_bytes().split(b"\n")
    except OSError:
        return None
    return (line.decode("ascii", "replace").split(" ") for line in lines[:-1])


def _is_code(text: str) -> bool:
    return len(text) == 3 and text.isdigit()


def _token(line: bytes) -> str:
    words = line.decode("ascii", "replace").split(" ")
    return words[2] if len(words) > 2 else ""


def _path(folder: Path, worker_id: str) -> Path:
    return folder / f"{worker_id.replace(':', '-')}.journal"
