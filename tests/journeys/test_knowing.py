"""In Chromium, in both languages, with and without scripts: who was told, the mails, leaving."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
import time_machine
from playwright.sync_api import expect

from sysmail import clock
from sysmail.leaving import erasure_of
from sysmail.people import Person
from sysmail.words import LANGUAGES
from tests.journeys.walking import Walk, Walker, text_of
from tests.support.processes import wait_for

pytestmark = pytest.mark.xdist_group("browser")

UNKNOWN = "550 5.1.1 no such user"


def test_who_was_told_and_why_stands_under_a_record_and_leads_to_the_red_link(walk: Walk) -> None:
    kay = walk.person("Kay Kern", "to_me")
    app, at = walk.app("Told", kay), walk.at(kay)
    path = walk.record(app, "Not to her")
    assert walk.mails(kay.email) == []
    at.open(path)
    at.page.locator('.told [data-told="not"]').click()
    at.follow("Change this")
    at.titled("Personal Settings")
    admin = walk.admin
    admin.open(path)
    admin.page.locator(".told summary").click()
    admin.page.locator(".told a").last.click()
    admin.titled("Who was told")
    admin.page.get_by_role("link", name=kay.name).click()
    admin.titled("Why did or didn’t %(name)s get this mail?", name=kay.name)
    assert _red(admin) == ["preference"]
    at.tab.assert_quiet()
    admin.tab.assert_quiet()


def test_the_failure_history_and_the_users_page_lead_to_why_a_mail_did_not_come(
    walk: Walk,
) -> None:
    leo = walk.person("Leo Lind")
    app, admin = walk.app("Refused", leo), walk.admin
    with _refusing(walk, leo.email):
        walk.record(app, "Sent back")
        assert walk.mails(leo.email) == []
    admin.open("/admin/system-mail/failures?recipient=leo")
    admin.page.get_by_role("link", name=leo.email).first.click()
    admin.follow("Why did or didn’t they get this mail?")
    assert _red(admin) == ["address", "attempts"]
    admin.sees(UNKNOWN)
    admin.open(f"/admin/users/{leo.id}")
    admin.follow("Why did or didn’t %(name)s get a mail?", name=leo.name)
    admin.page.locator("[data-event] a").first.click()
    assert _red(admin) == ["address", "attempts"]
    admin.tab.assert_quiet()


@contextmanager
def _refusing(walk: Walk, address: str) -> Iterator[None]:
    walk.server.script("rcpt", UNKNOWN, when=lambda to: address in to)
    yield
    walk.server.honest("rcpt")


def _red(admin: Walker) -> list[str | None]:
    """The links of the chain at which the mail ended."""
    admin.shows('[data-verdict="failed"]')
    red = admin.page.locator('[data-link][data-outcome="failed"]').all()
    assert all(admin.says("This is where it ended.") in link.inner_text() for link in red)
    return [link.get_attribute("data-link") for link in red]


def test_pages_and_mails_speak_the_language_one_chose_whatever_the_browser_asks_for(
    walk: Walk,
) -> None:
    [other] = set(LANGUAGES) - {walk.tongue}
    mei = walk.undecided("Mei Mori")
    hanako = walk.person("山田 花子" * 4)
    app, at = walk.app("Words", mei, hanako), walk.at(mei, walk.tongue)
    at.open("/settings/notifications")
    at.titled("Personal Settings")
    at.fill(language=other, receive="all")
    at.press("Save")
    at.tongue = other
    at.titled("Personal Settings")
    walk.record(app, "契約の更新とその条件について、金曜日までにお返事ください。", by=hanako)
    [mail] = walk.mails(mei.email)
    sent = walk.server.ledger[-1]
    head = sent.raw.partition(b"\r\n\r\n")[0]
    words = re.findall(rb"=\?\S+\?=", head)
    assert head.isascii()
    assert words
    assert max(map(len, words)) <= 75
    assert "SMTPUTF8" not in sent.mail_words
    assert mail["Content-Language"] == other
    assert hanako.name in text_of(mail)
    assert "契約の更新とその条件について、金曜日までにお返事ください。" in mail["Subject"]
    assert at.says("Change what you are told:") in text_of(mail)
    at.tab.assert_quiet()


def test_a_mail_is_made_as_designed_and_its_link_mutes_the_record_or_stops_the_kind(
    walk: Walk,
) -> None:
    nia = walk.person("Nia Nord")
    app, admin = walk.app("Designed", nia), walk.admin
    admin.open("/admin/mails")
    admin.fill(portal="Acme", names_actor=True, reply_to="help@example.com", footer="Acme Ltd")
    admin.press("Save")
    admin.reads("The mail design is saved. Look at the previews.")
    admin.page.locator("#previews ~ ul a").nth(3).click()
    expect(admin.page.frame_locator("iframe").locator("body")).to_contain_text("Acme Ltd")
    path = walk.record(app, "Made so")
    [mail] = walk.mails(nia.email)
    assert mail["From"].addresses[0].display_name == admin.says(
        "%(name)s via %(portal)s", name="Alice Archer", portal="Acme"
    )
    assert mail["Reply-To"] == "help@example.com"
    assert "Acme Ltd" in text_of(mail)
    link = mail["List-Unsubscribe"].strip("<>")
    anybody = walk.at(None)
    anybody.open(link)
    anybody.press("Mute this record")
    anybody.reads("Muted: of this record you hear nothing more but where you are mentioned.")
    walk.comment(app, path, "More of it")
    assert walk.mails(nia.email) == []
    anybody.open(link)
    anybody.press("Stop these e-mails")
    anybody.titled("You get no more of these e-mails")
    walk.record(app, "Another")
    assert walk.mails(nia.email) == []
    admin.open("/admin/mails")
    admin.fill(portal="Sysmail", names_actor=False, reply_to="", footer="")
    admin.press("Save")
    admin.reads("The mail design is saved. Look at the previews.")
    for one in (admin, anybody):
        one.tab.assert_quiet()


def test_a_person_takes_along_what_is_stored_and_is_erased(walk: Walk) -> None:
    ole = walk.person("Ole Olsen", frequency="hourly")
    app, at, admin = walk.app("Left", ole), walk.at(ole), walk.admin
    path = walk.record(app, "Written by Ole", by=ole)
    walk.record(app, "He is never mailed this")
    assert walk.mails(ole.email) == []
    at.open("/settings/notifications")
    with at.page.expect_download() as download:
        at.follow("Download it")
    taken = json.loads(download.value.path().read_text())
    assert ole.email in json.dumps(taken)
    admin.open(f"/admin/users/{ole.id}")
    admin.follow("Erase this person")
    admin.titled("Erase %(name)s?", name=ole.name)
    admin.press("Erase for good")
    admin.reads("Traces are being cleared")
    assert walk.mails(ole.email) == []
    _clear_traces(walk, ole)
    if not walk.scripted:
        admin.open(f"/admin/users/{ole.id}/erasure")
    admin.reads("Erased")
    for page in ("/admin/users", "/admin/audit-log", path):
        admin.open(page)
        expect(admin.page.locator("main")).not_to_contain_text("Ole Olsen")
        expect(admin.page.locator("main")).not_to_contain_text(ole.email)
    at.open("/")
    at.titled("Sign in")
    for one in (at, admin):
        one.tab.assert_quiet()


def _clear_traces(walk: Walk, person: Person) -> None:
    """A worker takes a slice whenever it has nothing else to do; those here end so."""

    def is_cleared() -> bool:
        walk.mails(person.email)
        with walk.house.session() as session:
            erasure = erasure_of(session, person.id)
            return erasure is not None and erasure.ended_at is not None

    wait_for(lambda: is_cleared() or None, what="the traces to be cleared")


def test_whose_address_refuses_mail_on_two_days_is_told_and_can_try_again(walk: Walk) -> None:
    pia = walk.person("Pia Park")
    app, at, admin = walk.app("Bouncing", pia), walk.at(pia), walk.admin
    with _refusing(walk, pia.email):
        for days in (0, 1):
            walk.record(app, f"Day {days}")
            with time_machine.travel(clock.now() + timedelta(days=days), tick=True):
                assert walk.mails(pia.email) == []
    at.open("/")
    at.reads("Your address refuses mail")
    admin.open("/admin/users")
    admin.page.locator('a[href*="bouncing"]').click()
    admin.sees(pia.email)
    at.press("It works again: try it", within="[data-bouncing]")
    at.reads("Mail goes to %(email)s again.", email=pia.email)
    at.shows("[data-bouncing]", 0)
    walk.record(app, "It works")
    assert len(walk.mails(pia.email)) == 1
    admin.open("/admin/users?state=bouncing")
    admin.reads("Nobody found")
    for one in (at, admin):
        one.tab.assert_quiet()
