"""What the portal tells the world: one event, with everything its mails will need."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sysmail.events import COMMENT_POSTED, RECORD_ADDED, Snapshot, Subject, publish
from sysmail.people import Person
from sysmail.portal.mentions import Understood
from sysmail.portal.models import App, Comment, Record

MOST_COMMENTERS = 1000
_TOLD_LENGTH = 20_000


def tell_of_record(
    session: Session, person: Person, app: App, record: Record, body: Understood
) -> None:
    """Publishes record_added."""
    publish(
        session,
        RECORD_ADDED,
        person.id,
        Subject(app_id=app.id, record_id=record.id),
        _snapshot(person, app, record, body, {}),
    )


def tell_of_comment(
    session: Session, person: Person, app: App, record: Record, comment: Comment, text: Understood
) -> None:
    """Publishes comment_posted; concerned are the creator, last editor and earlier commenters."""
    concerned = {
        "creator": record.created_by,
        "editor": record.updated_by,
        "commenters": _commenters(session, comment),
    }
    publish(
        session,
        COMMENT_POSTED,
        person.id,
        Subject(app_id=app.id, record_id=record.id, comment_id=comment.id),
        _snapshot(person, app, record, text, concerned),
    )


def _snapshot(
    person: Person, app: App, record: Record, text: Understood, concerned: dict[str, Any]
) -> Snapshot:
    return Snapshot(
        {
            "app": app.name,
            "title": record.title,
            "text": _bounded(text.plain()),
            "actor": person.name,
            "mentioned": sorted(text.mentioned),
            "concerned": concerned,
        }
    )


def _commenters(session: Session, comment: Comment) -> list[int]:
    """Who commented before, the latest first, at most MOST_COMMENTERS."""
    statement = (
        select(Comment.created_by)
        .where(Comment.record_id == comment.record_id, Comment.id < comment.id)
        .group_by(Comment.created_by)
        .order_by(func.max(Comment.id).desc())
        .limit(MOST_COMMENTERS)
    )
    return list(session.scalars(statement))


def _bounded(text: str) -> str:
    return text if len(text) <= _TOLD_LENGTH else text[: _TOLD_LENGTH - 1] + "…"
