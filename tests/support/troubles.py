"""Deliveries that met trouble, as rows: what the worker would have left behind."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.outbox import Attempt, Delivery, Priority, State

REFUSED_LOGIN: dict[str, Any] = {
    "outcome": "config",
    "scope": "account",
    "phase": "auth",
    "cause": "login_rejected",
    "code": 535,
    "enhanced": "5.7.8",
    "words": "authentication failed",
}
UNKNOWN_USER: dict[str, Any] = {
    "outcome": "permanent",
    "scope": "message",
    "phase": "rcpt",
    "cause": "recipient_unknown",
    "code": 550,
    "enhanced": "5.1.1",
    "words": "user unknown",
}
NO_ANSWER: dict[str, Any] = {
    "outcome": "uncertain",
    "scope": "message",
    "phase": "dot",
    "cause": "no_answer_after_data",
    "code": None,
    "enhanced": None,
    "words": "the connection was lost",
}


def troubled(
    session: Session,
    state: State = State.FAILED,
    seen: dict[str, Any] = UNKNOWN_USER,
    minutes_ago: float = 5,
    **changes: Any,
) -> Delivery:
    """One delivery whose last try ended with `seen`; committed."""
    delivery = Delivery(**_delivery(state, seen["cause"], minutes_ago) | changes)
    session.add(delivery)
    session.flush()
    session.add(Attempt(**_attempt(delivery.id, seen, minutes_ago)))
    session.commit()
    return delivery


def many_troubled(session: Session, count: int) -> None:
    """So many failed deliveries, the first one the oldest; committed."""
    ids = range(1, count + 1)
    rows = [_delivery(State.FAILED, "recipient_unknown", count - n) | {"id": n} for n in ids]
    for row in rows:
        row["address"] = f"person{row['id']}@example.com"
    session.execute(insert(Delivery), rows)
    session.execute(insert(Attempt), [_attempt(n, UNKNOWN_USER, count - n) for n in ids])
    session.commit()


def _delivery(state: State, cause: str, minutes_ago: float) -> dict[str, Any]:
    at = clock.now() - timedelta(minutes=minutes_ago)
    return {
        "kind": "comment_posted",
        "state": state,
        "priority": Priority.NOTIFICATION,
        "event_id": 1,
        "address": "bob@example.com",
        "name": "Bob",
        "created_at": at,
        "due_at": at,
        "tries": 3,
        "cause": cause,
        "trouble_at": at,
        "settled_at": at if state is State.FAILED else None,
    }


def _attempt(delivery_id: int, seen: dict[str, Any], minutes_ago: float) -> dict[str, Any]:
    return {
        "delivery_id": delivery_id,
        "at": clock.now() - timedelta(minutes=minutes_ago),
        "host": "smtp.example.com",
        "port": 587,
        "encryption": "starttls",
        "authenticated": True,
        "tls": "TLSv1.3",
        "milliseconds": 210,
        "transcript": "< 220 smtp.example.com ESMTP\n> EHLO portal.example.com\n> AUTH PLAIN ***",
        **seen,
    }
