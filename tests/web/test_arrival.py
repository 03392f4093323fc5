"""Proof of arrival: GET shows, POST acts, for whoever holds the test mail."""

from __future__ import annotations

import re
from email import message_from_bytes, policy

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from sysmail.outbox import Delivery, arrived_at
from sysmail.people import Person
from tests.support.page import Page
from tests.support.post_office import deliveries, post_test, use_server, work
from tests.support.smtpd import ScriptedSmtp

OUTCOME = "/admin/system-mail/tests"


@pytest.fixture
def url(app: Flask, session: Session) -> str:
    """The link of a test mail that a server really took."""
    with ScriptedSmtp() as server:
        use_server(app, server)
        post_test(app)
        work(app)
        [mail] = server.wait_for(1)
    bodies = message_from_bytes(mail.raw, policy=policy.default)
    text, html = (bodies.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None
    assert html is not None
    found = re.search(r"https?://[^/]+(/received/\S+)", text.get_content())
    assert found
    assert found[1] in html.get_content()
    return found[1]


def _only(session: Session) -> Delivery:
    [delivery] = deliveries(session)
    return delivery


@pytest.mark.both_engines
def test_pain_4_the_button_in_the_mail_turns_accepted_into_received(
    app: Flask, session: Session, alice: Person, url: str
) -> None:
    outcome = Page(app).sign_in(alice).get(f"{OUTCOME}/{_only(session).id}")
    assert outcome.one("[data-test-state]")["data-test-state"] == "sent"
    page = Page(app).get(url)
    assert page.title == "Did the test e-mail arrive?"
    page.submit()
    assert page.title == "The test e-mail arrived"
    assert not page.select("form")
    outcome.get(f"{OUTCOME}/{_only(session).id}")
    assert outcome.one("[data-test-state]")["data-test-state"] == "received"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_mail_scanner_changes_nothing(
    app: Flask, session: Session, url: str, method: str
) -> None:
    headers = {"Purpose": "prefetch", "Sec-Purpose": "prefetch"}
    response = Page(app).send(method, url, headers)
    assert response.status_code == 200
    assert "Set-Cookie" not in response.headers
    assert arrived_at(session, _only(session).id) is None


@pytest.mark.both_engines
def test_the_first_press_counts_and_needs_no_cookie(app: Flask, session: Session, url: str) -> None:
    assert Page(app).send("POST", url).status_code == 200
    first = arrived_at(session, _only(session).id)
    assert first is not None
    assert Page(app).send("POST", url).status_code == 200
    session.expire_all()
    assert arrived_at(session, _only(session).id) == first


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("change", ["x", "../x", "\u00e9", "%00", "1."])
def test_any_other_token_is_nothing(
    app: Flask, session: Session, url: str, method: str, change: str
) -> None:
    wrong = f"{url[:-2]}{'A' if url[-2] != 'A' else 'B'}A" if change == "x" else url + change
    assert Page(app).send(method, wrong).status_code == 404
    assert arrived_at(session, _only(session).id) is None


def test_only_a_test_mail_can_arrive(app: Flask, session: Session, url: str) -> None:
    _only(session).kind = "account"
    session.commit()
    assert Page(app).send("POST", url).status_code == 404


def test_the_page_names_nobody(app: Flask, url: str) -> None:
    assert "alice" not in Page(app).get(url).text.lower()
