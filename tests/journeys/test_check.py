"""From wrong everything to an accepted mail in Chromium, one sentence and one button at a time."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from sysmail.db import db
from sysmail.people import new_person
from tests.support.browser import tab
from tests.support.checking import checks
from tests.support.instance import make_app
from tests.support.ports import free_port
from tests.support.post_office import work
from tests.support.serving import serving
from tests.support.smtpd import ScriptedSmtp

pytestmark = pytest.mark.xdist_group("browser")

ME, SECRET = "portal@example.com", "open sesame 開け"


def _fails(page: Page, cause: str) -> None:
    expect(page.locator("#check")).to_have_attribute("data-check-state", "failed")
    expect(page.locator("[data-step][data-outcome=failed]")).to_have_attribute("data-cause", cause)


def _type(page: Page, server: ScriptedSmtp) -> None:
    """Everything wrong that can be: encryption, trust, sender."""
    page.locator('[name="mail_server"][value="external"]').check()
    page.locator("#email_address").fill("news@example.com")
    page.locator('[name="smtp_host"]').fill(server.host)
    page.locator('[name="encryption"][value="ssl"]').check()
    expect(page.locator('[name="smtp_port"]')).to_have_value("465")
    page.locator('[name="smtp_port"]').fill(str(server.port))
    page.locator('[name="use_smtp_auth"]').check()
    page.locator('[name="account_name"]').fill(ME)
    page.locator('[name="password"]').fill(SECRET)
    page.locator('[name="test_address"]').fill("bob@example.com")


def test_each_sentence_leads_to_the_next_until_mail_is_accepted(
    tmp_path: Path, browser: Browser
) -> None:
    app = make_app(tmp_path / "instance", BIND=f"127.0.0.1:{free_port()}")
    with (
        app.app_context(),
        ScriptedSmtp(users={ME: SECRET}, tls="starttls", certificate="company") as server,
    ):
        server.script("mail", "553 5.7.1 Sender address not owned by user", when=_is_other)
        alice = new_person("alice@example.com", "Alice", administrator=True)
        db.session.add(alice)
        db.session.commit()
        with serving(app) as url, checks(app), tab(browser, url) as window:
            page = window.page
            window.sign_in(app, alice)
            window.go("/admin/system-mail")
            _type(page, server)
            page.get_by_role("button", name="Check connection").click()

            _fails(page, "encryption_mismatch")
            page.get_by_role("button", name=f"Switch to STARTTLS, port {server.port}").click()
            _fails(page, "certificate_untrusted")
            page.get_by_role("button", name="Trust the authority").click()

            expect(page.locator("#error-summary")).to_contain_text("Enter the password again")
            expect(page.locator("#error-summary")).to_be_focused()
            page.locator('[name="password"]').fill(SECRET)
            page.get_by_role("button", name="Check connection").click()

            _fails(page, "sender_not_allowed")
            page.get_by_role("button", name=f"Send as {ME}").click()
            expect(page.locator("#check")).to_have_attribute("data-check-state", "ok")
            expect(page.locator("[data-step][data-outcome=ok]")).to_have_count(8)
            assert server.ledger == []

            page.get_by_role("link", name="On to Save").click()
            page.locator("#save").click()
            expect(page.locator("h1")).to_have_text("Test e-mail")
            work(app)
            expect(page.locator("[data-test-state=sent]")).to_be_visible()
            window.assert_quiet()
        [mail] = server.ledger
        assert (mail.mail_from, mail.rcpt_to) == (ME, ("bob@example.com",))


def _is_other(argument: str) -> bool:
    return ME not in argument
