"""The mails' HTML in a real browser: light and dark, wide and narrow, and nothing is fetched."""

from __future__ import annotations

from email import message_from_bytes, policy
from pathlib import Path
from typing import Literal

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, ViewportSize
from sqlalchemy.orm import Session

from sysmail.audit import SYSTEM
from sysmail.events import AUDIT_LOG_ADDED, COMMENT_POSTED, RECORD_ADDED
from sysmail.notifications import SAMPLES, Design, change_design, post_account_mail, sample
from sysmail.people import Person
from sysmail.portal import add_app, add_comment, add_record
from sysmail.preferences import store_choice
from sysmail.words import LANGUAGES
from tests.support.axe import COLOURS, WCAG, inject, overflow, violations
from tests.support.browser import DESKTOP, NARROW, PHONE, tab
from tests.support.post_office import post_test, work

pytestmark = pytest.mark.xdist_group("browser")

LINK = "http://portal.example.com/reset/token"
PANE = ViewportSize(width=640, height=820)
PURPOSES = ("invitation", "reset", "password_changed")


@pytest.fixture
def mails(app: Flask, session: Session, alice: Person, bob: Person) -> dict[str, str]:
    """The HTML of one mail of each kind, by its kind; account mails by their purpose too."""
    kinds = RECORD_ADDED.bit | COMMENT_POSTED.bit | AUDIT_LOG_ADDED.bit
    store_choice(session, alice.id, "all", kinds, "html")
    leads = add_app(session, bob, "Leads")
    record = add_record(session, bob, leads, "ACME renewal", "Three years.\n.\n" + "x" * 200).thing
    add_comment(session, bob, leads, record, f"@[{alice.email}] <b>can</b> you check this?")
    vault = app.extensions["sysmail.vault"]
    for purpose in PURPOSES:
        post_account_mail(session, vault, bob, purpose, LINK)
    session.commit()
    post_test(app)
    work(app)
    found: dict[str, str] = {}
    for path in (Path(app.instance_path) / "captured").glob("*.eml"):
        mail = message_from_bytes(path.read_bytes(), policy=policy.default)
        html = mail.get_body(("html",))
        if html is not None:
            found[f"{mail['X-Sysmail-Event']} {mail['Subject']}"] = html.get_content()
    return found


def test_every_mail_is_readable_in_light_and_dark_and_fetches_nothing(
    browser: Browser, mails: dict[str, str]
) -> None:
    kinds = {name.partition(" ")[0] for name in mails}
    assert kinds == {"record_added", "comment_posted", "audit_log_added", "test", "account"}
    with tab(browser, "") as window:
        asked: list[str] = []
        window.context.on("request", lambda request: asked.append(request.url))
        for name, html in mails.items():
            _examine(window.page, name, html)
        assert asked == []
        window.assert_quiet()


@pytest.mark.parametrize("tongue", LANGUAGES)
def test_every_kind_is_readable_on_a_phone_and_in_a_reading_pane(
    browser: Browser, app: Flask, session: Session, tongue: str
) -> None:
    change_design(session, SYSTEM, Design("Acme Portal", "Acme Ltd\n" + "x" * 300, True))
    config = app.extensions["sysmail.config"]
    with tab(browser, "") as window:
        for kind in SAMPLES:
            letter = sample(session, config, kind, tongue).letter
            assert letter.html
            _examine(window.page, kind, letter.html, (NARROW, PANE))
            looks = {_picture(window.page, scheme) for scheme in ("light", "dark")}
            assert len(looks) == 2, f"{kind} looks the same in the dark"
        window.assert_quiet()


def _picture(page: Page, scheme: Literal["light", "dark"]) -> bytes:
    page.emulate_media(color_scheme=scheme)
    return page.screenshot(full_page=True)


def _examine(
    page: Page, name: str, html: str, sizes: tuple[ViewportSize, ...] = (DESKTOP, PHONE)
) -> None:
    page.set_content(html)
    inject(page)
    for size in sizes:
        page.set_viewport_size(size)
        page.emulate_media(color_scheme="light")
        # Landmarks are the mail reader's own page's.
        report = violations(page, WCAG)
        page.emulate_media(color_scheme="dark")
        report += violations(page, COLOURS)
        assert not report, f"{name}, {size['width']} pixels wide: {report}"
        assert overflow(page) == 0, name
