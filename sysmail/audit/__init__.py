"""Audit: the log of who did what."""

from sysmail.audit.entry import SYSTEM, Actor, Entry, record

__all__ = ["SYSTEM", "Actor", "Entry", "record"]
