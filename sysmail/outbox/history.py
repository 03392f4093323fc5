"""The failure history: the tries of deliveries, and sending one again or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, Row, Select, and_, func, or_, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import Update

from sysmail import clock
from sysmail.audit import Actor, record
from sysmail.outbox.delivery import Attempt, Delivery, State
from sysmail.outbox.unindexed import Unindexed
from sysmail.words import _

_ATTEMPTS_SHOWN = 200
_ATTEMPTS_LOOKED_BACK = 10_000
CANCELLED = "cancelled"

# What a list shows of a delivery and of its last try: whole rows would cost five times as much.
_SHOWN = (
    *(Delivery.id, Delivery.state, Delivery.cause, Delivery.kind, Delivery.address, Delivery.name),
    *(Delivery.priority, Delivery.held, Delivery.uncertain_tries, Delivery.reason),
    *(Delivery.created_at, Delivery.due_at, Delivery.trouble_at, Delivery.settled_at),
    *(Delivery.expires_at, Delivery.snapshot.is_not(None).label("snapshot")),
)
_SEEN = (
    *(Attempt.delivery_id, Attempt.at, Attempt.outcome, Attempt.cause),
    *(Attempt.phase, Attempt.code, Attempt.enhanced, Attempt.words, Attempt.host, Attempt.port),
    *(Attempt.mode, Attempt.encryption, Attempt.authenticated),
)
AnyRow = Row[*tuple[Any, ...]]
Shown = Delivery | AnyRow
Seen = Attempt | AnyRow


@dataclass(frozen=True)
class Retried:
    """The delivery is due now. `may_repeat`: the server may already have taken a copy."""

    may_repeat: bool


@dataclass(frozen=True)
class NotRetriable:
    """Why it cannot be sent again, in a sentence for people."""

    reason: str


def shown(statement: Select[Any]) -> Select[*tuple[Any, ...]]:
    """The same deliveries as light rows; `snapshot` only says whether there is one."""
    return statement.with_only_columns(*_SHOWN)


def last_seen(session: Session, delivery_ids: Iterable[int]) -> dict[int, AnyRow]:
    """Each delivery's last try as a light row, by the delivery's id, in one query for all."""
    found = session.execute(select(*_SEEN).where(Attempt.id.in_(_newest(delivery_ids))))
    return {row.delivery_id: row for row in found}


def last_attempts(session: Session, deliveries: Sequence[Delivery]) -> dict[int, Attempt]:
    """Each delivery's last try by the delivery's id, in one query for all."""
    newest = _newest(delivery.id for delivery in deliveries)
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


def is_retriable(now: datetime) -> ColumnElement[bool]:
    """`refusal` as SQL: whether an administrator can send a Delivery again."""
    state = Unindexed(Delivery.state)
    later = and_(state == State.QUEUED, Delivery.held.is_(False), Delivery.due_at > now)
    lives = or_(Delivery.expires_at.is_(None), Delivery.expires_at > now)
    return and_(
        Delivery.kind != "test",
        or_(state.in_((State.FAILED, State.UNCERTAIN)), later),
        or_(Delivery.kind != "account", and_(Delivery.snapshot.is_not(None), lives)),
    )


def refusal(delivery: Shown) -> NotRetriable | None:
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
    due_now = _as_seen(delivery).values(
        state=State.QUEUED, due_at=clock.now(), tries=0, settled_at=None
    )
    if not _changed(session, due_now):
        return NotRetriable(_("It has just changed. Look at it again."))
    details = {"delivery": delivery_id, "recipient": delivery.address, "state": before}
    record(session, "delivery_retried", actor, {**details, "cause": delivery.cause})
    return Retried(may_repeat=before == State.UNCERTAIN or delivery.uncertain_tries > 0)


def is_cancellable(delivery: Delivery) -> bool:
    """Whether it still waits, so that an administrator can have it not sent."""
    waits = delivery.state == State.QUEUED and not delivery.held
    return waits or delivery.state == State.UNCERTAIN


def cancel_delivery(session: Session, delivery_id: int, actor: Actor) -> bool:
    """Withdraws a delivery that waits, with the reason "cancelled"; False where it does not."""
    delivery = session.get(Delivery, delivery_id)
    if delivery is None or not is_cancellable(delivery):
        return False
    before = delivery.state
    gone = _as_seen(delivery).values(
        state=State.WITHDRAWN, reason=CANCELLED, settled_at=clock.now(), snapshot=None
    )
    if not _changed(session, gone):
        return False
    details = {"delivery": delivery_id, "recipient": delivery.address, "state": before}
    record(session, "delivery_cancelled", actor, details)
    return True


def _newest(delivery_ids: Iterable[int]) -> Select[int]:
    """The ids of each one's last try."""
    wanted = Attempt.delivery_id.in_(list(delivery_ids))
    return select(func.max(Attempt.id)).where(wanted).group_by(Attempt.delivery_id)


def _has_content(delivery: Shown, now: datetime) -> bool:
    if not delivery.snapshot:
        return False
    return delivery.expires_at is None or delivery.expires_at > now


def _as_seen(delivery: Delivery) -> Update:
    return (
        update(Delivery)
        .where(
            Delivery.id == delivery.id,
            Delivery.state == delivery.state,
            Delivery.due_at == delivery.due_at,
        )
        .execution_options(synchronize_session="fetch")
    )


def _changed(session: Session, statement: Update) -> bool:
    result: CursorResult[Any] = session.execute(statement)  # type: ignore[assignment]
    return result.rowcount == 1
