"""Audit: the log of who did what."""

from sysmail.audit.entry import SYSTEM, Actor, Entry, record
from sysmail.audit.search import search
from sysmail.audit.sentences import ACTIONS, describe, label

__all__ = ["ACTIONS", "SYSTEM", "Actor", "Entry", "describe", "label", "record", "search"]
