"""What is stored about a person, for themselves: all of it, and nothing of anybody else."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.audit import Entry
from sysmail.events import Event
from sysmail.notifications import Notification
from sysmail.outbox import Attempt, Delivery
from sysmail.people import Person
from sysmail.portal import App, Comment, Membership, Mention, Record, pieces
from sysmail.preferences import AppChoice, Preference, RecordChoice, choice_of

_AT_ONCE = 500
Rows = tuple[Select[Any], Callable[[Any], dict[str, Any]]]


def take_out(session: Session, person: Person) -> Iterator[str]:
    """One JSON document in pieces, so that much history needs little memory. Times are UTC.

    Texts are the person's own; whom they mention is not named in them. Of what others wrote
    there are the ids alone.
    """
    yield '{"taken_at": ' + _json(clock.now()) + ',\n"person": ' + _json(_account(person))
    yield ',\n"choice": ' + _json(_choice(session, person))
    for name, (rows, told) in _parts(person).items():
        yield f',\n"{name}": ['
        yield from _listed(session, rows, told)
        yield "]"
    yield "}\n"


def _listed(
    session: Session, rows: Select[Any], told: Callable[[Any], dict[str, Any]]
) -> Iterator[str]:
    """Page after page by the first column, an id: no statement stays open for long."""
    key, after, comma = rows.selected_columns[0], 0, "\n"
    while True:
        page = session.execute(rows.where(key > after).order_by(key).limit(_AT_ONCE)).all()
        for row in page:
            yield comma + _json(told(row))
            comma = ",\n"
        if len(page) < _AT_ONCE:
            return
        after = page[-1][0]


def _account(person: Person) -> dict[str, Any]:
    return {
        "id": person.id,
        "email": person.email,
        "name": person.name,
        "administrator": person.is_administrator,
        "active": person.active,
        "added_at": person.created_at,
        "address_refuses_mail_since": person.bouncing_since,
    }


def _choice(session: Session, person: Person) -> dict[str, Any]:
    stored = session.get(Preference, person.id)
    chosen_at = stored.chosen_at if stored else None
    return asdict(choice_of(session, person.id)) | {"chosen_at": chosen_at}


def _parts(person: Person) -> dict[str, Rows]:
    own = person.id
    return {
        "memberships": (
            select(App.id, App.name)
            .join(Membership, Membership.app_id == App.id)
            .where(Membership.person_id == own),
            _as_it_is,
        ),
        "apps": (_made(App, own, App.name, App.created_at), _as_it_is),
        "app_choices": (_modes(AppChoice.app_id, AppChoice.mode, AppChoice.person_id, own)),
        "record_choices": (
            _modes(RecordChoice.record_id, RecordChoice.mode, RecordChoice.person_id, own)
        ),
        "records": (_made(Record, own, *_RECORD), _written(person, "body")),
        "comments": (_made(Comment, own, *_COMMENT), _written(person, "text")),
        "told": (
            select(*_TOLD)
            .join(Event, Event.id == Notification.event_id)
            .where(Notification.person_id == own),
            _as_it_is,
        ),
        "mails": (select(*_MAIL).where(Delivery.person_id == own), _as_it_is),
        "tries": (
            select(*_TRY)
            .join(Delivery, Delivery.id == Attempt.delivery_id)
            .where(Delivery.person_id == own),
            _as_it_is,
        ),
        "audit_log": (
            select(Entry.id, Entry.at, Entry.action, (Entry.actor_id == own).label("by_you")).where(
                or_(
                    Entry.actor_id == own,
                    (Entry.action.startswith("user_") & (Entry.details["id"].as_integer() == own)),
                )
            ),
            _as_it_is,
        ),
    }


_RECORD = (Record.app_id, Record.title, Record.body, Record.created_at, Record.updated_at)
_COMMENT = (Comment.record_id, Comment.text, Comment.created_at)
_TOLD = (
    *(Notification.id, Event.kind, Event.created_at, Event.app_id, Event.record_id),
    *(Event.comment_id, Notification.because, Notification.skip, Notification.dropped),
    Notification.read_at,
)
_MAIL = (
    *(Delivery.id, Delivery.kind, Delivery.state, Delivery.reason, Delivery.address),
    *(Delivery.name, Delivery.created_at, Delivery.settled_at, Delivery.cause),
)
_TRY = (
    *(Attempt.id, Attempt.delivery_id, Attempt.at, Attempt.outcome, Attempt.code),
    *(Attempt.enhanced, Attempt.words, Attempt.host),
)


def _made(model: Any, person_id: int, *columns: Any) -> Select[Any]:
    return select(model.id, *columns).where(model.created_by == person_id)


def _modes(thing: Any, mode: Any, owner: Any, person_id: int) -> Rows:
    return select(thing, mode).where(owner == person_id), _as_it_is


def _as_it_is(row: Any) -> dict[str, Any]:
    return dict(row._mapping)


def _written(person: Person, field: str) -> Callable[[Any], dict[str, Any]]:
    """A text as it is read, with nobody's name but the person's own."""
    own = {person.id: Mention(person.name, person.email)}

    def told(row: Any) -> dict[str, Any]:
        values = dict(row._mapping)
        return values | {field: "".join(map(str, pieces(values[field], own)))}

    return told


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: datetime) -> str:
    return value.isoformat()
