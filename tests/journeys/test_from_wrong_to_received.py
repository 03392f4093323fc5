"""Everything wrong, then one sentence and one button at a time until a test mail is received."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.support.browser import Tab, tab
from tests.support.ports import closed_port
from tests.support.processes import Sysmail, running
from tests.support.readers import ChromiumReader
from tests.support.smtp_ledger import Received
from tests.support.smtpd import ScriptedSmtp

pytestmark = pytest.mark.xdist_group("browser")

ME, SECRET = "portal@example.com", "open sesame 開け"
COLLEAGUE = "alice@example.com"


@pytest.fixture
def server() -> Iterator[ScriptedSmtp]:
    """It speaks STARTTLS, has a certificate of its company, and lets nobody send as another."""
    with ScriptedSmtp(users={ME: SECRET}, tls="starttls", certificate="company") as scripted:
        refusal = "553 5.7.1 <news@example.com>: Sender address rejected: not owned by user"
        scripted.script("mail", refusal, when=lambda argument: ME not in argument)
        yield scripted


@pytest.fixture
def sysmail(tmp_path: Path) -> Iterator[Sysmail]:
    with running(tmp_path / "instance", RATELIMIT_ENABLED="0") as started:
        yield started


class Newcomer(ChromiumReader):
    """Reads what the check says and does that; nothing else is typed or pressed."""

    def is_told(self, cause: str, sentence: str) -> None:
        failed = self.page.locator("[data-step][data-outcome=failed]")
        expect(failed).to_have_attribute("data-cause", cause)
        expect(self.page.locator("#check .outcome-body")).to_contain_text(sentence)

    def is_asked_for_the_password(self) -> None:
        expect(self.page.locator("#error-summary")).to_contain_text("password")
        expect(self.page.locator("#error-summary")).to_be_focused()

    def types_and_checks(self, **values: str) -> None:
        self.fill(**values)
        self.press("Check connection")

    def sets_up(self, link: str) -> None:
        self.open(link)
        self.fill(name="Alice", email=COLLEAGUE, password="four plain words here")
        self.press("Set up")
        self.titled("System Mail Account")


def test_from_wrong_everything_to_a_received_mail(
    browser: Browser, sysmail: Sysmail, server: ScriptedSmtp
) -> None:
    with tab(browser, sysmail.url) as window:
        reader, port = Newcomer(window), server.port
        reader.sets_up(sysmail.said(r"(http://\S+/setup\?token=\S+)"))
        reader.fill(mail_server="external", email_address="news@example.com", encryption="ssl")
        reader.fill(smtp_host="localhost.invalid", smtp_port=closed_port(), use_smtp_auth=True)
        reader.types_and_checks(account_name="portal", password="open barley")

        reader.is_told("host_unknown", "Check the spelling of the SMTP server")
        reader.types_and_checks(smtp_host="localhost")
        reader.is_asked_for_the_password()
        reader.types_and_checks(password="open barley")
        reader.is_told("connection_refused", "compare port number and encryption method")
        reader.types_and_checks(smtp_port=str(port))
        reader.is_told("encryption_mismatch", "each side waits for another language")
        reader.press(f"Switch to STARTTLS, port {port}")
        reader.is_told("certificate_untrusted", "trust its authority or this certificate")
        reader.page.get_by_role("button", name="Trust the authority").click()
        reader.is_asked_for_the_password()
        reader.types_and_checks(password="open barley")
        reader.is_told("login_rejected", "The account name is often the whole e-mail address")
        reader.types_and_checks(account_name=ME, password=SECRET)
        reader.is_told("sender_not_allowed", "belongs to the login")
        reader.press(f"Send as {ME}")

        expect(reader.page.locator("#check")).to_have_attribute("data-check-state", "ok")
        assert server.ledger == []
        reader.follow("On to Save")
        reader.press("Save")
        reader.awaits("[data-test-state=sent]")
        reader.sees("Accepted by localhost in")
        _press_its_button(window, server)
        reader.awaits("[data-test-state=received]")
        reader.sees("all the way to the mailbox")
        window.assert_quiet(422)


def _press_its_button(window: Tab, server: ScriptedSmtp) -> None:
    """Where the mail is read: in another window, which knows nobody."""
    [mail] = server.wait_for(1)
    assert (mail.mail_from, mail.rcpt_to, mail.auth_user) == (ME, (COLLEAGUE,), ME)
    browser = window.context.browser
    assert browser is not None
    with tab(browser, window.base_url) as elsewhere:
        elsewhere.page.goto(_link_in(mail, window.base_url))
        elsewhere.page.get_by_role("main").get_by_role("button").click()
        expect(elsewhere.page.locator("h1")).to_have_text("The test e-mail arrived")
        elsewhere.assert_quiet()


def _link_in(mail: Received, base_url: str) -> str:
    html = message_from_bytes(mail.raw, policy=policy.default).get_body(("html",))
    assert html is not None
    found = re.search(rf"{base_url}/received/[^\"\s]+", html.get_content())
    assert found
    return found[0]
