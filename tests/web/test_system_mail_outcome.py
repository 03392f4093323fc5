"""The outcome of a test e-mail, the state of the account, and the banner."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.account import Incident, health, note_accepted, note_trouble
from sysmail.notifications import send_test
from sysmail.outbox import Attempt, Delivery, Worker, note_arrival
from sysmail.people import Person
from tests.support.page import Page

URL = "/admin/system-mail"
REFUSED = Incident("config", "account", "login_rejected", "auth", "535 5.7.8 no", "smtp.a")


@pytest.fixture
def page(app: Flask, alice: Person) -> Page:
    return Page(app, htmx=True).sign_in(alice)


@pytest.fixture
def worker(session: Session) -> None:
    now = clock.now()
    session.add(Worker(id="w", boot_id="b", pid=1, started_at=now, seen_at=now, beats=1))
    session.commit()


@pytest.fixture
def delivery(app: Flask, session: Session) -> Delivery:
    made = send_test(session, app.extensions["sysmail.vault"], 1, "bob@example.com")
    session.commit()
    return made


def _try(session: Session, delivery: Delivery, state: str, **attempt: Any) -> None:
    delivery.state = state
    delivery.cause = attempt.get("cause")
    values = {"outcome": "config", "scope": "account", "phase": "auth", "host": "smtp.example.com"}
    session.add(Attempt(delivery_id=delivery.id, at=clock.now(), **(values | attempt)))
    session.commit()


def _state(page: Page) -> str:
    return page.one("[data-test-state]")["data-test-state"]


@pytest.mark.usefixtures("worker")
def test_the_outcome_follows_the_test_until_it_is_accepted(
    page: Page, session: Session, delivery: Delivery
) -> None:
    page.get(f"{URL}/tests/{delivery.id}")
    assert _state(page) == "waiting"
    assert page.poll()
    assert _state(page) == "waiting"
    reply = {"code": 250, "enhanced": "2.0.0", "words": "2.0.0 Ok: queued as 4Zx81"}
    _try(session, delivery, "sent", outcome="sent", phase="dot", milliseconds=812, **reply)
    assert page.poll()
    assert _state(page) == "sent"
    assert "Accepted by smtp.example.com in 0.8 s." in page.text
    assert "250 2.0.0 Ok: queued as 4Zx81" in page.text


def test_a_failure_is_told_in_words_with_the_servers_own_beneath(
    page: Page, session: Session, delivery: Delivery
) -> None:
    words = "<b>Username</b> not accepted"
    _try(session, delivery, "failed", cause="login_rejected", code=535, words=words)
    page.get(f"{URL}/tests/{delivery.id}")
    block = page.one("[data-test-state]")
    assert (block["data-test-state"], block["data-cause"]) == ("failed", "login_rejected")
    assert "refuses the login" in page.one(".outcome-title").text
    assert "535 <b>Username</b> not accepted" in page.one(".words").text
    assert not page.poll()
    page.click("Change the settings")
    assert page.one('[name="test_address"]')["value"] == "bob@example.com"


@pytest.mark.usefixtures("worker")
def test_a_test_that_was_deferred_says_why_and_goes_on_waiting(
    page: Page, session: Session, delivery: Delivery
) -> None:
    _try(session, delivery, "queued", cause="recipient_try_later", outcome="transient", code=451)
    page.get(f"{URL}/tests/{delivery.id}")
    assert _state(page) == "waiting"
    assert "tried again" in page.text
    assert page.poll()


def test_an_accepted_test_becomes_received_when_somebody_says_so(
    page: Page, session: Session, delivery: Delivery
) -> None:
    _try(session, delivery, "sent", outcome="sent", phase="dot", code=250)
    page.get(f"{URL}/tests/{delivery.id}")
    assert page.poll()
    assert _state(page) == "sent"
    note_arrival(session, delivery)
    session.commit()
    assert page.poll()
    assert _state(page) == "received"
    assert "all the way to the mailbox" in page.text
    assert not page.poll()


def test_nobody_waits_for_ever_for_a_mail_to_be_received(
    page: Page, session: Session, delivery: Delivery
) -> None:
    _try(session, delivery, "sent", outcome="sent", phase="dot", code=250)
    with time_machine.travel(clock.now() + timedelta(minutes=11)):
        page.sign_in(session.get_one(Person, 1)).get(f"{URL}/tests/{delivery.id}")
        assert _state(page) == "sent"
        assert not page.poll()


@pytest.mark.parametrize("state", ["uncertain", "withdrawn"])
def test_an_outcome_that_stays_asks_no_more(
    page: Page, session: Session, delivery: Delivery, state: str
) -> None:
    _try(session, delivery, state, outcome="uncertain", cause="no_answer_after_data")
    page.get(f"{URL}/tests/{delivery.id}")
    assert _state(page) == state
    assert not page.poll()


def test_only_test_mails_have_an_outcome_page(
    page: Page, session: Session, delivery: Delivery
) -> None:
    delivery.kind = "account"
    session.commit()
    page.get(f"{URL}/tests/{delivery.id}", status=404)
    page.get(f"{URL}/tests/999", status=404)


def test_without_a_worker_the_account_page_and_every_other_say_so(page: Page) -> None:
    assert "No worker is running" in page.get(URL).one("[data-account-state]").text
    assert "No worker is running" in page.get("/").one(".banner").text


@pytest.mark.usefixtures("worker")
def test_a_paused_account_says_why_how_many_wait_and_what_to_do(
    page: Page, app: Flask, session: Session, delivery: Delivery
) -> None:
    note_trouble(session, app.extensions["sysmail.config"], REFUSED, clock.now())
    session.commit()
    card = page.get(URL).one("[data-account-state]")
    assert (card["data-account-state"], card["data-cause"]) == ("paused", "login_rejected")
    for words in ("Paused:", "1 mail waits, none is lost.", "in 15 minutes", "535 5.7.8 no"):
        assert words in card.text
    banner = page.get("/").one(".banner").text
    assert "paused" in banner
    assert "Next try by itself: in 15 minutes." in banner
    page.get(URL).submit(f"{URL}/trial")
    assert page.title == "System Mail Account"
    session.expire_all()
    due = health(session).next_probe_at
    assert due is not None
    assert due <= clock.now()


@pytest.mark.usefixtures("worker")
def test_an_active_account_names_the_last_accepted_mail_and_shows_no_banner(
    page: Page, session: Session
) -> None:
    note_accepted(session, "smtp.example.com", clock.now())
    session.commit()
    card = page.get(URL).one("[data-account-state]")
    assert card["data-account-state"] == "active"
    assert "Last by smtp.example.com, just now." in card.text
    assert not page.get("/").select(".banner")


@pytest.mark.usefixtures("worker")
def test_a_waiting_account_says_when_it_is_tried_again_and_counts_as_active(
    page: Page, app: Flask, session: Session
) -> None:
    down = Incident("transient", "account", "connection_refused", "connect")
    note_trouble(session, app.extensions["sysmail.config"], down, clock.now())
    session.commit()
    card = page.get(URL).one("[data-account-state]")
    assert card["data-account-state"] == "active"
    assert "data-cause" not in card
    assert "Next try by itself" in card.text


@pytest.mark.usefixtures("worker")
def test_a_used_up_daily_quota_is_tried_again_when_its_day_is_over_and_the_banner_says_so(
    page: Page, app: Flask, session: Session
) -> None:
    words = "550 5.4.5 Daily user sending limit exceeded"
    used_up = Incident("config", "account", "quota_exceeded", "rcpt", words)
    note_trouble(session, app.extensions["sysmail.config"], used_up, clock.now())
    session.commit()
    assert "Next try by itself: tomorrow " in page.get("/").one(".banner").text


@pytest.mark.usefixtures("worker")
def test_a_slowed_account_says_how_many_connections_it_uses(
    page: Page, app: Flask, session: Session
) -> None:
    too_fast = Incident("transient", "account", "sending_too_fast", "mail", "454 slow down")
    sentence = "of 4 connections 2 may be used, and one more every five minutes"
    began = clock.now()
    note_trouble(session, app.extensions["sysmail.config"], too_fast, began)
    session.commit()
    assert sentence in page.get(URL).one("[data-account-state]").text
    note_accepted(session, "smtp.example.com", began + timedelta(minutes=2))
    session.commit()
    assert sentence in page.get(URL).one("[data-account-state]").text
    note_accepted(session, "smtp.example.com", began + timedelta(minutes=12))
    session.commit()
    assert "connections" not in page.get(URL).one("[data-account-state]").text


def test_members_see_no_banner_and_cannot_try(app: Flask, bob: Person) -> None:
    page = Page(app).sign_in(bob).get("/")
    assert not page.select(".banner")
    token = page.select('[name="csrf_token"]')[0]["value"]
    answer = page.send("POST", f"{URL}/trial", data={"csrf_token": token})
    assert answer.status_code == 403
