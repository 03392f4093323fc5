"""STARTTLS that is missing: Plain is offered with a warning, and not where it worked before."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from sysmail.account import current, health
from sysmail.people import Person
from tests.support import smtp_tls
from tests.support.checking import await_check, checks
from tests.support.instance import make_app
from tests.support.page import Page
from tests.support.post_office import post_test, use_server, work
from tests.support.smtpd import ScriptedSmtp

ACCOUNT = "/admin/system-mail"


@pytest.fixture
def app(tmp_path: Path, database: dict[str, str]) -> Flask:
    return make_app(tmp_path / "instance", CA_FILE=smtp_tls.ca_file(), **database)


@pytest.fixture
def page(app: Flask, alice: Person) -> Page:
    return Page(app).sign_in(alice)


def _send(app: Flask, server: ScriptedSmtp, encryption: str) -> None:
    use_server(app, server, encryption=encryption)
    post_test(app)
    work(app)
    assert server.ledger


def _check_without_starttls(app: Flask, page: Page) -> None:
    """As somebody on the way shows it who has taken STARTTLS out of the server's words."""
    with ScriptedSmtp() as stripped, checks(app) as runner:
        page.get(ACCOUNT).press(
            "Check connection",
            mail_server="external",
            email_address="portal@example.com",
            smtp_host=stripped.host,
            smtp_port=str(stripped.port),
            encryption="starttls",
        )
        await_check(page, runner)
    assert page.select("[data-step=tls][data-cause=starttls_not_offered]")


def _offered(page: Page) -> list[str]:
    return [one.text.split(",")[0] for one in page.select("#check .repairs button")]


def test_a_server_never_met_may_be_used_plain_after_a_warning(app: Flask, page: Page) -> None:
    _check_without_starttls(app, page)
    assert _offered(page) == ["Switch to Plain", "Switch to SSL"]
    told = page.one("[data-advice=plain]").text
    assert "lets anyone on the way read the mails (and the password)" in told
    assert "sign of interference" in told
    assert not page.select("[data-advice=encryption-lost]")


@pytest.mark.parametrize("encryption", ["starttls", "ssl"])
def test_where_encrypted_mail_was_taken_before_plain_is_not_offered(
    app: Flask, session: Session, page: Page, encryption: str
) -> None:
    with ScriptedSmtp(tls=encryption) as server:
        _send(app, server, encryption)
    _check_without_starttls(app, page)
    assert _offered(page) == ["Switch to SSL"]
    assert not page.select("[data-advice=plain]")
    assert "localhost took mail over an encrypted" in page.one("[data-advice]").text
    check = page.url.split("?")[0]
    token = page.select('[name="csrf_token"]')[0]["value"]
    port = page.one('[name="smtp_port"]')["value"]
    data = {"csrf_token": token, "repair": f"plain-{port}"}
    assert page.send("POST", f"{check}/repair", data=data).status_code == 404


def test_what_is_known_outlives_a_save_and_ends_with_mail_taken_in_the_clear(
    app: Flask, session: Session, page: Page
) -> None:
    with ScriptedSmtp(tls="starttls") as server:
        _send(app, server, "starttls")
        use_server(app, server, email_address="other@example.com", encryption="starttls")
        session.expire_all()
        assert health(session).encrypted_host == server.host
    with ScriptedSmtp() as server:
        _send(app, server, "plain")
    session.expire_all()
    assert (current(session).encryption, health(session).encrypted_host) == ("plain", "")
    _check_without_starttls(app, page)
    assert "Switch to Plain" in _offered(page)


def test_another_server_is_another_matter(app: Flask, session: Session, page: Page) -> None:
    with ScriptedSmtp(tls="starttls") as server:
        _send(app, server, "starttls")
    session.expire_all()
    state = health(session)
    assert state.encrypted_host == "localhost"
    state.encrypted_host = "smtp.example.com"
    session.commit()
    _check_without_starttls(app, page)
    assert "Switch to Plain" in _offered(page)
