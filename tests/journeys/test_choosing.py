"""In Chromium, in both languages, with and without scripts: people choose what reaches them."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from sysmail import clock
from tests.journeys.furnished import PASSWORD
from tests.journeys.walking import Walk, Walker, link_in, text_of

pytestmark = pytest.mark.xdist_group("browser")

SETTINGS = "/settings/notifications"
SAVED = "Saved. Your choice also holds for e-mail that is waiting to be sent."


def choose(walker: Walker, **values: object) -> None:
    walker.open(SETTINGS)
    walker.fill(**values)
    walker.press("Save")
    walker.shows("#notices .notice-good")


def test_quiet_hours_hold_a_mail_and_giving_them_up_sends_it(walk: Walk) -> None:
    bea = walk.person("Bea Brown")
    app, at = walk.app("Quiet", bea), walk.at(bea)
    at.open(SETTINGS)
    _take_this_zone(at, walk.scripted)
    now = clock.now().astimezone(ZoneInfo("Asia/Tokyo"))
    hours = [f"{now + timedelta(hours=away):%H:%M}" for away in (-1, 1)]
    at.fill(quiet_from=hours[0], quiet_until=hours[1])
    at.press("Save")
    at.reads(SAVED)
    at.holds("timezone", "Asia/Tokyo")
    path = walk.record(app, "At night")
    assert walk.mails(bea.email) == []
    at.open(path)
    at.page.locator(".told summary").click()
    at.follow("Change this")
    choose(at, quiet_from="", quiet_until="")
    held = "%(num)s e-mail that quiet hours held goes out now."
    at.reads(held, "%(num)s e-mails that quiet hours held go out now.")
    [mail] = walk.mails(bea.email)
    assert "At night" in mail["Subject"]
    at.tab.assert_quiet()


def _take_this_zone(at: Walker, scripted: bool) -> None:
    offer = at.page.locator("[data-zone-offer]")
    if scripted:
        offer.click()
    else:
        expect(offer).to_be_hidden()
        at.fill(timezone="Asia/Tokyo")


def test_changing_ones_mind_flushes_or_cancels_what_waits_and_says_so(walk: Walk) -> None:
    cem = walk.person("Cem Can")
    app, at = walk.app("Mind", cem), walk.at(cem)
    choose(at, frequency="daily", daily_at="17:00", mentions_at_once=True)
    at.holds("daily_at", "17:00")
    walk.record(app, "For the evening")
    path = walk.record(app, "For him at once", f"@[{cem.email}]")
    [mention] = walk.mails(cem.email)
    assert "For him at once" in mention["Subject"]
    choose(at, frequency="immediate")
    now = "The summary goes out now, with the %(num)s notification it holds."
    at.reads(now, "The summary goes out now, with the %(num)s notifications it holds.")
    [summary] = walk.mails(cem.email)
    assert "For the evening" in text_of(summary)
    choose(at, frequency="hourly")
    walk.comment(app, path, "Never mind.")
    assert walk.mails(cem.email) == []
    choose(at, receive="none")
    at.reads("Saved. You get no e-mail notifications; what was waiting for you is not sent.")
    assert walk.mails(cem.email) == []
    at.tab.assert_quiet()


def test_a_record_is_muted_and_an_app_followed_on_their_pages_and_in_the_settings(
    walk: Walk,
) -> None:
    dov = walk.person("Dov Dahl", "to_me")
    app, at = walk.app("Follow", dov), walk.at(dov)
    path = walk.record(app, "Followed")
    assert walk.mails(dov.email) == []
    at.open(f"/apps/{app.id}")
    at.press("Follow")
    at.reads("You follow “%(name)s”: you hear of everything in it.", name="Follow")
    walk.comment(app, path, "For followers")
    assert len(walk.mails(dov.email)) == 1
    at.open(path)
    at.press("Mute")
    at.reads("“%(name)s” is muted: you hear only where you are mentioned.", name="Followed")
    walk.comment(app, path, "For nobody")
    assert walk.mails(dov.email) == []
    record = f"record_{path.rpartition('/')[2]}"
    at.open(SETTINGS)
    at.holds(record, "mute")
    at.fill(**{record: "", f"app_{app.id}": "mute"})
    at.press("Save")
    at.reads(SAVED)
    at.holds(f"app_{app.id}", "mute")
    at.tab.assert_quiet()


def test_a_new_address_holds_once_its_link_is_opened_and_confirmed(walk: Walk) -> None:
    eli = walk.person("Eli Ende")
    at = walk.at(eli)
    at.open(SETTINGS)
    at.follow("Change the address")
    at.titled("Your e-mail address")
    at.fill(email="eli.new@example.com", own_password="wrong")
    at.press("Send the link")
    at.shows("#error-summary")
    at.fill(email="eli.new@example.com", own_password=PASSWORD)
    at.press("Send the link")
    at.reads(
        "A mail is on its way to %(email)s. Confirm the address with its link.",
        email="eli.new@example.com",
    )
    [asked] = walk.mails("eli.new@example.com")
    at.open(link_in(asked, "/settings/address/"))
    at.titled("Use this address?")
    at.press("Use this address")
    at.reads("Your address is %(email)s now.", email="eli.new@example.com")
    assert len(walk.mails("eli@example.com")) == 1
    at.tab.assert_quiet(422)


def test_a_default_reaches_only_who_never_chose(walk: Walk) -> None:
    fay, gus = walk.person("Fay Fox"), walk.undecided("Gus Gray")
    app = walk.app("Defaults", fay, gus)
    for receive, heard in (("all", 1), ("to_me", 0)):
        walk.admin.open("/admin/notification-defaults")
        walk.admin.fill(receive=receive, language=walk.tongue)
        walk.admin.press("Save")
        walk.admin.reads("Saved. Whoever has chosen for themselves keeps their choice.")
        walk.record(app, f"For {receive}")
        before = len(walk.server.ledger)
        assert len(walk.mails(gus.email)) == heard
        assert {fay.email} <= {mail.rcpt_to[0] for mail in walk.server.ledger[before:]}
    walk.admin.tab.assert_quiet()


def test_a_summary_is_looked_at_struck_from_and_sent_at_once(walk: Walk) -> None:
    hal = walk.person("Hal Hope", frequency="hourly")
    app, at = walk.app("Summed up", hal), walk.at(hal)
    for title in ("Struck out", "Read about", "Deleted"):
        path = walk.record(app, title)
    assert walk.mails(hal.email) == []
    at.open(SETTINGS)
    at.follow("See your next summary")
    at.titled("Your next summary")
    at.shows(".tray-item", 3)
    for title in ("Struck out", "Read about"):
        at.page.locator(".tray-item", has_text=title).get_by_role("button").click()
        at.reads("Struck out. Until the summary is sent you can put it back.")
    at.page.locator(".struck .tray-item", has_text="Read about").get_by_role("button").click()
    at.shows(".struck .tray-item", 1)
    walk.admin.open(f"{path}/deletion")
    walk.admin.page.locator("main form button").click()
    walk.admin.page.wait_for_url(f"**/apps/{app.id}")
    at.press("Send it now")
    at.reads("The summary is on its way.")
    [mail] = walk.mails(hal.email)
    told = text_of(mail)
    assert "Read about" in told
    assert "Struck out" not in told
    assert "Deleted" not in told
    at.open(SETTINGS + "/summary")
    at.reads("Nothing in it yet")
    at.tab.assert_quiet()


def test_beside_each_choice_stands_what_it_would_have_meant(walk: Walk) -> None:
    ian = walk.person("Ian Imai")
    app, at = walk.app("Weighed", ian), walk.at(ian)
    walk.record(app, "One")
    walk.record(app, "Two", f"@[{ian.email}]")
    walk.mails(ian.email)
    at.open(SETTINGS)
    for receive, mails in (("none", 0), ("to_me", 1), ("all", 2)):
        beside = at.page.locator("label.tick", has=at.page.locator(f'[value="{receive}"]'))
        meant = at.says("Last 7 days: %(num)s mail.", "Last 7 days: %(num)s mails.", mails)
        expect(beside).to_contain_text(meant)
    at.tab.assert_quiet()


def test_the_bell_counts_and_what_was_read_in_the_portal_is_not_mailed(walk: Walk) -> None:
    jan = walk.person("Jan Juhl", frequency="hourly")
    app, at = walk.app("Bell", jan), walk.at(jan)
    for title in ("Opened", "Marked", "Left unread"):
        walk.record(app, title)
    assert walk.mails(jan.email) == []
    choose(at, unread_only=True)
    at.shows('.bell[data-unread="3"]')
    at.open("/notifications")
    at.titled("Notifications")
    at.page.locator(".heard form button.row-link", has_text="Opened").click()
    expect(at.page.locator("h1")).to_have_text("Opened")
    at.open("/notifications")
    marked = at.page.locator(".heard li", has_text="Marked")
    marked.get_by_role("button", name=at.says("Read")).last.click()
    at.shows('.bell[data-unread="1"]')
    at.open(SETTINGS + "/summary")
    at.press("Send it now")
    at.reads("The summary is on its way.")
    [mail] = walk.mails(jan.email)
    assert "Left unread" in text_of(mail)
    assert not {"Opened", "Marked"} & set(text_of(mail).split())
    at.open("/notifications")
    at.press("Mark all as read")
    at.reads("Nothing is unread")
    at.shows('.bell[data-unread="0"]')
    at.tab.assert_quiet()
