"""The same choice as SQL, for statements that ask it of many people at once.

`with_choices` joins what the others name. The default is asked once a statement, however many
people it is about.
"""

from __future__ import annotations

from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, case, func, literal, null, select
from sqlalchemy.orm import InstrumentedAttribute, Mapped

from sysmail.events import CATALOGUE
from sysmail.preferences.choice import DEFAULT, TO_ME, Skip
from sysmail.preferences.preference import AppChoice, Preference, PreferenceDefault, RecordChoice

Words = ColumnElement[str] | Mapped[str] | Mapped[str | None]
Number = ColumnElement[int] | Mapped[int] | Mapped[int | None]
S = TypeVar("S", bound=Select[Any])


def with_choices(
    statement: S,
    person_id: Number,
    app_id: Number | int | None,
    record_id: Number | int | None,
) -> S:
    """The statement with each person's choices joined: none, where nothing was chosen."""
    return (
        statement.outerjoin(Preference, Preference.person_id == person_id)
        .outerjoin(AppChoice, (AppChoice.person_id == person_id) & (AppChoice.app_id == app_id))
        .outerjoin(
            RecordChoice,
            (RecordChoice.person_id == person_id) & (RecordChoice.record_id == record_id),
        )
    )


def objection(kind: Words, because: Words) -> ColumnElement[str | None]:
    """`wants` as SQL: a Skip, or NULL where the choice lets the mail go."""
    receive, kinds = _chosen("receive"), _chosen("kinds")
    bit = case({name: kind.bit for name, kind in CATALOGUE.items()}, value=kind, else_=0)
    follows = func.coalesce(RecordChoice.mode, AppChoice.mode, "") == "follow"
    hushed = because != "mentioned"
    app_muted = RecordChoice.mode.is_(None) & (AppChoice.mode == "mute")
    return case(
        (receive == "none", literal(Skip.SWITCHED_OFF.value)),
        (hushed & (RecordChoice.mode == "mute"), literal(Skip.MUTED_RECORD.value)),
        (hushed & app_muted, literal(Skip.MUTED_APP.value)),
        (
            (receive == "to_me") & because.not_in(TO_ME) & ~follows,
            literal(Skip.ONLY_TO_ME.value),
        ),
        (kinds.bitwise_and(bit) == 0, literal(Skip.KIND_OFF.value)),
        else_=null(),
    )


def frequency() -> ColumnElement[str]:
    """immediate | hourly | daily."""
    return _chosen("frequency")


def mentions_at_once() -> ColumnElement[bool]:
    """Whether a mention does not wait for the summary."""
    return _chosen("mentions_at_once")


def unread_only() -> ColumnElement[bool]:
    """Whether what was read in the portal before its mail goes out is not mailed."""
    return _chosen("unread_only")


def language_of() -> ColumnElement[str | None]:
    """The language of the person's mails as it was chosen, else the default's; or NULL."""
    return func.coalesce(Preference.language, _default(PreferenceDefault.language))


def setting(name: str, person_id: Number) -> ColumnElement[Any]:
    """One field of a person's choice, or of the default's, where no choice is joined."""
    own = select(getattr(Preference, name)).where(Preference.person_id == person_id)
    default = _default(getattr(PreferenceDefault, name))
    return func.coalesce(own.correlate_except(Preference).scalar_subquery(), default)


def _chosen(name: str) -> ColumnElement[Any]:
    own, default = getattr(Preference, name), _default(getattr(PreferenceDefault, name))
    return func.coalesce(own, default, literal(getattr(DEFAULT, name)))


def _default(column: InstrumentedAttribute[Any]) -> ColumnElement[Any]:
    return select(column).where(PreferenceDefault.id == 1).scalar_subquery()
