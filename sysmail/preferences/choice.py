"""A choice: what a person wants to be told, and when. Those who never chose have the default."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.db import inserting
from sysmail.events import FIRST_CHOICE, Kind
from sysmail.people import Person
from sysmail.preferences.preference import Preference, PreferenceDefault

RECEIVE = ("none", "to_me", "all")
FORMATS = ("html", "text")
FREQUENCIES = ("immediate", "hourly", "daily")
TO_ME = ("mentioned", "creator", "editor", "commenter")
EVERY_DAY = 127
_AT_ONCE = 500


class Skip(StrEnum):
    """Why a choice rules a mail out."""

    SWITCHED_OFF = "switched_off"
    ONLY_TO_ME = "only_to_me"
    KIND_OFF = "kind_off"
    MUTED_APP = "muted_app"
    MUTED_RECORD = "muted_record"


@dataclass(frozen=True)
class Choice:
    """`receive` is one of RECEIVE, `kinds` a sum of Kind.bit, `format` one of FORMATS,
    `frequency` one of FREQUENCIES; times of day are HH:MM on the clock of `timezone` (an IANA
    name); `weekdays` is a sum of 1 = Monday to 64 = Sunday.

    `chosen` is False while the default holds. `language` is what the person chose; None leaves
    it to the browser, and then to the default.
    """

    receive: str = "to_me"
    kinds: int = FIRST_CHOICE
    format: str = "html"
    chosen: bool = False
    frequency: str = "immediate"
    daily_at: str = "17:00"
    weekdays: int = EVERY_DAY
    mentions_at_once: bool = True
    quiet_from: str | None = None
    quiet_until: str | None = None
    language: str | None = None
    timezone: str = "UTC"
    unread_only: bool = False

    def includes(self, kind: Kind) -> bool:
        return bool(self.kinds & kind.bit)


DEFAULT = Choice()
_WHAT = ("receive", "kinds", "format")
_WHEN = (
    "frequency",
    "daily_at",
    "weekdays",
    "mentions_at_once",
    "quiet_from",
    "quiet_until",
    "unread_only",
)
_WHERE = ("language", "timezone")


def choice_of(session: Session, person_id: int) -> Choice:
    """What this person chose, or the default."""
    return _understood(session.get(Preference, person_id), _for_others(default_choice(session)))


def choices_of(session: Session, person_ids: Iterable[int]) -> dict[int, Choice]:
    """The same for many people at once."""
    ids, default = list(person_ids), _for_others(default_choice(session))
    found = dict.fromkeys(ids, default)
    for start in range(0, len(ids), _AT_ONCE):
        some = ids[start : start + _AT_ONCE]
        for stored in session.scalars(select(Preference).where(Preference.person_id.in_(some))):
            found[stored.person_id] = _understood(stored, default)
    return found


def default_choice(session: Session) -> Choice:
    """What holds for those who never chose; here `language` is the installation's."""
    stored = session.get(PreferenceDefault, 1)
    return DEFAULT if stored is None else replace(_understood(stored, DEFAULT), chosen=False)


def undecided(session: Session) -> int:
    """How many people who may sign in never chose what they are told."""
    chose = exists().where(Preference.person_id == Person.id)
    people = select(func.count(Person.id)).where(Person.active, ~chose)
    return session.scalar(people) or 0


def store_choice(session: Session, person_id: int, receive: str, kinds: int, format: str) -> None:
    """Stores what is told, not when. Raises ValueError for a value nobody may choose."""
    chosen = Choice(receive, kinds, format)
    _check(chosen)
    _store(session, Preference, _of_person(person_id), _values(chosen, _WHAT))


def store_whole_choice(session: Session, person_id: int, choice: Choice) -> None:
    """Stores a choice, the first or another. Raises ValueError for a value nobody may choose."""
    _check(choice)
    _store(session, Preference, _of_person(person_id), _values(choice, _WHAT + _WHEN + _WHERE))


def store_default(session: Session, choice: Choice) -> None:
    """Sets what holds for those who never chose. Raises ValueError as above."""
    _check(choice)
    values = _values(choice, _WHAT + _WHEN + _WHERE)
    _store(session, PreferenceDefault, {"id": 1}, values)


def wants(choice: Choice, kind: Kind, because: str, mode: str | None = None) -> Skip | None:
    """Whether the choice lets a mail of this kind and reason go: None, or why not.

    `mode` is follow or mute where the person chose so for the app or the record.
    """
    if choice.receive == "none":
        return Skip.SWITCHED_OFF
    if mode == "mute" and because != "mentioned":
        return Skip.MUTED_APP
    if choice.receive == "to_me" and because not in TO_ME and mode != "follow":
        return Skip.ONLY_TO_ME
    return None if choice.includes(kind) else Skip.KIND_OFF


def _understood(stored: Preference | PreferenceDefault | None, default: Choice) -> Choice:
    if stored is None:
        return default
    names = _WHAT if stored.frequency is None else _WHAT + _WHEN
    values = {name: getattr(stored, name) for name in names}
    where = {name: getattr(stored, name) or getattr(default, name) for name in _WHERE}
    return replace(default, **values, **where, chosen=True)


def _for_others(default: Choice) -> Choice:
    return replace(default, language=None)


def _check(choice: Choice) -> None:
    offered = ((choice.receive, RECEIVE), (choice.format, FORMATS), (choice.frequency, FREQUENCIES))
    if any(value not in values for value, values in offered) or not 0 < choice.weekdays <= 127:
        raise ValueError(f"no such choice: {choice}")


def _values(choice: Choice, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(choice, name) for name in names}


def _of_person(person_id: int) -> dict[str, Any]:
    return {"person_id": person_id}


def _store(
    session: Session,
    model: type[Preference | PreferenceDefault],
    key: dict[str, int],
    values: dict[str, Any],
) -> None:
    """Two tabs may save at once, so the database decides whether the row is there."""
    if model is Preference:
        values = {**values, "chosen_at": clock.now()}
    session.scalars(
        inserting(session.get_bind().dialect.name, model)
        .values(**key, **values)
        .on_conflict_do_update(index_elements=list(key), set_=values)
        .returning(model),
        execution_options={"populate_existing": True},
    ).one()
