"""OAuth 2.0 against a real Dovecot that asks the authorization server about each token."""

from __future__ import annotations

from flask import Flask
from sqlalchemy.orm import Session

from sysmail.account import health
from sysmail.people import Person
from tests.journeys.dovecot.steps import NAME, by_token, fill_in, sha256_as_sent
from tests.support.checking import await_check, checks
from tests.support.dovecot import Dovecot
from tests.support.oauth_server import AuthorizationServer
from tests.support.page import Page
from tests.support.post_office import (
    add_news,
    add_people,
    assert_balanced,
    attempts,
    deliveries,
    work,
)


def test_a_mail_goes_through_by_a_token_from_the_form_to_the_server_behind(
    page: Page, app: Flask, session: Session, dovecot: Dovecot, granting: AuthorizationServer
) -> None:
    fill_in(page, dovecot, "Save", **by_token(granting))
    work(app)
    [delivery] = deliveries(session)
    [mail] = dovecot.ledger
    assert (delivery.state, delivery.sha256) == ("sent", sha256_as_sent(mail))
    assert (mail.mail_from, mail.rcpt_to) == (NAME, ("alice@example.com",))
    assert f"Login: user=<{NAME}>, method=XOAUTH2," in dovecot.log
    assert ", TLS," in dovecot.log
    assert_balanced(session)
    assert "Accepted by" in page.get(page.url).text


def test_the_check_logs_in_by_a_token_and_sends_nothing(
    page: Page, app: Flask, dovecot: Dovecot, granting: AuthorizationServer
) -> None:
    with checks(app) as runner:
        fill_in(page, dovecot, "Check connection", **by_token(granting))
        await_check(page, runner)
    assert page.one("#check")["data-check-state"] == "ok", page.text
    assert "method=XOAUTH2" in dovecot.log
    assert dovecot.ledger == []


def test_a_token_taken_back_early_is_replaced_and_mail_goes_on(
    page: Page,
    app: Flask,
    session: Session,
    dovecot: Dovecot,
    granting: AuthorizationServer,
    alice: Person,
) -> None:
    fill_in(page, dovecot, "Save", **by_token(granting))
    work(app)
    granting.revoke()
    add_people(session, 1)
    add_news(session, alice)
    for _ in range(3):
        work(app)
    assert {one.state for one in deliveries(session)} == {"sent"}
    assert health(session).state == "active"
    assert len(granting.asked) == 2


def test_a_token_for_another_mailbox_is_told_as_a_refused_log_in(
    page: Page, app: Flask, session: Session, dovecot: Dovecot, granting: AuthorizationServer
) -> None:
    granting.account_name = "someone@example.com"
    fill_in(page, dovecot, "Save", **by_token(granting))
    _assert_told(page, app, session, "login_rejected", "Authentication failed.")
    assert dovecot.ledger == []


def test_a_dovecot_that_cannot_ask_about_tokens_is_told_as_its_own_trouble(
    page: Page, app: Flask, session: Session, dovecot: Dovecot, granting: AuthorizationServer
) -> None:
    granting.introspects = False
    fill_in(page, dovecot, "Save", **by_token(granting))
    _assert_told(page, app, session, "login_try_later", "Temporary authentication failure.")
    assert dovecot.ledger == []


def test_a_wrong_secret_is_told_in_the_authorization_servers_words(
    page: Page, app: Flask, session: Session, dovecot: Dovecot, granting: AuthorizationServer
) -> None:
    fill_in(page, dovecot, "Save", **by_token(granting) | {"client_secret": "outdated"})
    _assert_told(page, app, session, "authorization_refused", "invalid_client")
    assert "submission-login: Info: Login" not in dovecot.log


def _assert_told(page: Page, app: Flask, session: Session, cause: str, words: str) -> None:
    """The outcome of the test mail, on its page and in what was kept of the try."""
    work(app)
    [test] = deliveries(session)
    assert (test.state, test.cause) == ("failed", cause)
    assert words in attempts(session, test)[-1].words
    assert page.get(page.url).one("#test-outcome")["data-cause"] == cause
