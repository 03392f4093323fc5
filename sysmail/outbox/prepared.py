"""What the outbox asks of whoever composes: the bytes, or why there are none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from sysmail.mime import Built
from sysmail.outbox.delivery import Delivery


@dataclass(frozen=True)
class Prepared:
    """Finished bytes, and the shaping values to keep so that a repeat is equal."""

    built: Built
    address: str
    name: str
    shape: dict[str, Any]


@dataclass(frozen=True)
class Withdrawn:
    """The mail is no longer wanted, allowed or current: no_access, deleted, …"""

    reason: str


@dataclass(frozen=True)
class CannotCompose:
    """The mail cannot be made; `detail` is a short text of ours."""

    detail: str


Outcome = Prepared | Withdrawn | CannotCompose


@dataclass(frozen=True)
class Composer:
    """`objection` is an SQL expression over Delivery: a reason not to send, or NULL."""

    objection: ColumnElement[str | None]
    prepare: Callable[[Session, Delivery], Outcome]
