"""Who hears of an event, and why; who does not, and why not. All of it SQL over people."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, literal, null, select, true

from sysmail import preferences
from sysmail.db import Id
from sysmail.events import AUDIT_LOG_ADDED, Event
from sysmail.notifications.bounces import BOUNCING
from sysmail.notifications.filling import UNPLACED
from sysmail.people import Person
from sysmail.portal import app_access

ADMINISTRATOR = "administrator"
FOLLOWS = "follows"
MENTIONED = "mentioned"
OWN_ACTION = "own_action"
DISABLED = "disabled"

Span = tuple[int, int | None]


def concerned(event: Event) -> ColumnElement[bool]:
    """A condition on Person: those who may see what the event is about."""
    if event.kind == AUDIT_LOG_ADDED.name:
        return Person.is_administrator & Person.active
    return app_access(Person.id, event.app_id) & Person.erased_at.is_(None)


def within(span: Span) -> ColumnElement[bool]:
    """A condition on Person: ids above the first of the span, up to the last where it has one."""
    first, last = span
    return (Person.id > first) & (Person.id <= last if last is not None else true())


def decisions(event: Event, span: Span) -> Select[Any]:
    """Rows (event_id, person_id, because, skip, summary_id), one for each person concerned.

    What is to wait for a summary has UNPLACED there.
    """
    because = _because(event, span)
    bounces = case((Person.bouncing_since.is_not(None), literal(BOUNCING)), else_=null())
    skip = case(
        (Person.id == event.actor_id, literal(OWN_ACTION)),
        (~Person.active, literal(DISABLED)),
        else_=func.coalesce(preferences.objection(literal(event.kind), because), bounces),
    )
    columns = (literal(event.id, Id), Person.id, because, skip, _summary(because, skip))
    decided = select(*columns).select_from(Person)
    return (
        preferences.with_choices(decided, Person.id, event.app_id, event.record_id)
        .where(within(span), concerned(event))
        .order_by(Person.id)
    )


def _summary(because: ColumnElement[str], skip: ColumnElement[Any]) -> ColumnElement[Any]:
    """Asked in this order: for most people the first question is the last."""
    return case(
        (preferences.frequency() == "immediate", null()),
        (skip.is_not(None), null()),
        (preferences.mentions_at_once() & (because == MENTIONED), null()),
        else_=literal(UNPLACED, Id),
    )


def _because(event: Event, span: Span) -> ColumnElement[str]:
    if event.kind == AUDIT_LOG_ADDED.name:
        return literal(ADMINISTRATOR)
    named = event.snapshot.get("concerned", {})
    reasons = {
        MENTIONED: event.snapshot.get("mentioned", []),
        "creator": [named.get("creator")],
        "editor": [named.get("editor")],
        "commenter": named.get("commenters", []),
    }
    cases = [
        (Person.id.in_(ids), literal(reason))
        for reason, everyone in reasons.items()
        if (ids := [id_ for id_ in everyone if _is_within(id_, span)])
    ]
    return case(*cases, else_=literal(FOLLOWS)) if cases else literal(FOLLOWS)


def _is_within(person_id: int | None, span: Span) -> bool:
    first, last = span
    return person_id is not None and person_id > first and (last is None or person_id <= last)
