"""The same journey by plain HTML, by htmx and in Chromium, against running processes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.journeys.story import ACCOUNT, SECRET, Story
from tests.support.browser import tab
from tests.support.instance import attach
from tests.support.processes import Sysmail, running
from tests.support.readers import ChromiumReader, PaperReader, Reader
from tests.support.smtpd import ScriptedSmtp


@pytest.fixture
def server() -> Iterator[ScriptedSmtp]:
    with ScriptedSmtp(users={ACCOUNT: SECRET}, tls="starttls") as scripted:
        yield scripted


@pytest.fixture
def sysmail(tmp_path: Path, server: ScriptedSmtp) -> Iterator[Sysmail]:
    settings = {"CA_FILE": server.ca_file, "RATELIMIT_ENABLED": "0"}
    with running(tmp_path / "instance", **settings) as started:
        yield started


def travel(story: Story, folder: Path) -> None:
    story.sets_up()
    story.changes_the_encryption()
    story.reveals_the_login()
    story.keeps_a_port_typed_by_hand()
    story.is_told_what_is_missing()
    story.saves_with_a_wrong_password()
    story.saves_with_the_right_one()
    story.adds_a_colleague()
    mail = story.mentions_him_in_a_comment()
    story.writes_to_many_who_left(folder)
    story.turns_the_pages_of_the_history()
    story.sends_one_again()
    story.chooses_what_to_receive()
    story.reads_the_audit_log()
    story.signs_out("Alice")
    story.lets_the_colleague_follow(mail)
    story.hears_of_it_in_the_portal_too()
    assert SECRET not in story.sysmail.log.read_text()


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
def test_a_colleague_receives_the_mail(
    htmx: bool, sysmail: Sysmail, server: ScriptedSmtp, tmp_path: Path
) -> None:
    reader: Reader = PaperReader(attach(sysmail.environ), htmx)
    travel(Story(reader, sysmail, server), tmp_path)


@pytest.mark.xdist_group("browser")
def test_a_colleague_receives_the_mail_in_chromium_too_and_nothing_goes_wrong(
    browser: Browser, sysmail: Sysmail, server: ScriptedSmtp, tmp_path: Path
) -> None:
    with tab(browser, sysmail.url) as window:
        travel(Story(ChromiumReader(window), sysmail, server), tmp_path)
        window.assert_quiet(422)
