"""In Chromium: an address is enough to have the form filled in, and a choice from the list too."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect
from sqlalchemy.orm import sessionmaker

from sysmail.account import provider_finder
from sysmail.db import db
from sysmail.jobs import JobRunner
from sysmail.people import new_person
from tests.journeys.furnished import put_worker
from tests.support.browser import Tab, tab
from tests.support.dnsd import ScriptedDns
from tests.support.instance import make_app
from tests.support.ports import free_port
from tests.support.serving import serving

pytestmark = pytest.mark.xdist_group("browser")

ACCOUNT = "/admin/system-mail"


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    return make_app(tmp_path / "instance", BIND=f"127.0.0.1:{free_port()}")


@pytest.fixture
def window(app: Flask, browser: Browser) -> Iterator[Tab]:
    """The account's page, open, and a worker that asks a DNS of ours."""
    with app.app_context(), ScriptedDns() as dns, serving(app) as url, tab(browser, url) as opened:
        dns.add("example.com", "MX", "10 in1-smtp.messagingengine.com.")
        alice = new_person("alice@example.com", "Alice", administrator=True)
        db.session.add(alice)
        put_worker(db.session())
        handlers = {"provider": provider_finder(dns.nameserver)}
        runner = JobRunner(sessionmaker(db.engine), app.extensions["sysmail.vault"], handlers)
        runner.start()
        opened.sign_in(app, alice)
        opened.go(ACCOUNT)
        opened.page.locator('[name="mail_server"][value="external"]').check()
        yield opened
        runner.stop()
        opened.assert_quiet()


def assert_filled(window: Tab, host: str, port: str, encryption: str, name: str) -> None:
    page = window.page
    expect(page.locator('[name="smtp_host"]')).to_have_value(host)
    expect(page.locator('[name="smtp_port"]')).to_have_value(port)
    expect(page.locator(f'[name="encryption"][value="{encryption}"]')).to_be_checked()
    expect(page.locator('[name="use_smtp_auth"]')).to_be_checked()
    expect(page.locator('[name="account_name"]')).to_have_value(name)


def test_an_address_finds_its_provider_while_one_types_on(window: Tab) -> None:
    page = window.page
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.post_data or ""))
    page.locator('[name="use_smtp_auth"]').check()
    page.locator('[name="password"]').fill("very secret")
    page.locator("#email_address").fill("me@example.com")
    page.locator("#email_address").press("Tab")
    page.locator("#test_address").fill("alice@example.com")
    page.get_by_role("link", name="Fill in its settings").click()
    assert_filled(window, "smtp.fastmail.com", "465", "ssl", "me@example.com")
    expect(page.locator("#test_address")).to_have_value("alice@example.com")
    expect(page.locator('[name="password"]')).to_have_value("very secret")
    assert not any("secret" in data for data in sent)


def test_a_choice_from_the_list_replaces_a_port_typed_by_hand(window: Tab) -> None:
    page = window.page
    page.locator('[name="smtp_port"]').fill("2525")
    page.locator('[name="encryption"][value="ssl"]').check()
    expect(page.locator('[name="smtp_port"]')).to_have_value("2525")
    page.locator("#email_address").fill("me@example.com")
    page.locator("#provider").select_option("sendgrid-eu")
    assert_filled(window, "smtp.eu.sendgrid.net", "587", "starttls", "apikey")
    expect(page.locator(".provider-advice")).to_contain_text("API key")


def test_without_javascript_buttons_do_the_same_and_enter_saves(
    app: Flask, browser: Browser
) -> None:
    with (
        app.app_context(),
        serving(app) as url,
        tab(browser, url, java_script_enabled=False) as plain,
    ):
        alice = new_person("alice@example.com", "Alice", administrator=True)
        db.session.add(alice)
        db.session.commit()
        plain.sign_in(app, alice)
        plain.go(ACCOUNT)
        page = plain.page
        page.locator('[name="mail_server"][value="external"]').check()
        page.locator("#email_address").fill("me@b.example")
        page.locator("#provider").select_option("icloud")
        page.get_by_role("button", name="Fill in its settings").click()
        assert_filled(plain, "smtp.mail.me.com", "587", "starttls", "me@b.example")
        expect(page.locator("#email_address")).to_have_value("me@b.example")
        page.locator("#password").fill("hunter22")
        page.locator("#password").press("Enter")
        expect(page.get_by_text("Saved.")).to_be_visible()
