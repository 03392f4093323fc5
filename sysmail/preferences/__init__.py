"""Preferences: what a person wants to be told."""

from sysmail.preferences.choice import (
    DEFAULT,
    FORMATS,
    RECEIVE,
    TO_ME,
    Choice,
    Skip,
    choice_of,
    store_choice,
    wants,
)
from sysmail.preferences.conditions import objection
from sysmail.preferences.preference import Preference

__all__ = [
    "DEFAULT",
    "FORMATS",
    "RECEIVE",
    "TO_ME",
    "Choice",
    "Preference",
    "Skip",
    "choice_of",
    "objection",
    "store_choice",
    "wants",
]
