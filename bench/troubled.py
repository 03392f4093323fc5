"""A failure history of any length."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import insert

from bench.house import House
from sysmail import clock
from sysmail.db import db
from sysmail.outbox import Attempt, Delivery, Priority, State, Worker

_AT_ONCE = 20_000
_SERVER = {"host": "smtp.example.com", "port": 587, "encryption": "starttls", "tls": "TLSv1.3"}
_SEEN = {
    "outcome": "permanent",
    "scope": "message",
    "phase": "rcpt",
    "cause": "recipient_unknown",
    "code": 550,
    "enhanced": "5.1.1",
    "words": "user unknown",
    "authenticated": True,
    "milliseconds": 210,
    "transcript": "< 220 smtp.example.com ESMTP\n> EHLO portal.example.com\n> AUTH PLAIN ***",
}


def fill(home: House, length: int) -> None:
    """So many deliveries that failed, a second apart, each with one try."""
    began = clock.now() - timedelta(seconds=length)
    with home.app.app_context():
        session = db.session()
        for first in range(1, length + 1, _AT_ONCE):
            numbers = range(first, min(length + 1, first + _AT_ONCE))
            times = [(number, began + timedelta(seconds=number)) for number in numbers]
            session.execute(insert(Delivery), [_delivery(*one) for one in times])
            session.execute(insert(Attempt), [_attempt(*one) for one in times])
            session.commit()


def put_worker(home: House) -> None:
    """One that counts as alive, so that pages need not say that there is none."""
    now = clock.now()
    seen = {"id": "bench", "boot_id": "bench", "pid": 1, "started_at": now, "beats": 1}
    with home.app.app_context():
        db.session.add(Worker(**seen, seen_at=now + timedelta(hours=1)))
        db.session.commit()


def _delivery(number: int, at: Any) -> dict[str, Any]:
    return {
        "id": number,
        "kind": "comment_posted",
        "state": State.FAILED,
        "priority": Priority.NOTIFICATION,
        "event_id": None,
        "address": f"person{number}@example.com",
        "name": f"Person {number}",
        "created_at": at,
        "due_at": at,
        "tries": 1,
        "cause": _SEEN["cause"],
        "trouble_at": at,
        "settled_at": at,
    }


def _attempt(number: int, at: Any) -> dict[str, Any]:
    return {"id": number, "delivery_id": number, "at": at, **_SERVER, **_SEEN}
