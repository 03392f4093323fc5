"""People who are told by summaries, and a day's work without a worker around it.

with Sender(app) as sender, time_machine.travel(start) as traveller:
    sender.step()
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.db import db
from sysmail.notifications import Notification, composer, expand_next, turn_summaries
from sysmail.notifications.summary import Summary
from sysmail.outbox import Claimant, Delivery, Dispatcher, own_id
from sysmail.people import Person
from sysmail.preferences import Choice, store_whole_choice
from sysmail.smtp import Deadlines
from tests.support.smtp_client import PATIENT

HOURLY = Choice("all", 7, "html", frequency="hourly")


def wants_summaries(session: Session, *people: Person, choice: Choice = HOURLY) -> None:
    for person in people:
        store_whole_choice(session, person.id, choice)
    session.commit()


def fall_due(session: Session) -> None:
    """Every summary that fills is due now, whatever the choice says."""
    session.execute(update(Summary).where(Summary.posted_at.is_(None)).values(due_at=clock.now()))
    session.commit()


def items(session: Session, person: Person) -> Sequence[Notification]:
    """All that ever stood in a summary of this person, in order."""
    session.expire_all()
    found = select(Notification).where(
        Notification.person_id == person.id, Notification.summary_id.is_not(None)
    )
    return session.scalars(found.order_by(Notification.id)).all()


def digests(session: Session) -> list[Delivery]:
    session.expire_all()
    found = select(Delivery).where(Delivery.kind == "digest").order_by(Delivery.id)
    return list(session.scalars(found))


class Sender:
    """What a worker does in its turns; `step` returns when nothing is left to do now."""

    def __init__(self, app: Flask, deadlines: Deadlines = PATIENT) -> None:
        config, vault = app.extensions["sysmail.config"], app.extensions["sysmail.vault"]
        claimant = Claimant(own_id(), config.uncertain_tries)
        made = composer(config, vault)
        self._dispatcher = Dispatcher(config, vault, made, claimant, lambda: True, deadlines)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._dispatcher.abandon()
        db.session.expire_all()

    def gather(self) -> None:
        """Everything but the mail: events expanded, summaries timed and posted."""
        while expand_next(db.session()) or turn_summaries(db.session()):
            db.session.commit()
        db.session.rollback()

    def turn(self) -> bool:
        """One turn of the mail; whether there was anything to do."""
        return self._dispatcher.turn()

    def lose_lease(self) -> None:
        self._dispatcher.leave()

    def step(self) -> None:
        self.gather()
        while self._dispatcher.turn() or not self._dispatcher.is_idle():
            self._dispatcher.wait(0.01)
        db.session.expire_all()
