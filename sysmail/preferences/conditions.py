"""The same choice as SQL, for statements that ask it of many people at once."""

from __future__ import annotations

from sqlalchemy import ColumnElement, case, func, literal, null
from sqlalchemy.orm import Mapped

from sysmail.events import CATALOGUE
from sysmail.preferences.choice import DEFAULT, TO_ME, Skip
from sysmail.preferences.preference import Preference

Words = ColumnElement[str] | Mapped[str] | Mapped[str | None]


def objection(kind: Words, because: Words) -> ColumnElement[str | None]:
    """`wants` as SQL: a Skip, or NULL where the choice lets the mail go.

    The statement outer-joins Preference to the person: no row means the default.
    """
    receive = func.coalesce(Preference.receive, DEFAULT.receive)
    kinds = func.coalesce(Preference.kinds, DEFAULT.kinds)
    bit = case({name: kind.bit for name, kind in CATALOGUE.items()}, value=kind, else_=0)
    return case(
        (receive == "none", literal(Skip.SWITCHED_OFF.value)),
        ((receive == "to_me") & because.not_in(TO_ME), literal(Skip.ONLY_TO_ME.value)),
        (kinds.bitwise_and(bit) == 0, literal(Skip.KIND_OFF.value)),
        else_=null(),
    )
