"""What a scripted server accepted, and how often it was visited."""

from __future__ import annotations

import hashlib
import re
import threading
from dataclasses import dataclass, field

_MESSAGE_ID = re.compile(rb"^Message-ID:\s*(\S+)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class Received:
    """One accepted mail. `raw`: its bytes, dots un-stuffed. `mail_words`: parameters of MAIL."""

    mail_from: str
    rcpt_to: tuple[str, ...]
    raw: bytes = field(repr=False)
    mail_words: tuple[str, ...] = ()
    auth_user: str | None = None
    tls: bool = False
    helo: str = ""

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.raw).hexdigest()

    @property
    def message_id(self) -> str | None:
        found = _MESSAGE_ID.search(self.raw.partition(b"\r\n\r\n")[0])
        return found[1].decode() if found else None


class Ledger:
    """Shared by the server's thread and the test's."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._received: list[Received] = []
        self._commands: list[str] = []
        self._counts = {"connections": 0, "logins": 0, "login_attempts": 0}

    def add(self, mail: Received) -> None:
        with self._changed:
            self._received.append(mail)
            self._changed.notify_all()

    def command(self, line: str) -> None:
        with self._changed:
            self._commands.append(line)
            self._changed.notify_all()

    def count(self, what: str) -> None:
        with self._changed:
            self._counts[what] += 1
            self._changed.notify_all()

    def counted(self, what: str) -> int:
        with self._changed:
            return self._counts[what]

    @property
    def received(self) -> list[Received]:
        with self._changed:
            return list(self._received)

    @property
    def commands(self) -> list[str]:
        with self._changed:
            return list(self._commands)

    def wait_for(self, number: int, seconds: float) -> list[Received]:
        """At least so many mails, or an AssertionError that says what came instead."""
        with self._changed:
            enough = self._changed.wait_for(lambda: len(self._received) >= number, seconds)
            assert enough, (
                f"{len(self._received)} of {number} mails within {seconds} s; "
                f"counts {self._counts}; last commands {self._commands[-8:]}"
            )
            return list(self._received)

    def wait_until(self, what: str, number: int, seconds: float) -> None:
        """Until a count (connections, logins, login_attempts) has reached a number."""
        with self._changed:
            enough = self._changed.wait_for(lambda: self._counts[what] >= number, seconds)
            assert enough, f"{self._counts[what]} of {number} {what} within {seconds} s"
