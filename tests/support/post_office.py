"""Everything a delivery test needs: an account for a scripted server, posts, and a worker."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from sysmail.account import Saved, Settings, current, save
from sysmail.audit import SYSTEM
from sysmail.db import db
from sysmail.notifications import ledger, send_test
from sysmail.outbox import Attempt, Delivery
from sysmail.people import Person, new_person
from sysmail.portal import add_app, add_record
from sysmail.preferences import store_choice
from sysmail.worker import Worker
from tests.support.smtpd import ScriptedSmtp


def use_server(app: Flask, server: ScriptedSmtp, **fields: object) -> Saved:
    """Saves the scripted server as the external mail server."""
    values = {
        "mail_server": "external",
        "email_address": "portal@example.com",
        "smtp_host": server.host,
        "smtp_port": str(server.port),
        "encryption": "plain",
        **fields,
    }
    session = db.session()
    version = current(session).version
    vault, config = app.extensions["sysmail.vault"], app.extensions["sysmail.config"]
    saved = save(session, vault, config, SYSTEM, Settings(**values), version)  # type: ignore[arg-type]
    assert isinstance(saved, Saved), saved
    session.commit()
    return saved


def post_test(app: Flask, address: str = "alice@example.com") -> Delivery:
    session = db.session()
    vault = app.extensions["sysmail.vault"]
    delivery = send_test(session, vault, current(session).version, address)
    session.commit()
    return delivery


def add_people(session: Session, count: int, domain: str = "example.com") -> list[Person]:
    """People who receive everything."""
    people = [new_person(f"p{n}@{domain}", f"Person {n}") for n in range(count)]
    session.add_all(people)
    session.flush()
    for person in people:
        store_choice(session, person.id, "all", 3, "text")
    session.commit()
    return people


def add_news(session: Session, actor: Person, title: str = "ACME renewal") -> None:
    """A record in an open app: one event."""
    app = add_app(session, actor, "Leads")
    add_record(session, actor, app, title, "Three years.")
    session.commit()


def work(app: Flask) -> None:
    """A worker that ends when nothing can be sent now."""
    Worker(app, drain=True).run()
    db.session.expire_all()


def deliveries(session: Session) -> list[Delivery]:
    session.expire_all()
    return list(session.scalars(select(Delivery).order_by(Delivery.id)))


def attempts(session: Session, delivery: Delivery) -> list[Attempt]:
    found = select(Attempt).where(Attempt.delivery_id == delivery.id).order_by(Attempt.id)
    return list(session.scalars(found))


def assert_balanced(session: Session) -> None:
    session.expire_all()
    assert ledger(session).difference == 0
