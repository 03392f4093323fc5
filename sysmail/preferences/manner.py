"""How to speak to a person: in which language, and by whose clock."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import ScalarSelect, bindparam, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from sysmail.preferences.choice import DEFAULT
from sysmail.preferences.preference import Preference, PreferenceDefault


class Manner(NamedTuple):
    """`language` is the person's own choice or None, `default` the installation's or None;
    `timezone` is an IANA name."""

    language: str | None
    default: str | None
    timezone: str


def manner_of(session: Session, person_id: int | None) -> Manner:
    """How to speak to this person; None is somebody nobody knows. One statement."""
    asked = session.connection().execute(_ASKED, {"person": person_id}).one()
    own_language, own_zone, language, timezone = asked
    return Manner(own_language, language, own_zone or timezone or DEFAULT.timezone)


def _own(column: InstrumentedAttribute[str | None]) -> ScalarSelect[str | None]:
    return select(column).where(Preference.person_id == bindparam("person")).scalar_subquery()


def _default(column: InstrumentedAttribute[str | None]) -> ScalarSelect[str | None]:
    return select(column).where(PreferenceDefault.id == 1).scalar_subquery()


_ASKED = select(
    _own(Preference.language),
    _own(Preference.timezone),
    _default(PreferenceDefault.language),
    _default(PreferenceDefault.timezone),
)
