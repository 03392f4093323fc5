"""One thing told, as the page shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from sysmail import audit
from sysmail.events import AUDIT_LOG_ADDED, COMMENT_POSTED
from sysmail.notifications import because_of_you
from sysmail.words import _

_TEXT_SHOWN = 200


@dataclass(frozen=True)
class Item:
    """`sentence` says what happened, `place` in which app, `text` how it begins, `why` why the
    person is told."""

    id: int
    at: datetime
    actor: str
    sentence: str
    place: str
    text: str
    why: str
    is_read: bool


def item(row: Row[*tuple[Any, ...]]) -> Item:
    """From a row of `heard`."""
    told = row.snapshot
    is_entry = row.kind == AUDIT_LOG_ADDED.name
    return Item(
        id=row.id,
        at=row.created_at,
        actor=audit.known_as(str(told.get("actor", ""))),
        sentence=_entry(told) if is_entry else _sentence(row.kind, told),
        place=_("Audit Log") if is_entry else str(told.get("app", "")),
        text="" if is_entry else _beginning(str(told.get("text", ""))),
        why=because_of_you(row.because),
        is_read=row.read_at is not None,
    )


def _sentence(kind: str, told: dict[str, Any]) -> str:
    names = {name: audit.known_as(str(told.get(name, ""))) for name in ("actor", "title")}
    if kind == COMMENT_POSTED.name:
        return _("%(actor)s commented on “%(title)s”", **names)
    return _("%(actor)s added “%(title)s”", **names)


def _entry(told: dict[str, Any]) -> str:
    return str(audit.describe(told["action"], told["details"]))


def _beginning(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _TEXT_SHOWN else f"{line[:_TEXT_SHOWN]}…"
