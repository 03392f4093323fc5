"""What an administrator's open page learns by itself: that mail is kept, and that it goes again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from sysmail import clock
from sysmail.account import Incident, note_reached, note_trouble
from sysmail.config import Config
from sysmail.db import db
from sysmail.outbox import Worker
from sysmail.people import Person
from tests.support.page import Page

REFUSED = Incident("config", "account", "login_rejected", "auth", "535 5.7.8 no")
HX = {"HX-Request": "true", "HX-Current-URL": "http://localhost/admin/users?before=7"}


@pytest.fixture
def page(app: Flask, alice: Person) -> Page:
    return Page(app).sign_in(alice)


def pause(session: Session, app: Flask) -> None:
    config: Config = app.extensions["sysmail.config"]
    note_trouble(session, config, REFUSED, clock.now())
    session.commit()


def recover(session: Session) -> None:
    note_reached(session, clock.now())
    session.commit()


def ask(page: Page) -> TestResponse:
    """What the page as it stands asks."""
    return page.send("GET", page.one("#trouble-now")["hx-get"], HX)


@contextmanager
def statements() -> Iterator[list[str]]:
    said: list[str] = []

    def note(_c: object, _cu: object, statement: str, *_: object) -> None:
        said.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


@pytest.mark.parametrize("is_paused", [False, True])
def test_nothing_is_answered_while_nothing_changed(
    app: Flask, page: Page, session: Session, is_paused: bool
) -> None:
    if is_paused:
        pause(session, app)
    page.get("/admin/users")
    with statements() as said:
        answer = ask(page)
    assert (answer.status_code, answer.data) == (204, b"")
    assert "Set-Cookie" not in answer.headers
    assert len(said) <= 4
    assert {statement.split()[0] for statement in said} == {"SELECT"}


def test_a_page_learns_of_a_pause_and_of_its_end(app: Flask, page: Page, session: Session) -> None:
    page.get("/admin/users")
    pause(session, app)
    page.trigger(page.one("#trouble-now"))
    assert "System mail is paused" in page.one("[role=status] .banner-bad").text
    assert page.one('[name="back"]')["value"] == "/admin/users"
    assert ask(page).status_code == 204
    recover(session)
    page.trigger(page.one("#trouble-now"))
    assert not any("paused" in found.text for found in page.select(".banner"))


def test_having_seen_it_in_another_window_makes_it_short_here_too(
    app: Flask, page: Page, session: Session
) -> None:
    page.get("/admin/users")
    pause(session, app)
    other = Page(app)
    other.client = page.client
    other.get("/").submit("/admin/system-mail/trouble/seen")
    page.trigger(page.one("#trouble-now"))
    assert page.select(".banner-seen")


def test_the_account_page_says_it_itself_and_learns_of_what_comes_later(
    app: Flask, page: Page, session: Session
) -> None:
    pause(session, app)
    page.get("/admin/system-mail")
    assert page.one("#trouble-now").text == ""
    assert ask(page).status_code == 204
    recover(session)
    page.get("/admin/system-mail")
    pause(session, app)
    page.trigger(page.one("#trouble-now"))
    assert "System mail is paused" in page.one("#trouble-now").text


def test_the_card_of_the_account_page_follows_what_it_shows_and_the_clock(
    app: Flask, page: Page, session: Session
) -> None:
    page.get("/admin/system-mail")
    pause(session, app)
    page.trigger(page.one("#account-state"))
    assert page.one("#account-state")["data-account-state"] == "paused"
    url = page.one("#account-state")["hx-get"]
    with statements() as said:
        answer = page.send("GET", url, HX)
    assert (answer.status_code, answer.data) == (204, b"")
    assert "Set-Cookie" not in answer.headers
    assert {statement.split()[0] for statement in said} == {"SELECT"}
    with time_machine.travel(clock.now() + timedelta(minutes=5)):
        page.trigger(page.one("#account-state"))
        assert "5 minutes ago" in page.one("#account-state").text
    assert Page(app).send("GET", url, HX).status_code == 204
    late = Page(app).sign_in(session.get_one(Person, 1), seconds_ago=99_999)
    assert late.send("GET", "/admin/system-mail/state", HX).status_code == 200
    assert page.get("/admin/system-mail/state").title == "Whether System Mail Goes"


def test_a_message_for_the_next_page_is_left_to_it(
    app: Flask, page: Page, session: Session
) -> None:
    page.get("/admin/users")
    with page.client.session_transaction() as kept:
        kept["_flashes"] = [("success", "Saved.")]
    pause(session, app)
    page.trigger(page.one("#trouble-now"))
    assert "Saved." not in page.text
    assert "Saved." in page.get("/admin/users").one("#notices").text


def test_who_has_signed_out_or_is_no_administrator_is_told_nothing_and_led_nowhere(
    app: Flask, page: Page, session: Session, bob: Person
) -> None:
    page.get("/admin/users")
    pause(session, app)
    url = page.one("#trouble-now")["hx-get"]
    for person in (Page(app), Page(app).sign_in(bob)):
        answer = person.send("GET", url, HX)
        assert (answer.status_code, answer.data) == (204, b"")
        assert "HX-Redirect" not in answer.headers
    assert not Page(app).sign_in(bob).get("/").select("#trouble-now")


def test_opened_by_hand_it_is_a_page(app: Flask, page: Page, session: Session) -> None:
    at = clock.now()
    session.add(Worker(id="w", boot_id="b", pid=1, started_at=at, seen_at=at, beats=1))
    session.commit()
    page.get("/admin/system-mail/now")
    assert "Nothing keeps system mail from going." in page.one("main").text
    pause(session, app)
    page.get("/admin/system-mail/now")
    assert "System mail is paused" in page.one("main").text
