"""Why a change was not made, said about one field."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Refused:
    """`field` names the form field concerned, or is empty; `message` is for people."""

    field: str
    message: str
