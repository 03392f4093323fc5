"""What the outbox asks of whoever composes: may it go, what shapes it, and the bytes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from sysmail.mime import Built


class Claimed(NamedTuple):
    """A claimed delivery's columns: all that composing and carrying it needs.

    `shape` is the JSON text as stored: many deliveries have the same one.
    """

    id: int
    kind: str
    priority: int
    event_id: int | None
    person_id: int | None
    because: str | None
    address: str
    name: str
    created_at: datetime
    due_at: datetime
    expires_at: datetime | None
    snapshot: str | None
    shape: str
    sha256: str | None
    uncertain_tries: int
    claim_token: str


@dataclass(frozen=True)
class Prepared:
    """Finished bytes."""

    built: Built


@dataclass(frozen=True)
class Withdrawn:
    """The mail is no longer wanted, allowed or current: no_access, deleted, …"""

    reason: str


@dataclass(frozen=True)
class CannotCompose:
    """The mail cannot be made; `detail` is a short text of ours.

    `for_now`: nothing is wrong with the mail, a key is missing that may come back.
    """

    detail: str
    for_now: bool = False


@dataclass(frozen=True)
class Later:
    """The mail waits until then, and no try is counted: its recipient wants to be left alone."""

    until: datetime


Outcome = Prepared | Withdrawn | CannotCompose | Later


@dataclass(frozen=True, eq=False)
class Composer:
    """`objection` is an SQL expression over Delivery: a reason not to send, or NULL.

    `shaping` gives SQL expressions for Delivery's address, name and shape; a claim writes them
    where no shape is written yet. `shapes` are the values of their parameters as of now.
    `fix` settles what claimed mails tell before any of them is prepared: it gives the claims
    back as they stand then, and writes, unless it gives back the very same.
    `prepare` answers for each claimed delivery, in order, and writes nothing.
    `heard` is told the ids of what was just accepted, and of what was not.
    `quiet` says which of these people want to be left alone now, and until when.
    """

    objection: ColumnElement[str | None]
    shaping: Mapping[str, ColumnElement[Any]]
    shapes: Callable[[Session], Mapping[str, Any]]
    prepare: Callable[[Session, Sequence[Claimed]], list[Outcome]]
    fix: Callable[[Session, Sequence[Claimed]], Sequence[Claimed]] = lambda _session, claims: claims
    heard: Callable[[Session, Sequence[int], Sequence[int]], None] = lambda *_ids: None
    quiet: Callable[[Session, Collection[int]], Mapping[int, datetime]] = lambda *_people: {}
