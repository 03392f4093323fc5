"""Audit: the log of who did what."""

from sysmail.audit.entry import SYSTEM, Actor, Entry, record
from sysmail.audit.former import FORMER_USER, Name, former_address, known_as
from sysmail.audit.search import search
from sysmail.audit.sentences import ACTIONS, describe, label

__all__ = [
    "ACTIONS",
    "FORMER_USER",
    "SYSTEM",
    "Actor",
    "Entry",
    "Name",
    "describe",
    "former_address",
    "known_as",
    "label",
    "record",
    "search",
]
