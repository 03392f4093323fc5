"""Importing people from a CSV file: all of it or nothing, with one audit entry."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import batched
from typing import TextIO

from sqlalchemy import select
from sqlalchemy.orm import Session

from sysmail.audit import Actor, record
from sysmail.people.changes import identity_refusals, tidy_name
from sysmail.people.address import normalise_address
from sysmail.people.person import Person, new_person
from sysmail.words import _

RECEIVE = ("none", "to_me", "all")
_YES = ("1", "true", "yes", "y", "x")
_NO = ("", "0", "false", "no", "n")
_AT_ONCE = 500


@dataclass(frozen=True)
class Line:
    """One person of the file. `receive` is one of RECEIVE, or None when not chosen."""

    number: int
    email: str
    name: str
    administrator: bool
    receive: str | None


@dataclass(frozen=True)
class Fault:
    """What is wrong with a line, counted as an editor counts; 1 is the line of titles."""

    number: int
    message: str


@dataclass(frozen=True)
class Imported:
    """Who was added, each with what their line says of `receive`, and how many were there."""

    added: list[tuple[Person, str | None]]
    already_there: int


def read_people(file: TextIO) -> tuple[list[Line], list[Fault]]:
    """The lines of a CSV file with columns email, name and perhaps admin, receive.

    Commas or semicolons; open it as utf-8-sig with newline="".
    """
