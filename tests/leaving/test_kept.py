"""What a worker keeps between two mails names nobody who was erased meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from sysmail.leaving import clear_next, erase_person
from sysmail.notifications import composer, expand_next, turn_summaries
from sysmail.outbox import Claimant, Composer, Delivery, Prepared, claim
from sysmail.people import Person, ensure_installation
from sysmail.portal import add_app, add_record
from sysmail.preferences import Choice, store_whole_choice
from tests.support.post_office import deliveries
from tests.support.summaries import fall_due

pytestmark = pytest.mark.both_engines


def written(session: Session, desk: Composer, mail: Delivery) -> bytes:
    """The mail as this worker makes it now; it is back in the queue after that."""
    claims = desk.fix(session, claim(session, Claimant("worker", 3), desk, 100).deliveries)
    [made] = desk.prepare(session, [one for one in claims if one.id == mail.id])
    session.refresh(mail)
    mail.wait(mail.due_at)
    session.commit()
    assert isinstance(made, Prepared)
    return made.built.data


@pytest.mark.parametrize("frequency", ["immediate", "hourly"])
def test_a_worker_that_named_somebody_before_the_erasure_does_not_after_it(
    app: Flask, session: Session, alice: Person, bob: Person, frequency: str
) -> None:
    config, vault = app.extensions["sysmail.config"], app.extensions["sysmail.vault"]
    ensure_installation(session, vault)
    store_whole_choice(session, alice.id, Choice("all", 3, "text", frequency=frequency))
    add_record(session, bob, add_app(session, bob, "Leads"), "ACME renewal", "Three years.")
    while expand_next(session):
        session.commit()
    fall_due(session)
    while turn_summaries(session):
        session.commit()
    desk, [mail] = composer(config, vault), deliveries(session)
    assert b"Bob" in written(session, desk, mail)
    assert erase_person(session, vault, alice.actor, bob) is None
    session.commit()
    while clear_next(session, vault, Path(app.instance_path) / "captured"):
        session.commit()
    session.commit()
    after = written(session, desk, mail)
    assert b"Bob" not in after
    assert b"ormer user" in after
