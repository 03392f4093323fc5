"""The outcome of a test e-mail: what Save leads to, and the block that follows it live."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Response, abort
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.account import current, uses_oauth
from sysmail.db import db
from sysmail.diagnosis import Explanation, explain
from sysmail.outbox import Attempt, Delivery, State, arrived_at, last_attempts, worker_alive
from sysmail.web import here, kit
from sysmail.web.system_mail.blueprint import blueprint

_SHOWN = {State.QUEUED: "waiting", State.SENDING: "waiting"}
_ARRIVABLE = (State.SENT, State.UNCERTAIN)
_ARRIVES_WITHIN = timedelta(minutes=10)


@dataclass(frozen=True)
class Outcome:
    """A test mail as it stands. `state` waiting | sent | received | failed | uncertain | withdrawn.

    `last` is its last try, `explanation` what that means unless it was accepted.
    """

    delivery: Delivery
    state: str
    last: Attempt | None
    explanation: Explanation | None
    has_worker: bool
    received_at: datetime | None

    @property
    def is_moving(self) -> bool:
        """It changes by itself, so the block asks again."""
        return self.state == "waiting"

    @property
    def awaits_arrival(self) -> bool:
        """Somebody may press the mail's button soon, so the block asks for a while."""
        tried_at = self.last.at if self.last else None
        if self.state != State.SENT or tried_at is None:
            return False
        return clock.now() - tried_at < _ARRIVES_WITHIN

    @property
    def is_deferred(self) -> bool:
        """Tried, and to be tried again later."""
        return self.state == "waiting" and self.explanation is not None

    @property
    def polls_every(self) -> str:
        return "5s" if self.is_deferred else "2s" if self.awaits_arrival else "1s"

    @property
    def seconds(self) -> str:
        return f"{(self.last.milliseconds if self.last else 0) / 1000:.1f}"

    @property
    def reply(self) -> str:
        """The server's own words, with the codes before them."""
        if self.last is None:
            return ""
        enhanced = self.last.enhanced or ""
        if self.last.words.startswith(enhanced):
            enhanced = ""
        parts = (str(self.last.code or ""), enhanced, self.last.words)
        return " ".join(part for part in parts if part)


@blueprint.get("/system-mail/tests/<int:delivery_id>")
@kit.administrator
def test(delivery_id: int) -> ResponseReturnValue:
    """The page."""
    return _page(delivery_id)


@blueprint.get("/system-mail/tests/<int:delivery_id>/outcome")
@kit.administrator
def test_outcome(delivery_id: int) -> ResponseReturnValue:
    """What the page's block asks while it follows the test."""
    return _page(delivery_id, "outcome")


def _page(delivery_id: int, *blocks: str) -> Response:
    found = _outcome(db.session(), delivery_id) or abort(404)
    account = current(db.session())
    return kit.render_page("system_mail/test.html", *blocks, test=found, account=account)


def _outcome(session: Session, delivery_id: int) -> Outcome | None:
    delivery = session.get(Delivery, delivery_id)
    if delivery is None or delivery.kind != "test":
        return None
    last = last_attempts(session, [delivery]).get(delivery_id)
    received_at = arrived_at(session, delivery_id)
    shown = _SHOWN.get(State(delivery.state), str(delivery.state))
    return Outcome(
        delivery=delivery,
        state="received" if received_at and shown in _ARRIVABLE else shown,
        last=last,
        explanation=_explanation(session, delivery, last),
        has_worker=worker_alive(session),
        received_at=received_at,
    )


def _explanation(session: Session, delivery: Delivery, last: Attempt | None) -> Explanation | None:
    if delivery.cause is None or delivery.state == State.SENT:
        return None
    account = current(session)
    external = account.mail_server == "external"
    return explain(
        delivery.cause,
        host=last.host if last else "",
        address=delivery.address,
        words=last.words if last else "",
        code=last.code if last else None,
        enhanced=last.enhanced if last else None,
        mode="external" if external else here.config().builtin,
        will_repeat=False,
        by_token=uses_oauth(account) and delivery.created_at >= account.changed_at,
    )
