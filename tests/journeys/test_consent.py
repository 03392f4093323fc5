"""In Chromium: OAuth asked for, saved, consented to at another site, and back with a token."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, expect
from sqlalchemy.orm import sessionmaker

from sysmail.account import CONSENT_JOB, exchanging
from sysmail.db import db
from sysmail.jobs import JobRunner
from sysmail.people import new_person
from tests.support.browser import tab
from tests.support.instance import make_app
from tests.support.oauth_server import AuthorizationServer
from tests.support.ports import free_port
from tests.support.serving import serving

ACCOUNT = "/admin/system-mail"


def test_a_person_consents_at_another_site_and_comes_back_signed_in(
    tmp_path: Path, browser: Browser
) -> None:
    app = make_app(tmp_path / "instance", BIND=f"127.0.0.1:{free_port()}")
    config, vault = app.extensions["sysmail.config"], app.extensions["sysmail.vault"]
    with app.app_context():
        alice = new_person("alice@example.com", "Alice", administrator=True)
        db.session.add(alice)
        db.session.commit()
        sessions = sessionmaker(db.engine)
        runner = JobRunner(sessions, vault, {CONSENT_JOB: exchanging(sessions, vault, config)})
        # Another site than the portal's 127.0.0.1, so that the cookie has to survive that.
        with AuthorizationServer() as server, serving(app) as url, tab(browser, url) as window:
            runner.start()
            window.sign_in(app, alice)
            window.go(ACCOUNT)
            page = window.page
            page.get_by_text("External mail server").click()
            page.get_by_label("E-mail address", exact=True).fill("portal@example.com")
            page.get_by_label("SMTP server", exact=True).fill("smtp.example.com")
            page.get_by_label("Use SMTP AUTH").check()
            page.get_by_text("Log in without a password").click()
            page.get_by_role("radio", name="OAuth 2.0").check()
            page.get_by_role("radio", name="Other").check()
            page.get_by_role("radio", name="as a person").check()
            page.get_by_label("Authorization address").fill(server.authorize_url)
            page.get_by_label("Token address").fill(server.token_url)
            page.get_by_label("Email Account Name").fill("portal@example.com")
            page.get_by_label("Client ID").fill(server.client_id)
            page.get_by_label("Client secret").fill(server.client_secret)
            page.get_by_label("Client secret").press("Enter")
            page.get_by_role("link", name="Go on to localhost").click()
            expect(page.locator("[data-grant-state=granted]")).to_be_visible()
            assert window.path.startswith(f"{ACCOUNT}/oauth/grants/")
            page.get_by_role("link", name="Back to System Mail Account").click()
            expect(page.get_by_text("Alice consented")).to_be_visible()
            window.assert_quiet()
            runner.stop()
