"""Whoever is erased is nobody any more; what they wrote stays, and the ledger balances."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import inspect, select, text
from sqlalchemy.orm import Session

from sysmail.audit import FORMER_USER, Entry
from sysmail.leaving import Erasure, clear_next, erase_person, erasure_of
from sysmail.notifications import expand_next, ledger
from sysmail.outbox import Delivery, State
from sysmail.people import Person, Refused, edit_person, make_administrator
from sysmail.portal import Record, add_app, add_comment, add_record, look_up, members_named
from sysmail.preferences import DEFAULT, store_choice, store_whole_choice
from tests.support.post_office import post_test, work

pytestmark = pytest.mark.both_engines
NAME, OLD_NAME = "Roberta Zimmermann", "Roberta Quist"
OTHER = "quist@old.examples"
EMAIL, OLD_EMAIL = "roberta@zimmermann.example", "Quist@old.example"


@pytest.fixture
def roberta(app: Flask, session: Session, alice: Person, bob: Person) -> Person:
    """She had another name and address, wrote, was mentioned and mailed; some mail waits."""
    person = bob
    assert edit_person(session, alice.actor, person, OLD_EMAIL, OLD_NAME) is None
    store_choice(session, alice.id, "all", 7, "html")
    store_choice(session, person.id, "all", 3, "html")
    leads = add_app(session, person, "Leads", members_named(session, f"{OLD_EMAIL}").ids)
    record = add_record(session, person, leads, "ACME renewal", "Three years.").thing
    add_comment(session, alice, leads, record, f"@[{OLD_EMAIL}] and @[{OTHER}] look")
    session.commit()
    assert edit_person(session, alice.actor, person, EMAIL, NAME) is None
    add_comment(session, alice, leads, record, f"@[{EMAIL.upper()}] once more")
    session.commit()
    post_test(app, EMAIL)
    work(app)
    add_comment(session, alice, leads, record, f"@[{EMAIL}] this one waits")
    store_whole_choice(session, person.id, DEFAULT)
    session.commit()
    while expand_next(session):
        session.commit()
    return person


def _clear(app: Flask, session: Session) -> int:
    vault, folder = app.extensions["sysmail.vault"], Path(app.instance_path) / "captured"
    slices = 0
    while clear_next(session, vault, folder):
        session.commit()
        slices += 1
    session.commit()
    return slices


def _erase(app: Flask, session: Session, by: Person, person: Person) -> None:
    assert erase_person(session, app.extensions["sysmail.vault"], by.actor, person) is None
    session.commit()
    assert _clear(app, session) > 5


def _everything(session: Session) -> Iterator[str]:
    """Every value in every table, as text."""
    bind = session.get_bind()
    for table in inspect(bind).get_table_names():
        for row in session.execute(text(f'SELECT * FROM "{table}"')).mappings():
            for column, value in row.items():
                yield f"{table}.{column}: {value}"


def test_name_and_address_disappear_from_the_whole_database_and_from_captured_mail(
    app: Flask, session: Session, alice: Person, roberta: Person
) -> None:
    words = [word.lower() for word in (NAME, OLD_NAME, EMAIL, OLD_EMAIL)]
    before = "\n".join(_everything(session)).lower()
    assert all(word in before for word in words)
    captured = Path(app.instance_path) / "captured"
    assert len(list(captured.glob("*.eml"))) >= 3
    _erase(app, session, alice, roberta)
    found = [
        line
        for line in _everything(session)
        if any(word in line.lower().replace(OTHER, "") for word in words)
    ]
    assert found == []
    kept = [path.read_bytes() for path in captured.glob("*.eml")]
    assert not any(b"Roberta" in data or b"roberta" in data for data in kept)
    assert erasure_of(session, roberta.id).known is None  # type: ignore[union-attr]


def test_what_waits_is_withdrawn_and_the_ledger_balances(
    app: Flask, session: Session, alice: Person, roberta: Person
) -> None:
    waiting = select(Delivery).where(Delivery.person_id == roberta.id, Delivery.state == "queued")
    assert session.scalars(waiting).all()
    assert ledger(session).difference == 0
    _erase(app, session, alice, roberta)
    session.expire_all()
    theirs = session.scalars(select(Delivery).where(Delivery.person_id == roberta.id)).all()
    assert {one.state for one in theirs} <= {State.SENT, State.WITHDRAWN}
    assert {one.reason for one in theirs if one.state == State.WITHDRAWN} == {"erased"}
    assert {one.address for one in theirs} == {f"former-{roberta.id}@erased.invalid"}
    assert ledger(session).difference == 0
    work(app)
    assert ledger(session).difference == 0


def test_records_and_comments_stay_as_a_former_users(
    app: Flask, session: Session, alice: Person, roberta: Person
) -> None:
    _erase(app, session, alice, roberta)
    session.expire_all()
    record = session.scalars(select(Record)).one()
    assert record.title == "ACME renewal"
    assert record.creator.name == FORMER_USER
    mentioned = look_up(session, [f"@[person:{roberta.id}]"])
    assert str(mentioned[roberta.id]) == f"@{FORMER_USER}"


def test_who_was_erased_can_never_sign_in_and_hears_of_nothing(
    app: Flask, session: Session, alice: Person, roberta: Person
) -> None:
    mark = roberta.fs_uniquifier
    _erase(app, session, alice, roberta)
    session.refresh(roberta)
    assert (roberta.active, roberta.password, roberta.is_administrator) == (False, None, False)
    assert roberta.fs_uniquifier != mark
    open_to_all = add_app(session, alice, "Open")
    add_record(session, alice, open_to_all, "News", "")
    session.commit()
    while expand_next(session):
        session.commit()
    told = text("SELECT count(*) FROM notification n JOIN event e ON e.id = n.event_id"
                " WHERE n.person_id = :id AND e.app_id = :app")  # fmt: skip
    assert session.execute(told, {"id": roberta.id, "app": open_to_all.id}).scalar() == 0


def test_mail_under_way_is_cleared_once_it_is_settled(
    app: Flask, session: Session, alice: Person, roberta: Person
) -> None:
    one = select(Delivery).where(Delivery.person_id == roberta.id, Delivery.state == "queued")
    delivery = session.scalars(one.limit(1)).one()
    delivery.state = State.SENDING
    session.commit()
    assert erase_person(session, app.extensions["sysmail.vault"], alice.actor, roberta) is None
    session.commit()
    _clear(app, session)
    assert session.get_one(Erasure, roberta.id).ended_at is None
    session.refresh(delivery)
    assert delivery.address == EMAIL
    delivery.state = State.SENT
    session.commit()
    _clear(app, session)
    session.refresh(delivery)
    assert delivery.address.endswith("@erased.invalid")
    assert session.get_one(Erasure, roberta.id).ended_at is not None


def test_nobody_erases_themselves_nor_the_last_administrator(
    app: Flask, session: Session, alice: Person, bob: Person
) -> None:
    vault = app.extensions["sysmail.vault"]
    assert isinstance(erase_person(session, vault, alice.actor, alice), Refused)
    make_administrator(session, alice.actor, bob)
    bob.active = False
    session.commit()
    assert isinstance(erase_person(session, vault, bob.actor, alice), Refused)
    session.commit()
    session.refresh(alice)
    assert (alice.name, alice.active, alice.erased_at) == ("Alice", True, None)


def test_the_audit_log_says_that_somebody_was_erased_and_not_who(
    app: Flask, session: Session, alice: Person, roberta: Person
) -> None:
    _erase(app, session, alice, roberta)
    entry = session.scalars(select(Entry).where(Entry.action == "user_erased")).one()
    assert (entry.actor_name, entry.details) == ("Alice", {"id": roberta.id})


def test_another_person_with_the_same_name_keeps_it(
    app: Flask, session: Session, alice: Person, eve: Person, roberta: Person
) -> None:
    assert edit_person(session, alice.actor, eve, eve.email, NAME) is None
    session.commit()
    _erase(app, session, alice, roberta)
    session.refresh(eve)
    assert eve.name == NAME
    entry = session.scalars(select(Entry).order_by(Entry.id.desc()).offset(1).limit(1)).one()
    assert entry.details["after"]["name"] == NAME
