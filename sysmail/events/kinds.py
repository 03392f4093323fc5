"""The open catalogue of triggers: what may happen, and who may be told."""

from __future__ import annotations

from dataclasses import dataclass

from sysmail.words import Lazy, lazy


@dataclass(frozen=True)
class Kind:
    """A trigger. `bit` marks it in a stored set of kinds and never changes."""

    name: str
    bit: int
    label: Lazy
    administrators_only: bool = False
    chosen_at_first: bool = True


RECORD_ADDED = Kind("record_added", 1, lazy("A record is added to an app"))
COMMENT_POSTED = Kind("comment_posted", 2, lazy("A user posts a comment"))
AUDIT_LOG_ADDED = Kind(
    "audit_log_added",
    4,
    lazy("A record is added to the audit log"),
    administrators_only=True,
    chosen_at_first=False,
)

CATALOGUE = {kind.name: kind for kind in (RECORD_ADDED, COMMENT_POSTED, AUDIT_LOG_ADDED)}
FIRST_CHOICE = sum(kind.bit for kind in CATALOGUE.values() if kind.chosen_at_first)
