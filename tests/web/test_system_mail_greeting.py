"""The name of the greeting on the page: out of the way until a server refuses it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from sysmail.account import current
from sysmail.people import Person
from tests.support.checking import await_check, checks
from tests.support.page import Page
from tests.support.post_office import post_test, use_server, work
from tests.support.smtpd import ScriptedSmtp

ACCOUNT = "/admin/system-mail"
REFUSAL = "550 5.7.1 Helo command rejected: need fully-qualified hostname"


@pytest.fixture
def server() -> Iterator[ScriptedSmtp]:
    """One that is content with the sender's domain alone."""
    with ScriptedSmtp() as server:
        server.script("ehlo", REFUSAL, when=lambda line: not line.endswith(" example.com"))
        yield server


@pytest.fixture(params=[False, True], ids=["plain", "htmx"])
def page(request: pytest.FixtureRequest, app: Flask, alice: Person) -> Page:
    return Page(app, htmx=request.param).sign_in(alice)


def _is_open(page: Page) -> bool:
    part = page.one('[name="helo_name"]').closest("details")
    assert part
    return "open" in part


def test_it_is_closed_while_no_server_cares(page: Page, app: Flask, server: ScriptedSmtp) -> None:
    use_server(app, server)
    assert not _is_open(page.get(ACCOUNT))


def test_a_paused_account_whose_name_is_refused_opens_it_and_the_button_mends_it(
    page: Page, app: Flask, session: Session, server: ScriptedSmtp
) -> None:
    use_server(app, server)
    post_test(app)
    work(app)
    page.get(ACCOUNT)
    assert page.one("#account-state")["data-cause"] == "helo_rejected"
    assert _is_open(page)
    with checks(app) as runner:
        await_check(page.press("Check connection"), runner)
        assert _is_open(page.get(page.url))
        page.press("Introduce this machine as example.com")
        await_check(page, runner)
    assert page.one("#check")["data-check-state"] == "ok"
    assert page.one('[name="helo_name"]')["value"] == "example.com"
    page.press("Save", test_address="bob@example.com")
    work(app)
    page.get(page.url)
    assert page.one("#test-outcome")["data-test-state"] == "sent"
    assert {mail.helo for mail in server.ledger} == {"example.com"}
    session.expire_all()
    assert current(session).helo_name == "example.com"
    page.get("/admin/system")
    assert "Name in the greeting example.com" in page.text


def test_a_name_refused_for_the_first_time_is_not_offered_again(
    page: Page, app: Flask, server: ScriptedSmtp
) -> None:
    server.script("ehlo", REFUSAL)
    use_server(app, server, helo_name="example.com")
    with checks(app) as runner:
        await_check(page.get(ACCOUNT).press("Check connection"), runner)
    assert page.select("[data-cause=helo_rejected]")
    assert not [one for one in page.select("#check button") if "Introduce" in one.text]


def test_a_bad_name_comes_back_open_with_all_that_was_typed(
    page: Page, app: Flask, session: Session, server: ScriptedSmtp
) -> None:
    use_server(app, server)
    page.get(ACCOUNT).press(
        "Save", status=422, helo_name="my portal", email_address="other@example.com"
    )
    assert _is_open(page)
    assert "no blanks" in page.one("#helo_name-error").text
    assert page.one('[name="helo_name"]')["value"] == "my portal"
    assert page.one("#email_address")["value"] == "other@example.com"
    assert current(session).email_address == "portal@example.com"
    page.press("Save", helo_name="portal.example.com")
    session.expire_all()
    assert current(session).helo_name == "portal.example.com"
    assert _is_open(page.get(ACCOUNT))
