"""What a person is and was known as, and how that is taken out of what was written."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Text, cast, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from sysmail.audit import FORMER_USER, Entry, former_address
from sysmail.people import Person
from sysmail.vault import Vault

_SEALED_FOR = {"purpose": "erasure"}


@dataclass(frozen=True)
class Known:
    """`names` and `addresses` are all that the person ever had here, the addresses normalised."""

    person_id: int
    names: tuple[str, ...]
    addresses: tuple[str, ...]

    @classmethod
    def opened(cls, vault: Vault, person_id: int, sealed: str) -> Known:
        """Raises CannotOpen when the vault's key is lost."""
        found = json.loads(vault.open(sealed, {**_SEALED_FOR, "person": person_id}))
        return cls(person_id, tuple(found["names"]), tuple(found["addresses"]))

    def sealed(self, vault: Vault) -> str:
        text = json.dumps({"names": self.names, "addresses": self.addresses})
        return vault.seal(text, {**_SEALED_FOR, "person": self.person_id})

    @property
    def stand_in(self) -> str:
        """What stands in place of each address."""
        return former_address(self.person_id)

    def without_addresses(self, value: Any) -> Any:
        """A JSON value with the stand-in for each of the addresses, in whatever case."""
        if isinstance(value, str):
            return self._pattern.sub(self.stand_in, value)
        if isinstance(value, list):
            return [self.without_addresses(item) for item in value]
        if isinstance(value, dict):
            return {name: self.without_addresses(item) for name, item in value.items()}
        return value

    def is_named_in(self, text: str) -> bool:
        """Whether one of the names stands in the text; it may be somebody else's too."""
        return any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) for name in self.names)

    def without_mentions(self, text: str) -> str:
        """A text in which the person was mentioned by name."""
        for name in sorted(self.names, key=len, reverse=True):
            text = text.replace(f"@{name}", f"@{FORMER_USER}")
        return text

    def details(self, details: dict[str, Any]) -> dict[str, Any]:
        """An audit entry's details; the name stands where they tell of a person."""
        cleared: dict[str, Any] = self.without_addresses(details)
        if details.get("id") == self.person_id and "email" in details:
            for values in (cleared, cleared.get("before"), cleared.get("after")):
                if values and "name" in values:
                    values["name"] = FORMER_USER
        return cleared

    def stands_in(self, column: InstrumentedAttribute[Any], *more: str) -> ColumnElement[bool]:
        """A condition: the column's JSON may hold an address, or one of `more`."""
        text = func.lower(cast(column, Text))
        wanted = (json.dumps(one)[1:-1].lower() for one in (*self.addresses, *more))
        return or_(*(text.contains(one, autoescape=True) for one in wanted))

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        either = "|".join(map(re.escape, sorted(self.addresses, key=len, reverse=True)))
        return re.compile(rf"(?<![\w.+-])(?:{either})(?![\w-]|\.\w)", re.IGNORECASE)


def known_of(session: Session, person: Person) -> Known:
    """The person's name and address, and those that the audit log says they had before."""
    entries = select(Entry.details).where(
        Entry.action == "user_changed", Entry.details["id"].as_integer() == person.id
    )
    before = [details.get("before", {}) for details in session.scalars(entries)]
    return Known(
        person.id,
        _each([person.name, *(values.get("name") for values in before)]),
        _each([person.email, *(values.get("email") for values in before)]),
    )


def _each(values: Iterable[Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))
