"""In Chromium: a page that stays open tells an administrator of a pause, and of its end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from sysmail import clock
from sysmail.account import Incident, health, note_reached, note_trouble
from sysmail.db import db
from sysmail.outbox import Worker
from sysmail.people import Person, new_person
from tests.support.axe import inject, violations
from tests.support.browser import Tab, tab
from tests.support.instance import make_app, without_table
from tests.support.ports import free_port
from tests.support.serving import serving

REFUSED = Incident("config", "account", "login_rejected", "auth", "535 5.7.8 no", "smtp.a")
SECOND = 1000
# Counts what a screen reader would read out: changes inside the live region.
_LISTEN = """
window.heard = 0;
new MutationObserver(() => { window.heard += 1; }).observe(
  document.querySelector("#trouble-now").parentElement, {childList: true, subtree: true});
"""


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    app = make_app(tmp_path / "instance", BIND=f"127.0.0.1:{free_port()}")
    with app.app_context():
        at = clock.now()
        db.session.add(Worker(id="w", boot_id="b", pid=1, started_at=at, seen_at=at, beats=1))
        db.session.add(new_person("alice@example.com", "Alice", administrator=True))
        db.session.commit()
        yield app


@pytest.fixture
def window(app: Flask, browser: Browser) -> Iterator[Tab]:
    with serving(app) as url, tab(browser, url) as window:
        window.sign_in(app, db.session.get_one(Person, 1))
        window.page.clock.install()
        yield window


def _pause(app: Flask) -> None:
    note_trouble(db.session(), app.extensions["sysmail.config"], REFUSED, clock.now())
    db.session.commit()


def _banner(page: Page) -> None:
    expect(page.get_by_text("System mail is paused")).to_be_visible()


def _asked(page: Page) -> int:
    """Ten seconds on, the page has asked and was answered with this status."""
    with page.expect_response("**/system-mail/now?*") as answered:
        page.clock.run_for(10 * SECOND)
    return answered.value.status


def test_the_banner_comes_and_goes_by_itself_and_is_read_out_once(app: Flask, window: Tab) -> None:
    page = window.page
    window.go("/admin/users/new")
    page.evaluate(_LISTEN)
    page.get_by_label("Name").fill("Half a na")
    assert _asked(page) == 204
    assert page.evaluate("window.heard") == 0
    _pause(app)
    assert _asked(page) == 200
    _banner(page)
    inject(page)
    assert violations(page) == ""
    heard = page.evaluate("window.heard")
    assert _asked(page) == 204
    assert page.evaluate("window.heard") == heard
    note_reached(db.session(), clock.now())
    db.session.commit()
    assert _asked(page) == 200
    expect(page.get_by_text("System mail is paused")).to_have_count(0)
    expect(page.get_by_label("Name")).to_have_value("Half a na")
    expect(page.get_by_label("Name")).to_be_focused()
    window.assert_quiet()


def test_having_seen_it_leads_back_to_the_page_it_came_up_on(app: Flask, window: Tab) -> None:
    page = window.page
    window.go("/admin/audit-log?before=9")
    _pause(app)
    page.clock.run_for(10 * SECOND)
    page.get_by_role("button", name="I have seen it").click()
    expect(page.locator(".banner-seen")).to_be_visible()
    assert page.url.endswith("/admin/audit-log?before=9")
    window.assert_quiet()


def test_after_signing_out_elsewhere_the_page_stays_as_it_is(app: Flask, window: Tab) -> None:
    page = window.page
    window.go("/admin/users/new")
    page.get_by_label("Name").fill("Half a na")
    window.context.clear_cookies()
    _pause(app)
    assert _asked(page) == 204
    expect(page.get_by_label("Name")).to_have_value("Half a na")
    window.assert_quiet()


def test_a_question_that_fails_leaves_the_page_as_it_is(app: Flask, window: Tab) -> None:
    page = window.page
    window.go("/admin/users/new")
    page.get_by_label("Name").fill("Half a na")
    with without_table("account_health"):
        assert _asked(page) == 500
    _pause(app)
    page.clock.run_for(10 * SECOND)
    _banner(page)
    expect(page.get_by_label("Name")).to_have_value("Half a na")


def test_the_card_renews_itself_and_leaves_what_is_typed_and_the_focus(
    app: Flask, window: Tab
) -> None:
    page = window.page
    window.go("/admin/system-mail")
    page.get_by_label("Test e-mail address").fill("half an addr")
    _pause(app)
    page.clock.run_for(10 * SECOND)
    card = page.locator("#account-state")
    expect(card).to_have_attribute("data-account-state", "paused")
    expect(page.get_by_label("Test e-mail address")).to_have_value("half an addr")
    expect(page.get_by_label("Test e-mail address")).to_be_focused()
    inject(page)
    assert violations(page) == ""
    page.get_by_role("button", name="Try now").focus()
    before = card.get_attribute("hx-get")
    health(db.session()).words = "535 5.7.8 still no"
    db.session.commit()
    page.clock.run_for(10 * SECOND)
    expect(card).to_contain_text("still no")
    assert card.get_attribute("hx-get") != before
    expect(page.get_by_role("button", name="Try now")).to_be_focused()
    window.assert_quiet()


def test_a_failing_look_at_a_check_leaves_what_is_typed_below_it(window: Tab) -> None:
    page = window.page
    window.go("/admin/system-mail")
    page.locator('[name="mail_server"][value="external"]').check()
    page.locator("#email_address").fill("portal@example.com")
    page.locator('[name="smtp_host"]').fill("smtp.example.com")
    page.get_by_role("button", name="Check connection").click()
    page.locator("#check[data-check-state=waiting]").wait_for()
    page.locator('[name="smtp_host"]').fill("smtp.example.org")
    with without_table("job"), page.expect_response("**/steps") as answered:
        page.clock.run_for(SECOND)
        assert answered.value.status == 500
    with page.expect_response(lambda answer: answer.url.endswith("/steps") and answer.ok):
        page.clock.run_for(SECOND)
    expect(page.locator('[name="smtp_host"]')).to_have_value("smtp.example.org")
