"""Events: the triggers there are, and what happened."""

from sysmail.events.event import Event, Snapshot, Subject, publish
from sysmail.events.kinds import (
    AUDIT_LOG_ADDED,
    CATALOGUE,
    COMMENT_POSTED,
    FIRST_CHOICE,
    RECORD_ADDED,
    Kind,
)

__all__ = [
    "AUDIT_LOG_ADDED",
    "CATALOGUE",
    "COMMENT_POSTED",
    "FIRST_CHOICE",
    "RECORD_ADDED",
    "Event",
    "Kind",
    "Snapshot",
    "Subject",
    "publish",
]
