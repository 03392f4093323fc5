"""What a scripted server does at a phase instead of its honest reply.

A plain string is a reply ("550 5.1.1 no such user"; several lines with a line feed between).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Say:
    """This reply, then on with the talk."""

    text: str


@dataclass(frozen=True)
class Delay:
    """Wait, then do `then` (None: what an honest server does)."""

    seconds: float
    then: Action | None = None


@dataclass(frozen=True)
class Drip:
    """The reply, one byte every so many seconds."""

    text: str
    every: float = 0.05


@dataclass(frozen=True)
class Raw:
    """These bytes, then on with the talk."""

    data: bytes


@dataclass(frozen=True)
class Endless:
    """A reply without end; `line` None is one endless line."""

    line: bytes | None = b"250-and more\r\n"


@dataclass(frozen=True)
class Accept:
    """At the dot: take the mail into the ledger, then do `then` instead of saying 250."""

    then: Action


@dataclass(frozen=True)
class Close:
    """End the connection in an orderly way, after saying `text` if there is one."""

    text: str = ""


@dataclass(frozen=True)
class Reset:
    """End it with a TCP reset."""


@dataclass(frozen=True)
class Silence:
    """Never say anything again, and keep the connection."""


Action = str | Say | Delay | Drip | Raw | Endless | Accept | Close | Reset | Silence
GARBAGE = Raw(b"\xff\xfe\x00 this is not SMTP \x1b[31m\r\n")
PHASES = (
    *("connect", "greeting", "ehlo", "starttls", "tls", "auth"),
    *("mail", "rcpt", "data", "body", "dot", "rset", "quit", "other"),
)


@dataclass
class _Rule:
    action: Action
    when: Callable[[str], bool] | None
    times: int | None


class Script:
    """Phase → rules, the newest first. Any thread may change it at any time."""

    def __init__(self) -> None:
        self._rules: dict[str, list[_Rule]] = {phase: [] for phase in PHASES}
        self._lock = threading.Lock()

    def add(
        self,
        phase: str,
        action: Action,
        when: Callable[[str], bool] | None = None,
        times: int | None = None,
    ) -> None:
        with self._lock:
            self._rules[phase].insert(0, _Rule(action, when, times))

    def clear(self, phase: str | None = None) -> None:
        with self._lock:
            for name in [phase] if phase else PHASES:
                self._rules[name].clear()

    def action(self, phase: str, argument: str) -> Action | None:
        """What to do now; None is the honest thing. Counts `times` down."""
        with self._lock:
            for rule in self._rules[phase]:
                if rule.times == 0 or (rule.when and not rule.when(argument)):
                    continue
                if rule.times is not None:
                    rule.times -= 1
                return rule.action
        return None
