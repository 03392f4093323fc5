"""The lines of a CSV file of people."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TextIO

from sysmail.people.address import normalise_address
from sysmail.people.changes import identity_refusals, tidy_name
from sysmail.words import _

RECEIVE = ("none", "to_me", "all")
_YES = ("1", "true", "yes", "y", "x")
_NO = ("", "0", "false", "no", "n")
_COLUMNS = {"email", "name", "admin", "receive"}


@dataclass(frozen=True)
class Line:
    """One person of the file. `receive` is one of RECEIVE, or None when not chosen."""

    email: str
    name: str
    administrator: bool
    receive: str | None


@dataclass(frozen=True)
class Fault:
    """What is wrong with a line, counted as an editor counts; 1 is the line of titles."""

    number: int
    message: str


def read_people(file: TextIO) -> tuple[list[Line], list[Fault]]:
    """People and faults of a file with columns email, name and perhaps admin, receive.

    Commas or semicolons. Open the file as utf-8-sig with newline="".
    """
    titles = file.readline()
    reader = csv.DictReader(
        file, _titles(titles), delimiter=_delimiter(titles), restval="", restkey="more"
    )
    if wrong := _wrong_titles(_titles(titles)):
        return [], [Fault(1, wrong)]
    lines: list[Line] = []
    faults: list[Fault] = []
    seen: set[str] = set()
    for row in reader:
        fault = _fault(row)
        if fault is None:
            line = _line(row)
            fault = _("This address stands in the file twice.") if line.email in seen else None
            seen.add(line.email)
            lines.append(line)
        if fault is not None:
            faults.append(Fault(reader.line_num + 1, fault))
    return lines, faults


def _delimiter(titles: str) -> str:
    return ";" if titles.count(";") > titles.count(",") else ","


def _titles(titles: str) -> list[str]:
    row = next(csv.reader([titles], delimiter=_delimiter(titles)), [])
    return [title.strip().lower() for title in row]


def _wrong_titles(names: list[str]) -> str | None:
    if not {"email", "name"} <= set(names):
        return _("The first line must name the columns email and name.")
    if set(names) - _COLUMNS or len(names) != len(set(names)):
        return _("Only the columns email, name, admin and receive are known, each once.")
    return None


def _fault(row: Mapping[str, str]) -> str | None:
    if "more" in row:
        return _("There are more values than columns.")
    for refused in identity_refusals(row["email"], row["name"]):
        return refused.message
    if row.get("admin", "").strip().lower() not in (*_YES, *_NO):
        return _("The column admin must be yes or no.")
    if row.get("receive", "").strip().lower() not in ("", *RECEIVE):
        return _("The column receive must be none, to_me or all.")
    return None


def _line(row: Mapping[str, str]) -> Line:
    return Line(
        normalise_address(row["email"]),
        tidy_name(row["name"]),
        row.get("admin", "").strip().lower() in _YES,
        row.get("receive", "").strip().lower() or None,
    )
