"""Backup: a copy of the database while it runs, and going back to one without mailing anybody."""

from sysmail.backup.making import back_up
from sysmail.backup.outcome import BackedUp, Refused, Restored
from sysmail.backup.restoring import restore

__all__ = ["BackedUp", "Refused", "Restored", "back_up", "restore"]
