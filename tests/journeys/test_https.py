"""Behind a proxy at an https address: forms are taken, cookies are Secure, links are https."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from sysmail.db import db
from sysmail.people import Person, setup_link
from tests.support.html import Element, parse
from tests.support.instance import make_app
from tests.support.page import filled

PUBLIC = "https://portal.example.test"
PASSWORD = "four plain words here"


class Browser:
    """A client behind the proxy. As a browser under same-origin it sends a full Referer."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.client = app.test_client()
        self.url = PUBLIC + "/"
        self.response: TestResponse
        self.cookies: list[str] = []

    def get(self, url: str) -> Element:
        return self._ask("GET", url)

    def submit(self, control: str, /, **changes: Any) -> Element:
        """The form that holds a control of this name."""
        forms = parse(self.response.text).select("form")
        form = next(one for one in forms if one.select(f'[name="{control}"]'))
        return self._ask("POST", form["action"], data=filled(form, changes))

    def _ask(self, method: str, url: str, **sent: Any) -> Element:
        response = self._send(method, url, **sent)
        for _ in range(5):
            if response.status_code not in (302, 303):
                break
            response = self._send("GET", response.headers["Location"])
        self.response = response
        return parse(response.text)

    def _send(self, method: str, url: str, **sent: Any) -> TestResponse:
        path = url.removeprefix(PUBLIC)
        assert "//" not in path, f"{url} leads away from {PUBLIC}"
        headers = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7"}
        # A context of its own, as in production: Flask would share the test's `g`.
        with self.app.app_context():
            response = self.client.open(
                path,
                method=method,
                base_url=PUBLIC,
                headers=headers | {"Referer": self.url},
                **sent,
            )
        self.cookies += response.headers.getlist("Set-Cookie")
        self.url = PUBLIC + path
        return response


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    return make_app(tmp_path / "instance", PUBLIC_URL=PUBLIC, PROXY_HOPS="1")


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    with app.app_context():
        yield db.session()


@pytest.fixture
def link(app: Flask, session: Session) -> str:
    return setup_link(app.extensions["sysmail.config"], session) or ""


def _set_up(browser: Browser, link: str) -> Element:
    browser.get(link)
    return browser.submit("password", name="Alice", email="alice@corp", password=PASSWORD)


def test_the_journey_to_a_saved_account_and_a_record(app: Flask, link: str) -> None:
    assert link.startswith(PUBLIC)
    browser = Browser(app)
    assert _set_up(browser, link).one("h1").text == "System Mail Account"
    assert "which only this machine can open" not in browser.response.text
    page = browser.submit("mail_server", mail_server="builtin")
    assert page.one("[data-test-state]")["data-test-state"] == "waiting"
    browser.get("/")
    browser.submit("members", name="Leads")
    assert browser.submit("title", title="ACME renewal").one("h1").text == "ACME renewal"
    assert "Twelve per cent" in browser.submit("text", text="Twelve per cent").text
    browser.get("/settings/notifications")
    assert browser.submit("receive", receive="all").select(".notice-good")


def test_every_cookie_is_secure_and_for_this_host_alone(app: Flask, link: str) -> None:
    browser = Browser(app)
    _set_up(browser, link)
    browser.get("/login")
    assert browser.cookies
    for cookie in browser.cookies:
        assert "; Secure" in cookie
        assert "; HttpOnly" in cookie
        assert "; SameSite=Lax" in cookie
        assert "domain=" not in cookie.lower()
    assert any(cookie.startswith("__Host-") for cookie in browser.cookies)
    assert "max-age=" in browser.response.headers["Strict-Transport-Security"]


@pytest.mark.parametrize("referer", ["", "https://elsewhere.test/", "http://portal.example.test/"])
def test_a_form_sent_from_elsewhere_is_refused(
    app: Flask, link: str, session: Session, referer: str
) -> None:
    browser = Browser(app)
    browser.get(link)
    browser.url = referer
    browser.submit("password", name="Alice", email="alice@corp", password=PASSWORD)
    assert browser.response.status_code == 400
    assert session.query(Person).count() == 0


def test_the_sign_in_is_entered_with_the_address_the_proxy_saw(
    app: Flask, link: str, session: Session
) -> None:
    browser = Browser(app)
    page = _set_up(browser, link)
    assert page.one("h1").text == "System Mail Account"
    other = Browser(app)
    other.get("/login")
    other.submit("password", email="alice@corp", password="wrong words")
    assert other.response.status_code == 422
    assert "192.0.2.7" in browser.get("/admin/audit-log").text
