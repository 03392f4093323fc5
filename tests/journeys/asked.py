"""What the pages that answer "why" are asked about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from sysmail.events import Event
from sysmail.notifications import post_account_mail
from sysmail.outbox import State

if TYPE_CHECKING:
    from tests.journeys.furnished import House


def put_questions(house: House, session: Session) -> None:
    """A comment that was told, and a mail about a person's own account."""
    commented = select(Event.id).where(Event.comment_id.is_not(None)).order_by(Event.id)
    house.places["event"] = session.scalars(commented.limit(1)).one()
    vault = house.app.extensions["sysmail.vault"]
    mail = post_account_mail(session, vault, house.people["dan"], "invitation", "http://x/1")
    mail.state, mail.reason, mail.snapshot = State.WITHDRAWN, "expired", None
    house.places["own_mail"] = mail.id
    session.commit()
