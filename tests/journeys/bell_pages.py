"""The bell's page, who was told, and why somebody did or did not get a mail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from sysmail.events import Event
from sysmail.notifications import post_account_mail
from sysmail.outbox import State
from tests.journeys.looks import Look, open_details, press

if TYPE_CHECKING:
    from tests.journeys.furnished import House

RECORD = "/apps/{leads}/records/{record}"
MAIL = "/admin/users/{dan}/mail"

BELL = [
    Look("/notifications", "bob"),
    Look("/notifications", "carol", "nothing"),
    Look("/notifications?show=read", "bob", "nothing"),
    Look(RECORD, "alice", "who was told", open_details),
    Look(RECORD, "dan", "what was decided for oneself", open_details),
    Look(RECORD + "/told"),
    Look(RECORD + "/comments/{comment}/told"),
    Look(RECORD + "/comments/{comment}/told?way=summary", name="nobody"),
    Look(MAIL),
    Look(MAIL, name="refused", act=press("Show why", about="somewhere"), answers=(422,)),
    Look(MAIL + "/{event}"),
    Look("/admin/users/{bob}/mail/{event}", name="accepted"),
    Look("/admin/system-mail/failures/{own_mail}/why"),
]


def put_questions(house: House, session: Session) -> None:
    """The places of BELL that the portal's own story has none for."""
    commented = select(Event.id).where(Event.comment_id.is_not(None)).order_by(Event.id)
    house.places["event"] = session.scalars(commented.limit(1)).one()
    vault = house.app.extensions["sysmail.vault"]
    mail = post_account_mail(session, vault, house.people["dan"], "invitation", "http://x/1")
    mail.state, mail.reason, mail.snapshot = State.WITHDRAWN, "expired", None
    house.places["own_mail"] = mail.id
    session.commit()
