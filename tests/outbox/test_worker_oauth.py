"""Mail under an OAuth log-in: the whole worker, an authorization server, a server of mail."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from sysmail.account import health, prepare_authorization, try_now
from sysmail.audit import SYSTEM
from sysmail.people import Person
from tests.support.oauth_server import AuthorizationServer
from tests.support.page import Page
from tests.support.ports import closed_port
from tests.support.post_office import (
    add_news,
    add_people,
    assert_balanced,
    attempts,
    deliveries,
    post_test,
    use_server,
    work,
)
from tests.support.smtpd import ScriptedSmtp
from tests.support.token_mail import NAME, application, mail_by_token

pytestmark = pytest.mark.both_engines


@pytest.fixture
def granting() -> Iterator[AuthorizationServer]:
    with AuthorizationServer() as server:
        yield server


@pytest.fixture
def mail(granting: AuthorizationServer) -> Iterator[ScriptedSmtp]:
    with mail_by_token(granting) as server:
        yield server


def use_oauth(app: Flask, mail: ScriptedSmtp, granting: AuthorizationServer, **more: Any) -> None:
    fields = {
        "login_method": "oauth",
        "oauth_provider": "other",
        "oauth_grant": "client_credentials",
        **application(granting),
    }
    use_server(app, mail, **fields | more)


def test_a_test_mail_waits_for_its_token_and_goes(
    app: Flask, session: Session, mail: ScriptedSmtp, granting: AuthorizationServer
) -> None:
    use_oauth(app, mail, granting)
    post_test(app)
    work(app)
    [sent] = mail.ledger
    assert sent.auth_user == NAME
    assert [one.state for one in deliveries(session)] == ["sent"]
    assert len(granting.asked) == 1


def test_a_refusal_fails_the_test_pauses_the_account_and_loses_nothing(
    app: Flask, session: Session, mail: ScriptedSmtp, granting: AuthorizationServer, alice: Person
) -> None:
    granting.refuse("invalid_client", "AADSTS7000222: the secret has expired", 401)
    use_oauth(app, mail, granting)
    test = post_test(app)
    work(app)
    session.refresh(test)
    assert (test.state, test.cause) == ("failed", "authorization_refused")
    [attempt] = attempts(session, test)
    assert (attempt.phase, attempt.words) == (
        "auth",
        "invalid_client: AADSTS7000222: the secret has expired",
    )
    assert (health(session).state, health(session).cause) == ("paused", "authorization_refused")
    add_people(session, 3)
    add_news(session, alice)
    work(app)
    assert {one.state for one in deliveries(session)[1:]} == {"queued"}
    granting.honest()
    prepare_authorization(session)
    try_now(session, SYSTEM)
    session.commit()
    work(app)
    assert {one.state for one in deliveries(session)[1:]} == {"sent"}
    assert health(session).state == "active"
    assert mail.login_attempts >= 1
    assert_balanced(session)


def test_a_server_that_cannot_be_reached_makes_mail_wait_and_pauses_nothing(
    app: Flask, session: Session, mail: ScriptedSmtp, granting: AuthorizationServer, alice: Person
) -> None:
    use_oauth(app, mail, granting, token_url=f"http://127.0.0.1:{closed_port()}/token")
    add_people(session, 1)
    add_news(session, alice)
    work(app)
    assert {one.state for one in deliveries(session)} == {"queued"}
    assert (health(session).state, health(session).cause) == (
        "active",
        "authorization_unreachable",
    )
    assert health(session).waits_until is not None
    assert mail.connections == 0


def test_a_token_taken_back_early_is_replaced_and_mail_goes_on(
    app: Flask, session: Session, mail: ScriptedSmtp, granting: AuthorizationServer, alice: Person
) -> None:
    use_oauth(app, mail, granting)
    post_test(app)
    work(app)
    granting.revoke()
    add_people(session, 1)
    add_news(session, alice)
    for _ in range(3):
        work(app)
    assert {one.state for one in deliveries(session)} == {"sent"}
    assert health(session).state == "active"
    assert len(granting.asked) == 2


def test_a_token_that_is_refused_is_told_everywhere_as_one(
    app: Flask, session: Session, mail: ScriptedSmtp, granting: AuthorizationServer, alice: Person
) -> None:
    use_oauth(app, mail, granting)
    mail.options.accepts_token = lambda name, token: False
    test = post_test(app)
    work(app)
    session.refresh(test)
    assert test.cause == "login_rejected"
    page = Page(app).sign_in(alice)
    tested = f"/admin/system-mail/tests/{test.id}"
    history = f"/admin/system-mail/failures/{test.id}"
    listed = "/admin/system-mail/failures"
    of_cause = f"{listed}?state=failed&cause=login_rejected"
    for place in ("/admin/system-mail", tested, listed, of_cause, history):
        page.get(place)
        assert "use this mailbox with the token" in page.text, place
        assert "password is wrong" not in page.text, place
