"""A worker's delivering half in this process."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask

from sysmail import clock
from sysmail.db import db
from sysmail.notifications import composer, expand_next
from sysmail.outbox import Claimant, Dispatcher, own_id
from sysmail.smtp import Deadlines
from tests.support.smtp_client import PATIENT


def deliver(
    app: Flask,
    deadlines: Deadlines = PATIENT,
    until: Callable[[], bool] = lambda: False,
    seconds: float = 120,
) -> None:
    """Expands and delivers until nothing can be done now, or `until` is so."""
    config, vault = app.extensions["sysmail.config"], app.extensions["sysmail.vault"]
    claimant = Claimant(own_id(), config.uncertain_tries)
    made = composer(config, vault)
    dispatcher = Dispatcher(config, vault, made, claimant, lambda: True, deadlines)
    try:
        while expand_next(db.session()):
            db.session.commit()
        over = clock.monotonic() + seconds
        while (dispatcher.turn() or not dispatcher.is_idle()) and not until():
            assert clock.monotonic() < over, f"still delivering after {seconds} s"
            dispatcher.wait(0.01)
    finally:
        dispatcher.abandon()
        db.session.expire_all()
