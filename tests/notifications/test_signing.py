"""Signed mail: the keys are chosen with the claim, and every copy has the same signatures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from sysmail.account import DkimKey, make_keys, sign_external, start_signing, withdraw_key
from sysmail.audit import SYSTEM
from sysmail.events import Event
from sysmail.notifications import composer, send_test
from sysmail.outbox import CannotCompose, Claimant, Composer, Delivery, Prepared, State, claim
from sysmail.people import Person
from sysmail.vault import Vault, new_key
from tests.support.dkim_verifiers import dkimpy_accepts, opendkim_says
from tests.support.instance import make_app
from tests.support.post_office import add_news, add_people, post_test, use_server, work
from tests.support.smtpd import ScriptedSmtp

DOMAIN = "portal.example.com"
BOTH = ["rsa-sha256 pass", "ed25519-sha256 pass"]


@pytest.fixture
def app(tmp_path: Path, database: dict[str, str]) -> Flask:
    folder = tmp_path / "instance"
    return make_app(folder, BUILTIN_ADDRESS=f"no-reply@{DOMAIN}", **database)


@pytest.fixture
def keys(app: Flask, session: Session) -> list[DkimKey]:
    return _new_keys(app, session)


def _new_keys(app: Flask, session: Session) -> list[DkimKey]:
    made = make_keys(session, app.extensions["sysmail.vault"], SYSTEM, DOMAIN)
    start_signing(session, SYSTEM, DOMAIN)
    session.commit()
    return made


def _records(keys: list[DkimKey]) -> dict[str, str]:
    return {key.place: key.value for key in keys}


def _bytes(made: object) -> bytes:
    assert isinstance(made, Prepared), made
    return made.built.data


@pytest.mark.both_engines
def test_what_an_event_tells_is_signed_by_both_keys(
    happen: Callable[..., Event],
    expand: Callable[..., list[Delivery]],
    prepare: Callable[[Delivery], object],
    alice: Person,
    bob: Person,
    keys: list[DkimKey],
    tmp_path: Path,
) -> None:
    happen(alice, mentioned=(bob,))
    data = _bytes(prepare(expand()[0]))
    assert dkimpy_accepts(data, _records(keys))
    assert opendkim_says(data, _records(keys), tmp_path) == BOTH
    assert b"list-unsubscribe-post" in data.partition(b"From: ")[0]


def test_a_test_mail_is_signed_too(
    app: Flask, session: Session, desk: Composer, keys: list[DkimKey], tmp_path: Path
) -> None:
    send_test(session, app.extensions["sysmail.vault"], 1, "bob@example.com")
    [found] = claim(session, Claimant("worker", 3), desk, 10).deliveries
    data = _bytes(desk.prepare(session, [found])[0])
    assert opendkim_says(data, _records(keys), tmp_path) == BOTH


def test_a_copy_is_equal_though_keys_were_replaced_and_withdrawn_meanwhile(
    app: Flask,
    session: Session,
    happen: Callable[..., Event],
    expand: Callable[..., list[Delivery]],
    prepare: Callable[[Delivery], object],
    alice: Person,
    bob: Person,
    keys: list[DkimKey],
) -> None:
    happen(alice, mentioned=(bob,))
    delivery = expand()[0]
    before = _bytes(prepare(delivery))
    _new_keys(app, session)
    for key in keys:
        withdraw_key(session, SYSTEM, key)
    session.commit()
    assert _bytes(prepare(delivery)) == before


def test_keys_that_cannot_be_opened_stop_the_mail_for_now(
    app: Flask,
    session: Session,
    happen: Callable[..., Event],
    expand: Callable[..., list[Delivery]],
    take: Callable[[Delivery], object],
    alice: Person,
    bob: Person,
    keys: list[DkimKey],
) -> None:
    happen(alice, mentioned=(bob,))
    found = take(expand()[0])
    for key in keys:
        key.private_sealed = Vault((new_key(),)).seal("x", {})
    session.commit()
    anew = composer(app.extensions["sysmail.config"], app.extensions["sysmail.vault"])
    [made] = anew.prepare(session, [found])  # type: ignore[list-item]
    assert isinstance(made, CannotCompose)
    assert made.for_now


def test_a_delivery_shaped_before_there_were_keys_stays_unsigned(
    session: Session,
    happen: Callable[..., Event],
    expand: Callable[..., list[Delivery]],
    take: Callable[[Delivery], object],
    desk: Composer,
    app: Flask,
    alice: Person,
    bob: Person,
) -> None:
    happen(alice, mentioned=(bob,))
    delivery = expand()[0]
    take(delivery)
    assert delivery.shape is not None
    delivery.shape = {name: value for name, value in delivery.shape.items() if name != "dkim"}
    delivery.state = State.QUEUED
    session.commit()
    _new_keys(app, session)
    found = take(delivery)
    assert b"DKIM" not in _bytes(desk.prepare(session, [found])[0])  # type: ignore[list-item]


@pytest.mark.both_engines
def test_signatures_hold_after_the_way_over_the_wire_through_an_external_server(
    app: Flask, session: Session, alice: Person, tmp_path: Path
) -> None:
    keys = make_keys(session, app.extensions["sysmail.vault"], SYSTEM, "example.com")
    start_signing(session, SYSTEM, "example.com")
    sign_external(session, SYSTEM, True)
    session.commit()
    with ScriptedSmtp() as server:
        use_server(app, server)
        post_test(app)
        add_people(session, 1)
        add_news(session, alice, "..A title\n.with dots")
        work(app)
        mails = server.wait_for(2)
    for mail in mails:
        assert dkimpy_accepts(mail.raw, _records(keys))
        assert opendkim_says(mail.raw, _records(keys), tmp_path) == BOTH
