"""The failure history: deliveries whose last try did not succeed, and sending them again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, Select, func, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import Update

from sysmail import clock
from sysmail.audit import Actor, record
from sysmail.outbox.delivery import Attempt, Delivery, State
from sysmail.words import _

TROUBLED_STATES = (State.QUEUED, State.SENDING, State.FAILED, State.UNCERTAIN, State.WITHDRAWN)
_ATTEMPTS_SHOWN = 200
_ATTEMPTS_LOOKED_BACK = 10_000


@dataclass(frozen=True)
class Filters:
    """What to show of the history; empty means all. `recipient` is a part of the address."""

    state: str = ""
    cause: str = ""
    recipient: str = ""
    since: datetime | None = None

    def __bool__(self) -> bool:
        return bool(self.state or self.cause or self.recipient or self.since)


@dataclass(frozen=True)
class Retried:
    """The delivery is due now. `may_repeat`: the server may already have taken a copy."""

    may_repeat: bool


@dataclass(frozen=True)
class NotRetriable:
    """Why it cannot be sent again, in a sentence for people."""

    reason: str


def troubled(filters: Filters | None = None) -> Select[Delivery]:
    """Deliveries whose last try did not succeed, newest trouble first by (trouble_at, id)."""
    shown = filters or Filters()
    statement = select(Delivery).where(Delivery.trouble_at.is_not(None))
    if shown.state:
        statement = statement.where(Delivery.state == shown.state)
    if shown.cause:
        statement = statement.where(Delivery.cause == shown.cause)
    if shown.recipient:
        statement = statement.where(Delivery.address.icontains(shown.recipient, autoescape=True))
    if shown.since:
        statement = statement.where(Delivery.trouble_at >= shown.since)
    return statement.order_by(Delivery.trouble_at.desc(), Delivery.id.desc())


def last_attempts(session: Session, deliveries: Sequence[Delivery]) -> dict[int, Attempt]:
    """Each delivery's last try by the delivery's id, in one query for all."""
    newest = (
        select(func.max(Attempt.id))
        .where(Attempt.delivery_id.in_([delivery.id for delivery in deliveries]))
        .group_by(Attempt.delivery_id)
    )
    found = session.scalars(select(Attempt).where(Attempt.id.in_(newest)))
    return {attempt.delivery_id: attempt for attempt in found}


def attempts_of(session: Session, delivery_id: int) -> Sequence[Attempt]:
    """The tries of one delivery, newest first, at most 200."""
    of_it = select(Attempt).where(Attempt.delivery_id == delivery_id)
    return session.scalars(of_it.order_by(Attempt.id.desc()).limit(_ATTEMPTS_SHOWN)).all()


def quiet_since(session: Session) -> datetime | None:
    """Since when every try succeeded, as far as the last 10,000 tell; None when none was made."""
    recent = (
        select(Attempt.id, Attempt.at, Attempt.outcome)
        .order_by(Attempt.id.desc())
        .limit(_ATTEMPTS_LOOKED_BACK)
        .subquery()
    )
    trouble = select(func.max(recent.c.at)).where(recent.c.outcome != "sent")
    last: datetime | None = session.scalar(trouble)
    return last or session.scalar(select(func.min(recent.c.at)))


def refusal(delivery: Delivery) -> NotRetriable | None:
    """Why an administrator cannot send it again; None when that is possible."""
    now = clock.now()
    if delivery.kind == "test":
        return NotRetriable(
            _("A test e-mail belongs to one save. Save the System Mail Account again to send one.")
        )
    if delivery.state == State.SENDING:
        return NotRetriable(_("It is being sent right now."))
    if delivery.state == State.SENT:
        return NotRetriable(_("The mail server has already accepted it."))
    if delivery.state == State.WITHDRAWN:
        return NotRetriable(_("It is no longer wanted or allowed, so it was withdrawn for good."))
    if delivery.held and delivery.state == State.QUEUED:
        return NotRetriable(_("It is held. Release it on the page Held e-mail."))
    if delivery.state == State.QUEUED and delivery.due_at <= now:
        return NotRetriable(_("It already waits to be sent."))
    if delivery.kind == "account" and not _has_content(delivery, now):
        return NotRetriable(
            _("The link it carried is no longer valid. Have a new mail sent instead.")
        )
    return None


def retry_delivery(session: Session, delivery_id: int, actor: Actor) -> Retried | NotRetriable:
    """Makes a failed, uncertain or later due delivery due now, its tries counted anew.

    Whoever changed it meanwhile wins; then nothing is changed here.
    """
    delivery = session.get(Delivery, delivery_id)
    if delivery is None:
        return NotRetriable(_("There is no such delivery."))
    if refused := refusal(delivery):
        return refused
    before = delivery.state
    if not _changed(session, _make_due(delivery)):
        return NotRetriable(_("It has just changed. Look at it again."))
    details = {"delivery": delivery_id, "recipient": delivery.address, "state": before}
    record(session, "delivery_retried", actor, {**details, "cause": delivery.cause})
    return Retried(may_repeat=before == State.UNCERTAIN or delivery.uncertain_tries > 0)


def _has_content(delivery: Delivery, now: datetime) -> bool:
    if delivery.snapshot is None:
        return False
    return delivery.expires_at is None or delivery.expires_at > now


def _make_due(delivery: Delivery) -> Update:
    return (
        update(Delivery)
        .where(
            Delivery.id == delivery.id,
            Delivery.state == delivery.state,
            Delivery.due_at == delivery.due_at,
        )
        .values(state=State.QUEUED, due_at=clock.now(), tries=0, settled_at=None)
        .execution_options(synchronize_session="fetch")
    )


def _changed(session: Session, statement: Update) -> bool:
    result: CursorResult[Any] = session.execute(statement)  # type: ignore[assignment]
    return result.rowcount == 1
