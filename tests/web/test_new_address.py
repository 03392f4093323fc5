"""One's own e-mail address: a new one holds once the link mailed to it is confirmed."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.db import db
from sysmail.notifications.singles import unseal
from sysmail.outbox import Delivery
from sysmail.people import Person, new_person
from sysmail.web.signin import hashed
from tests.support.instance import make_app
from tests.support.page import Page
from tests.support.post_office import deliveries, work

PASSWORD = "a long enough password"
URL = "/settings/address"
NEW = "robert@example.org"


@pytest.fixture
def with_password(session: Session, bob: Person) -> Person:
    bob.password = hashed(PASSWORD)
    session.commit()
    return bob


def asked(app: Flask, person: Person, email: str = NEW) -> Page:
    page = Page(app).sign_in(person).get(URL)
    return page.submit("email", email=email, own_password=PASSWORD)


def mailed_path(app: Flask, session: Session) -> str:
    newest = select(Delivery).order_by(Delivery.id.desc()).limit(1)
    mail = session.scalars(newest).one()
    link: str = unseal(app.extensions["sysmail.vault"], mail.snapshot or "")["link"]
    return urlsplit(link).path


@pytest.mark.usefixtures("with_password")
def test_a_new_address_holds_once_its_link_is_confirmed(
    app: Flask, session: Session, bob: Person
) -> None:
    page = asked(app, bob)
    assert f"A mail is on its way to {NEW}." in page.text
    session.refresh(bob)
    assert bob.email == "bob@example.com"
    path = mailed_path(app, session)
    page.get(path)
    session.refresh(bob)
    assert (page.title, bob.email) == ("Use this address?", "bob@example.com")
    page.press("Use this address")
    session.refresh(bob)
    assert bob.email == NEW
    assert page.url == "/settings/notifications"
    assert f"Your address is {NEW} now." in page.text
    assert page.get(path, status=404).title == "This link does not work"


@pytest.mark.usefixtures("with_password")
def test_each_mail_goes_to_the_address_it_is_about(
    app: Flask, session: Session, bob: Person
) -> None:
    page = asked(app, bob)
    page.get(mailed_path(app, session)).press("Use this address")
    asking, telling = deliveries(session)
    assert (asking.address, telling.address) == (NEW, "bob@example.com")
    work(app)
    asking, telling = deliveries(session)
    assert (asking.state, telling.state) == ("sent", "sent")
    assert (asking.address, telling.address) == (NEW, "bob@example.com")


@pytest.mark.usefixtures("with_password")
def test_a_link_is_for_one_account_and_two_days(
    app: Flask, session: Session, bob: Person, eve: Person
) -> None:
    asked(app, bob)
    path = mailed_path(app, session)
    Page(app).sign_in(eve).get(path, status=404)
    assert Page(app).send("GET", path).status_code == 302
    later = clock.now() + timedelta(hours=48, minutes=1)
    with time_machine.travel(later, tick=True):
        Page(app).sign_in(bob).get(path, status=404)
    Page(app).sign_in(bob).get(path + "x", status=404)


@pytest.mark.usefixtures("with_password")
@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("email", {"email": "nonsense", "own_password": PASSWORD}),
        ("email", {"email": "Bob@Example.com", "own_password": PASSWORD}),
        ("email", {"email": "x@example.com\r\nBcc: y@example.com", "own_password": PASSWORD}),
        ("own_password", {"email": NEW, "own_password": "wrong"}),
        ("own_password", {"email": NEW, "own_password": ""}),
    ],
    ids=str,
)
def test_what_is_wrong_is_said_and_nothing_is_sent(
    app: Flask, session: Session, bob: Person, field: str, typed: dict[str, Any]
) -> None:
    page = Page(app).sign_in(bob).get(URL)
    page.submit("email", status=422, **typed)
    assert [link["href"] for link in page.select("#error-summary a")] == [f"#{field}"]
    assert deliveries(session) == []


@pytest.mark.usefixtures("with_password")
def test_nobody_learns_whether_somebody_else_has_an_address(
    app: Flask, session: Session, bob: Person, eve: Person
) -> None:
    page = asked(app, bob, eve.email)
    assert "A mail is on its way" in page.text
    page.get(mailed_path(app, session))
    page.press("Use this address", status=422)
    assert "already belongs to somebody" in page.text
    session.refresh(bob)
    assert bob.email == "bob@example.com"


def test_mailing_strangers_is_throttled(tmp_path: Path) -> None:
    app = make_app(tmp_path / "throttled", RATELIMIT_ENABLED="1")
    with app.app_context():
        person = new_person("carol@example.com", "Carol")
        person.password = hashed(PASSWORD)
        db.session.add(person)
        db.session.commit()
        for number in range(5):
            asked(app, person, f"stranger{number}@example.org")
        page = Page(app).sign_in(person).get(URL)
        page.submit("email", status=429, email=NEW, own_password=PASSWORD)
        assert len(deliveries(db.session())) == 5
