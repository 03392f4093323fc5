"""Who is told by summaries, as SQL for statements that ask it of many people at once."""

from __future__ import annotations

from sqlalchemy import ColumnElement, func, select

from sysmail.preferences.choice import DEFAULT
from sysmail.preferences.conditions import Words
from sysmail.preferences.preference import Preference, PreferenceDefault

_OF_ALL = select(PreferenceDefault).where(PreferenceDefault.id == 1)


def summarised(because: Words) -> ColumnElement[bool]:
    """True where this waits for the person's summary; the statement outer-joins Preference."""
    frequency = func.coalesce(
        Preference.frequency,
        _OF_ALL.with_only_columns(PreferenceDefault.frequency).scalar_subquery(),
        DEFAULT.frequency,
    )
    at_once = func.coalesce(
        Preference.mentions_at_once,
        _OF_ALL.with_only_columns(PreferenceDefault.mentions_at_once).scalar_subquery(),
        DEFAULT.mentions_at_once,
    )
    return (frequency != "immediate") & ~(at_once & (because == "mentioned"))
