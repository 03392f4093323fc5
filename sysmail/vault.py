"""Secrets at rest: Fernet keys in the instance, and values sealed to their context."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import secrets
import stat
from collections.abc import Callable, Mapping
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

Context = Mapping[str, str | int | None]


class KeyTrouble(RuntimeError):
    """A key file that is missing its point: unreadable, malformed, or open to other users."""


class CannotOpen(ValueError):
    """The value was sealed with a lost key, or for another context."""


class Vault:
    """Seals with the first key and opens with any.

    `reread` gives the keys as they are now; it is asked when none of those known opens a value,
    so that another process may add one meanwhile.
    """

    def __init__(
        self, keys: tuple[str, ...], reread: Callable[[], tuple[str, ...]] | None = None
    ) -> None:
        self._reread = reread
        self._fernet = _fernet(keys)

    def seal(self, secret: str, context: Context) -> str:
        """A token that `open` accepts only together with an equal `context`."""
        body = json.dumps([_canonical(context), secret])
        return self._fernet.encrypt(body.encode()).decode()

    def open(self, token: str, context: Context) -> str:
        """The secret. Raises CannotOpen on a lost key or another context."""
        try:
            sealed_for, secret = json.loads(self._knowing(token).decrypt(token.encode()))
        except (InvalidToken, ValueError) as error:
            raise CannotOpen("no key opens this value") from error
        if sealed_for != _canonical(context):
            raise CannotOpen("the value belongs to other settings")
        return str(secret)

    def renew(self, token: str) -> str:
        """The same secret and context under the first key. Raises CannotOpen."""
        try:
            return self._knowing(token).rotate(token.encode()).decode()
        except InvalidToken as error:
            raise CannotOpen("no key opens this value") from error

    def _knowing(self, token: str) -> MultiFernet:
        """The keys, newly read when those at hand do not open the token."""
        if self._reread is not None and not _opens(self._fernet, token):
            with contextlib.suppress(OSError, KeyTrouble):
                self._fernet = _fernet(self._reread())
        return self._fernet


def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError as error:
        raise KeyTrouble("A Fernet key must be 32 bytes, URL-safe base64.") from error


def _opens(fernet: MultiFernet, token: str) -> bool:
    try:
        fernet.decrypt(token.encode())
    except InvalidToken:
        return False
    return True


def _canonical(context: Context) -> str:
    return json.dumps(dict(context), sort_keys=True)


def read_or_make(path: Path, make: str | None = None) -> str:
    """The text of a private file, made with 0600 on first use.

    Raises KeyTrouble when other users of this machine may read it.
    """
    if not path.exists():
        _make_private(path, make or secrets.token_urlsafe(48))
    return read_private(path)


def write_private(path: Path, text: str) -> None:
    """Replaces a private file (0600) in one step."""
    _draft(path, text).replace(path)


def new_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def _make_private(path: Path, text: str) -> None:
    """Two processes may start at once: the first link wins, and never shows half a file."""
    draft = _draft(path, text)
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()


def _draft(path: Path, text: str) -> Path:
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    return draft


def read_private(path: Path) -> str:
    """The text of a private file. Raises OSError, or KeyTrouble when others may read it."""
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise KeyTrouble(f"{path.name} can be read by other users: run chmod 600 on it.")
    return path.read_text(encoding="ascii").strip()
