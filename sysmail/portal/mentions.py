"""Mentions: typed `@[address]`, stored `@[person:ID]`, shown as the person's name.

Typed text that merely looks stored (`@[person:7]`) is kept apart by an escape, `@[text:`, so
nobody can conjure up a name or an address by guessing an id.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from sysmail.people import BadAddress, Person, normalise_address
from sysmail.portal.access import app_access
from sysmail.words import _

MOST_MENTIONS = 100
_TYPED = re.compile(r"@\[(?:(?P<reserved>(?=person:|text:))|(?P<address>[^\[\]\s]{3,254})\])")
_STORED = re.compile(r"@\[person:(\d{1,18})\]")
_ESCAPE = "@[text:"


@dataclass(frozen=True)
class Mention:
    """A person as a text mentions them; as a string it is what people read."""

    name: str
    address: str

    def __str__(self) -> str:
        return f"@{self.name}"


@dataclass(frozen=True)
class Understood:
    """A typed text as it is stored, who it mentions by id, and the addresses of nobody.

    `unknown` keeps what was typed: addresses no active person has who may see the app.
    """

    text: str
    mentioned: Mapping[int, Mention]
    unknown: tuple[str, ...]

    def plain(self) -> str:
        """The text with names for mentions."""
        return plain(self.text, self.mentioned)


def understand(session: Session, typed: str, app_id: int, earlier: str = "") -> Understood:
    """Looks up the first MOST_MENTIONS addresses of a typed text, in one query.

    Whom the `earlier` stored version mentions stays mentioned, whatever became of them.
    """
    wanted = _normalised(typed)
    if not wanted:
        return Understood(stored(typed, {}), {}, ())
    people = {
        person.email: person
        for person in session.scalars(
            select(Person).where(
                Person.email.in_(set(wanted.values()) - {""}),
                or_(
                    and_(Person.active, app_access(Person.id, app_id)),
                    Person.id.in_(mentioned_ids([earlier])),
                ),
            )
        )
    }
    ids = {address: people[email].id for address, email in wanted.items() if email in people}
    return Understood(
        stored(typed, ids),
        {person.id: Mention(person.name, person.email) for person in people.values()},
        tuple(address for address in wanted if address not in ids),
    )


def look_up(session: Session, texts: Iterable[str]) -> dict[int, Mention]:
    """Everybody whom these stored texts mention, in one query."""
    ids = mentioned_ids(texts)
    if not ids:
        return {}
    people = session.scalars(select(Person).where(Person.id.in_(ids)))
    return {person.id: Mention(person.name, person.email) for person in people}


def mentioned_ids(texts: Iterable[str]) -> set[int]:
    return {int(id_) for text in texts for id_ in _STORED.findall(text)}


def stored(typed: str, ids: Mapping[str, int]) -> str:
    """The typed text with `@[person:ID]` for the addresses in `ids`, as they were typed."""

    def replace(match: re.Match[str]) -> str:
        address = match["address"]
        if address is None:
            return _ESCAPE
        return f"@[person:{ids[address]}]" if address in ids else match[0]

    return _TYPED.sub(replace, typed)


def pieces(text: str, mentions: Mapping[int, Mention]) -> Iterator[str | Mention]:
    """A stored text as it is read: plain strings and, between them, mentions."""
    nobody = Mention(_("someone"), "")
    for position, part in enumerate(_STORED.split(text)):
        if position % 2:
            yield mentions.get(int(part), nobody)
        elif part:
            yield part.replace(_ESCAPE, "@[")


def plain(text: str, mentions: Mapping[int, Mention]) -> str:
    """A stored text with `@Name` for mentions."""
    return "".join(str(piece) for piece in pieces(text, mentions))


def typed_again(text: str, mentions: Mapping[int, Mention]) -> str:
    """A stored text as it can be edited, with `@[address]` for mentions."""
    return "".join(
        piece if isinstance(piece, str) else f"@[{piece.address}]"
        for piece in pieces(text, mentions)
    )


def _normalised(typed: str) -> dict[str, str]:
    """Each address as typed, with its normal form, or "" where it cannot be one."""
    found = (match["address"] for match in _TYPED.finditer(typed))
    addresses = list(dict.fromkeys(address for address in found if address and "@" in address))
    return {
        address: _normal_form(address) if number < MOST_MENTIONS else ""
        for number, address in enumerate(addresses)
    }


def _normal_form(address: str) -> str:
    try:
        return normalise_address(address)
    except BadAddress:
        return ""
