"""Following and muting, on an app's and a record's page and in Personal Settings."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from sysmail.notifications import expand_next
from sysmail.people import Person
from sysmail.portal import Record, add_app
from sysmail.preferences import Choice, app_mode, record_mode, store_whole_choice
from tests.support.page import Page
from tests.support.post_office import add_news


@pytest.fixture
def record(session: Session, alice: Person) -> Record:
    add_news(session, alice)
    return session.scalars(select(Record)).one()


LABELS = {"follow": "Follow", "mute": "Mute"}


def url_of(record: Record) -> str:
    return f"/apps/{record.app_id}/records/{record.id}"


@pytest.mark.parametrize("mode", ["follow", "mute"])
def test_an_app_is_followed_or_muted_and_neither_again(
    app: Flask, session: Session, bob: Person, record: Record, mode: str
) -> None:
    page = Page(app).sign_in(bob).get(f"/apps/{record.app_id}")
    page.press(LABELS[mode])
    assert page.url == f"/apps/{record.app_id}"
    assert page.one(".following")["data-mode"] == mode
    assert app_mode(session, bob.id, record.app_id) == mode
    page.press("As in my settings")
    assert page.one(".following")["data-mode"] == ""
    assert app_mode(session, bob.id, record.app_id) is None


def test_muting_a_record_says_what_is_not_sent(
    app: Flask, session: Session, bob: Person, record: Record
) -> None:
    store_whole_choice(session, bob.id, Choice("all"))
    while expand_next(session):
        session.commit()
    page = Page(app).sign_in(bob).get(url_of(record))
    page.press("Mute")
    assert "is muted: you hear only where you are mentioned." in page.text
    assert "1 e-mail that was waiting is not sent." in page.text
    assert record_mode(session, bob.id, record.id) == "mute"


def test_settings_list_them_and_take_them_back(
    app: Flask, session: Session, bob: Person, record: Record
) -> None:
    page = Page(app).sign_in(bob).get(url_of(record))
    page.press("Mute")
    page.get("/settings/notifications")
    assert page.one("li a.row-link")["href"] == url_of(record)
    page.press("As in my settings")
    assert page.url.startswith("/settings/notifications")
    assert "You follow and mute none." in page.text
    assert record_mode(session, bob.id, record.id) is None


def test_nobody_can_follow_what_they_may_not_see(
    app: Flask, session: Session, alice: Person, bob: Person
) -> None:
    closed = add_app(session, alice, "Board", {alice.id})
    session.commit()
    page = Page(app).sign_in(bob).get("/")
    token = page.select('[name="csrf_token"]')[0]["value"]
    sent = {"mode": "follow", "csrf_token": token}
    assert page.send("POST", f"/apps/{closed.id}/following", data=sent).status_code == 404
    assert app_mode(session, bob.id, closed.id) is None


def test_no_other_mode_is_taken(app: Flask, session: Session, bob: Person, record: Record) -> None:
    page = Page(app).sign_in(bob).get("/")
    token = page.select('[name="csrf_token"]')[0]["value"]
    sent = {"mode": "louder", "csrf_token": token}
    url = f"/apps/{record.app_id}/following"
    assert page.send("POST", url, data=sent).status_code == 400
