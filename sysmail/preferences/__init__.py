"""Preferences: what a person wants to be told, and when."""

from sysmail.preferences.choice import (
    DEFAULT,
    EVERY_DAY,
    FORMATS,
    FREQUENCIES,
    RECEIVE,
    TO_ME,
    Choice,
    Skip,
    choice_of,
    choices_of,
    default_choice,
    store_choice,
    store_default,
    store_whole_choice,
    wants,
)
from sysmail.preferences.conditions import (
    frequency,
    language_of,
    mentions_at_once,
    objection,
    unread_only,
    with_choices,
)
from sysmail.preferences.preference import AppChoice, Preference, PreferenceDefault, RecordChoice
from sysmail.preferences.quiet import held_until
from sysmail.preferences.timing import next_summary, quiet_until, zone_of

__all__ = [
    "DEFAULT",
    "EVERY_DAY",
    "FORMATS",
    "FREQUENCIES",
    "RECEIVE",
    "TO_ME",
    "AppChoice",
    "Choice",
    "Preference",
    "PreferenceDefault",
    "RecordChoice",
    "Skip",
    "choice_of",
    "choices_of",
    "default_choice",
    "frequency",
    "held_until",
    "language_of",
    "mentions_at_once",
    "next_summary",
    "objection",
    "quiet_until",
    "store_choice",
    "store_default",
    "store_whole_choice",
    "unread_only",
    "wants",
    "with_choices",
    "zone_of",
]
