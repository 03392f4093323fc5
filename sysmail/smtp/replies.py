"""A server's reply, made safe: RFC 5321 section 4.2, enhanced codes of RFC 3463."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

MAX_BYTES = 64 * 1024
MAX_LINES = 100
_WORDS_SHOWN = 500
_LINE = re.compile(rb"([2-5][0-9]{2})(?:([ -])(.*))?", re.DOTALL)
_ENHANCED = re.compile(r"([245])\.[0-9]{1,3}\.[0-9]{1,3}(?![0-9.])")
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn"}
_HINT = re.compile(
    r"(?:again|retry|back|wait|deferred|delayed|for|after|in)\D{0,30}?"
    r"\b(\d{1,5})\s*(s|sec|seconds?|m|min|minutes?|h|hours?)\b",
    re.IGNORECASE,
)
_HINT_CLOCK = re.compile(r"\bin (\d{1,2}):(\d{2}):(\d{2})\b")
_LONGEST_HINT = 24 * 60


class NotAReply(ValueError):
    """The bytes are no SMTP reply line."""


@dataclass(frozen=True)
class Reply:
    """`code` 200 to 599, `enhanced` like "5.1.1" or None, `lines` the texts after the code.

    The lines are free of control, bidirectional and other invisible characters.
    """

    code: int
    enhanced: str | None
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """What the server wrote, line by line."""
        return "\n".join(self.lines)

    @property
    def words(self) -> str:
        """One safe line of at most 500 characters, without the enhanced code."""
        prefix = f"{self.enhanced} " if self.enhanced else None
        lines = (line.removeprefix(prefix) if prefix else line for line in self.lines)
        return " ".join(" ".join(lines).split())[:_WORDS_SHOWN]

    def __str__(self) -> str:
        return " ".join(part for part in (str(self.code), self.enhanced, self.words) if part)

    def is_positive(self) -> bool:
        return 200 <= self.code <= 299

    def is_negative(self) -> bool:
        return self.code >= 400

    def without(self, secrets: Iterable[str]) -> "Reply":
        """This reply with every secret that the server echoed blotted out."""
        text = self.text
        found = [secret for secret in secrets if secret in text]
        if not found:
            return self
        lines = self.lines
        for secret in found:
            lines = tuple(line.replace(secret, "***") for line in lines)
        return replace(self, lines=lines)


def parse_line(line: bytes) -> tuple[int, bool, str]:
    """Split one line (without its end) into code, whether it is the last one, and safe text.

    Raises NotAReply.
    """
    found = _LINE.fullmatch(line)
    if not found:
        raise NotAReply
    text = (found[3] or b"").decode("utf-8", "replace")
    return int(found[1]), found[2] != b"-", visible(text)


def assemble(code: int, lines: list[str]) -> Reply:
    """The finished reply; its enhanced code counts only if it is of the code's class (RFC 2034)."""
    found = _ENHANCED.match(lines[0])
    fits = found is not None and int(found[1]) == code // 100
    return Reply(code, found[0] if found and fits else None, tuple(lines))


@lru_cache(maxsize=64)
def of_one_line(line: bytes) -> Reply:
    """The reply that one line is; servers repeat themselves, so the last ones are kept.

    Raises NotAReply.
    """
    code, _, text = parse_line(line)
    return assemble(code, [text])


def visible(text: str) -> str:
    """The text with white space made plain and control and format characters taken out."""
    if text.isascii() and text.isprintable():
        return text
    spaced = (" " if char.isspace() else char for char in text)
    return "".join(char for char in spaced if unicodedata.category(char) not in _HIDDEN)


def hint_minutes(reply: Reply) -> int | None:
    """The wait a server asks for ("try again in 5 minutes"), 1 to 1440 minutes, else None."""
    clock = _HINT_CLOCK.search(reply.words)
    if clock:
        hours, minutes, seconds = (int(part) for part in clock.groups())
        return _reasonable(hours * 3600 + minutes * 60 + seconds)
    found = _HINT.search(reply.words)
    if not found:
        return None
    unit = {"s": 1, "m": 60, "h": 3600}[found[2][0].lower()]
    return _reasonable(int(found[1]) * unit)


def _reasonable(seconds: int) -> int | None:
    minutes = max(1, -(-seconds // 60))
    return minutes if minutes <= _LONGEST_HINT else None
