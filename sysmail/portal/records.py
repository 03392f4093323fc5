"""Records and comments: each new one publishes its event; edits and deletions publish none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from sysmail import audit, clock
from sysmail.people import Person
from sysmail.portal.mentions import understand
from sysmail.portal.models import App, Comment, Record
from sysmail.portal.news import tell_of_comment, tell_of_record

T = TypeVar("T", Record, Comment)


@dataclass(frozen=True)
class Written(Generic[T]):
    """What was stored, and the addresses mentioned in it that nobody can be told by."""

    thing: T
    unknown: tuple[str, ...]


def find_record(session: Session, app: App, record_id: int) -> Record | None:
    """The record, if it stands in this app."""
    return session.scalar(select(Record).where(Record.id == record_id, Record.app_id == app.id))


def find_comment(session: Session, record: Record, comment_id: int) -> Comment | None:
    """The comment, if it stands under this record."""
    return session.scalar(
        select(Comment).where(Comment.id == comment_id, Comment.record_id == record.id)
    )


def add_record(
    session: Session, person: Person, app: App, title: str, body: str
) -> Written[Record]:
    """A new record in the app; `body` as it was typed. Publishes record_added."""
    understood = understand(session, body, app.id)
    now = clock.now()
    record = Record(
        app_id=app.id,
        title=title,
        body=understood.text,
        created_at=now,
        created_by=person.id,
        updated_at=now,
        updated_by=person.id,
    )
    session.add(record)
    session.flush()
    tell_of_record(session, person, app, record, understood)
    return Written(record, understood.unknown)


def change_record(
    session: Session, person: Person, record: Record, title: str, body: str
) -> Written[Record]:
    """The record with another title and body, this person being its last editor."""
    understood = understand(session, body, record.app_id, earlier=record.body)
    record.title, record.body = title, understood.text
    record.updated_at, record.updated_by = clock.now(), person.id
    session.flush()
    return Written(record, understood.unknown)


def delete_record(session: Session, person: Person, app: App, record: Record) -> None:
    """Deletes the record and its comments; audited where it was another person's."""
    if record.created_by != person.id:
        details = {"app": app.name, "title": record.title, "record_id": record.id}
        audit.record(session, "record_deleted", person.actor, details)
    session.delete(record)
    session.flush()


def add_comment(
    session: Session, person: Person, app: App, record: Record, text: str
) -> Written[Comment]:
    """A new comment under the record; `text` as it was typed. Publishes comment_posted."""
    understood = understand(session, text, app.id)
    comment = Comment(
        record_id=record.id, text=understood.text, created_at=clock.now(), created_by=person.id
    )
    session.add(comment)
    session.flush()
    tell_of_comment(session, person, app, record, comment, understood)
    return Written(comment, understood.unknown)


def change_comment(
    session: Session, record: Record, comment: Comment, text: str
) -> Written[Comment]:
    """The comment with another text."""
    understood = understand(session, text, record.app_id, earlier=comment.text)
    comment.text = understood.text
    session.flush()
    return Written(comment, understood.unknown)


def delete_comment(session: Session, comment: Comment) -> None:
    """Deletes the comment."""
    session.delete(comment)
    session.flush()
