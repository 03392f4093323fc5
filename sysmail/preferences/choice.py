"""A choice: what a person wants to be told. Those who never chose have the default."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.events import FIRST_CHOICE, Kind
from sysmail.preferences.preference import Preference

RECEIVE = ("none", "to_me", "all")
FORMATS = ("html", "text")
TO_ME = ("mentioned", "creator", "editor", "commenter")


class Skip(StrEnum):
    """Why a choice rules a mail out."""

    SWITCHED_OFF = "switched_off"
    ONLY_TO_ME = "only_to_me"
    KIND_OFF = "kind_off"


@dataclass(frozen=True)
class Choice:
    """`receive` is one of RECEIVE, `kinds` a sum of Kind.bit, `format` one of FORMATS.

    `chosen` is False while the default holds.
    """

    receive: str = "to_me"
    kinds: int = FIRST_CHOICE
    format: str = "html"
    chosen: bool = False

    def includes(self, kind: Kind) -> bool:
        return bool(self.kinds & kind.bit)


DEFAULT = Choice()


def choice_of(session: Session, person_id: int) -> Choice:
    """What this person chose, or the default."""
    stored = session.get(Preference, person_id)
    if stored is None:
        return DEFAULT
    return Choice(stored.receive, stored.kinds, stored.format, chosen=True)


def store_choice(session: Session, person_id: int, receive: str, kinds: int, format: str) -> None:
    """Stores a choice, the first or another. Raises ValueError for a value nobody may choose."""
    if receive not in RECEIVE or format not in FORMATS:
        raise ValueError(f"no such choice: {receive}, {format}")
    values = {"receive": receive, "kinds": kinds, "format": format, "chosen_at": clock.now()}
    # Two tabs may save at once, so the database decides whether the row is there.
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.scalars(
        insert(Preference)
        .values(person_id=person_id, **values)
        .on_conflict_do_update(index_elements=[Preference.person_id], set_=values)
        .returning(Preference),
        execution_options={"populate_existing": True},
    ).one()


def wants(choice: Choice, kind: Kind, because: str) -> Skip | None:
    """Whether the choice lets a mail of this kind and reason go: None, or why not."""
    if choice.receive == "none":
        return Skip.SWITCHED_OFF
    if choice.receive == "to_me" and because not in TO_ME:
        return Skip.ONLY_TO_ME
    return None if choice.includes(kind) else Skip.KIND_OFF
