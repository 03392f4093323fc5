"""Proof of arrival: somebody who holds a test mail pressed the button behind its link."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, Session, mapped_column

from sysmail import clock
from sysmail.db import Base, Id, UtcTime, inserting
from sysmail.outbox.delivery import Delivery

_TOKEN = re.compile(r"(\d{1,18})\.([A-Za-z0-9_-]{43})", re.ASCII)


class Arrival(Base):
    """A test mail that was received, and when that was first said."""

    __tablename__ = "arrival"

    delivery_id: Mapped[int] = mapped_column(
        Id, ForeignKey("delivery.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    received_at: Mapped[datetime] = mapped_column(UtcTime)


def arrival_token(key: bytes, delivery_id: int) -> str:
    """Fit for a URL; it holds no time."""
    return f"{delivery_id}.{_signature(key, delivery_id)}"


def read_arrival(session: Session, key: bytes, token: str) -> Delivery | None:
    """The test mail that carries the token; None for one that was not made with `key`."""
    parts = _TOKEN.fullmatch(token)
    if parts is None or not hmac.compare_digest(parts[2], _signature(key, int(parts[1]))):
        return None
    delivery = session.get(Delivery, int(parts[1]))
    return delivery if delivery is not None and delivery.kind == "test" else None


def note_arrival(session: Session, delivery: Delivery) -> None:
    """Notes it once; later presses change nothing."""
    values = {"delivery_id": delivery.id, "received_at": clock.now()}
    new = inserting(session.get_bind().dialect.name, Arrival)
    session.execute(new.values(values).on_conflict_do_nothing())


def arrived_at(session: Session, delivery_id: int) -> datetime | None:
    """When the mail was first said to be received; None before."""
    arrival = session.get(Arrival, delivery_id)
    return arrival.received_at if arrival else None


def _signature(key: bytes, delivery_id: int) -> str:
    digest = hmac.new(key, f"received {delivery_id}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
