"""Header fields of a received mail taken apart: any text is read, none is trusted.

Each step is linear in its input, which is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

MOST_CHARACTERS = 65536
_MOST_FIELDS = 300
_NAME = re.compile(r"([!-9;-~]{1,80})[ \t]*:(.*)", re.DOTALL)
_PAIR = re.compile(r'([A-Za-z0-9_.-]{1,60})(?:/\d{1,4})? ?= ?("[^"]{0,500}"|[^\s;"]{1,500})')
_WORD = {
    name: re.compile(rf"(?:^|\s){name}\s+(\S{{1,255}})", re.I) for name in ("from", "by", "with")
}


@dataclass(frozen=True)
class Result:
    """One method's result (RFC 8601 section 2.2): `method` spf | dkim | dmarc | …, `result`
    pass | fail | none | …; `about` its properties, such as header.d."""

    method: str
    result: str
    about: dict[str, str]


@dataclass(frozen=True)
class Passed:
    """A Received field (RFC 5321 section 4.4). Names are what the servers said of themselves."""

    sender: str
    server: str
    protocol: str
    at: datetime | None


def fields(text: str) -> list[tuple[str, str]]:
    """Names in lower case and unfolded values, in their order; ends at the first blank line."""
    head = re.split(
        r"\n[ \t]*\n", text[:MOST_CHARACTERS].replace("\r\n", "\n").strip("\n"), maxsplit=1
    )[0]
    found: list[tuple[str, list[str]]] = []
    for line in head.split("\n"):
        if line[:1] in (" ", "\t") and found:
            found[-1][1].append(line.strip())
        elif named := _NAME.match(line):
            found.append((named[1].lower(), [named[2].strip()]))
        if len(found) > _MOST_FIELDS:
            break
    return [(name, " ".join(lines)) for name, lines in found]


def results(value: str) -> tuple[str, list[Result]]:
    """Who wrote an Authentication-Results field, and what it says."""
    server, *told = (part.strip() for part in uncommented(value).split(";"))
    return server.partition(" ")[0], list(_results(told))


def passed(value: str) -> Passed:
    """A Received field's value."""
    clause, _, date = uncommented(value).rpartition(";")
    words = {
        name: found[1] if (found := word.search(clause)) else "" for name, word in _WORD.items()
    }
    return Passed(words["from"], words["by"], words["with"].upper(), _moment(date))


def uncommented(value: str) -> str:
    """Without comments, which may hold comments (RFC 5322 section 3.2.2)."""
    kept: list[str] = []
    depth, quoted, escaped = 0, False, False
    for character in value:
        if escaped:
            escaped = False
        elif character == "\\":
            escaped = True
        elif character == '"' and not depth:
            quoted = not quoted
        elif character == "(" and not quoted:
            depth += 1
        elif character == ")" and not quoted and depth:
            depth -= 1
            kept.append(" ")
            continue
        if not depth:
            kept.append(character)
    return "".join(kept)


def _results(told: list[str]) -> Iterator[Result]:
    for part in told:
        pairs = [(name.lower(), word.strip('"')) for name, word in _PAIR.findall(part)]
        if pairs and "." not in pairs[0][0]:
            yield Result(pairs[0][0], pairs[0][1].lower(), dict(pairs[1:]))


def _moment(date: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(date.strip()[:80])
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
