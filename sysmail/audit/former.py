"""Who was erased: what stands in place of a name and an address, here and everywhere else."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from sysmail.words import lazy

FORMER_USER = "a former user"
_SAID = lazy("a former user")


class Name(TypeDecorator[str]):
    """A name as it was stored; who was erased is told in the language of whoever reads it."""

    impl = String(200)
    cache_ok = True

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return value and known_as(value)


def known_as(name: str) -> str:
    """The name, or in the current language that it is a former user's."""
    return str(_SAID) if name == FORMER_USER else name


def former_address(person_id: int) -> str:
    """Different for everybody, and nobody's: the domain is reserved (RFC 2606 section 2)."""
    return f"former-{person_id}@erased.invalid"
