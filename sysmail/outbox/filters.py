"""What the failure history is asked for, and the statements that answer it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Self

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import InstrumentedAttribute

from sysmail.outbox.delivery import Delivery, State
from sysmail.outbox.unindexed import Unindexed

ANY = "all"
STATES = (*State, ANY)
TROUBLED_STATES = (State.QUEUED, State.SENDING, State.FAILED, State.UNCERTAIN, State.WITHDRAWN)
_ALWAYS_TROUBLED = ("", State.FAILED, State.UNCERTAIN)

Keys = Sequence[InstrumentedAttribute[Any]]


@dataclass(frozen=True)
class Filters:
    """What to show of the history; empty means all that is in trouble.

    `recipient` is a part of the address. A `state` alone means every delivery in it, tried or
    not, as the ledger counts them; `all` those in any.
    """

    state: str = ""
    cause: str = ""
    recipient: str = ""
    kind: str = ""
    since: datetime | None = None

    def __bool__(self) -> bool:
        return any((self.state, self.cause, self.recipient, self.kind, self.since))

    @property
    def is_troubled(self) -> bool:
        """Whether only deliveries in trouble fit; they are listed by the time of it."""
        return bool(self.cause) or self.state in _ALWAYS_TROUBLED

    def as_json(self) -> dict[str, str | None]:
        since = self.since.isoformat() if self.since else None
        return {**asdict(self), "since": since}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        since = values["since"]
        return cls(**{**values, "since": datetime.fromisoformat(since) if since else None})


def listed(filters: Filters) -> tuple[Select[Delivery], Keys]:
    """The deliveries that fit, newest first, and the columns that order them."""
    if filters.is_troubled:
        return troubled(filters), (Delivery.trouble_at, Delivery.id)
    conditions = _others(filters)
    if filters.since:
        conditions.append(Delivery.created_at >= filters.since)
    if filters.state != ANY:
        conditions.append(Delivery.state == filters.state)
    if filters.state not in (ANY, State.SENDING):
        # With both its columns given, SQLite reads the index of states in the order of ids.
        conditions.append(Delivery.worker_id.is_(None))
    return select(Delivery).where(*conditions).order_by(Delivery.id.desc()), (Delivery.id,)


def troubled(filters: Filters | None = None) -> Select[Delivery]:
    """Deliveries whose last try did not succeed, newest trouble first by (trouble_at, id)."""
    statement = select(Delivery).where(*in_trouble(filters or Filters()))
    return statement.order_by(Delivery.trouble_at.desc(), Delivery.id.desc())


def in_trouble(filters: Filters) -> list[ColumnElement[bool]]:
    """The conditions of `troubled`."""
    conditions = [Delivery.trouble_at.is_not(None), *_state_and_cause(filters), *_others(filters)]
    if filters.since:
        conditions.append(Delivery.trouble_at >= filters.since)
    return conditions


def _state_and_cause(filters: Filters) -> list[ColumnElement[bool]]:
    """Both together are an index's prefix. One alone would lead SQLite, which has no figures,
    to sort all that fits instead of reading along the index of times."""
    given = {Delivery.state: filters.state, Delivery.cause: filters.cause}
    both = all(given.values())
    wanted = {column: value for column, value in given.items() if value and value != ANY}
    return [(column if both else Unindexed(column)) == value for column, value in wanted.items()]


def _others(filters: Filters) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filters.kind:
        conditions.append(Unindexed(Delivery.kind) == filters.kind)
    if filters.recipient:
        conditions.append(Delivery.address.icontains(filters.recipient, autoescape=True))
    return conditions
