"""The bell's page, who was told, and why somebody did or did not get a mail."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.journeys.looks import Look, open_details, press

RECORD = "/apps/{leads}/records/{record}"
MAIL = "/admin/users/{dan}/mail"


def _read(page: Page) -> None:
    newest = page.locator("[data-notification]").first.get_attribute("data-notification")
    page.locator(".heard .btn").first.click()
    page.locator(f'[data-notification="{newest}"]').wait_for(state="detached")
    page.get_by_role("link", name="Read", exact=True).click()
    page.locator(".heard li:not(.is-unread)").first.wait_for()


BELL = [
    Look("/notifications", "bob"),
    Look("/notifications", "dan", "nothing"),
    Look("/notifications?show=read", "bob", "nothing"),
    Look("/notifications", "alice", "one of them read", _read),
    Look(RECORD, "alice", "who was told", open_details),
    Look(RECORD, "dan", "what was decided for oneself", open_details),
    Look(RECORD + "/told"),
    Look(RECORD + "/comments/{comment}/told"),
    Look(RECORD + "/comments/{comment}/told?way=summary", name="nobody"),
    Look(MAIL),
    Look(MAIL, name="refused", act=press("Show why", about="somewhere"), answers=(422,)),
    Look(MAIL + "/{event}"),
    Look("/admin/users/{bob}/mail/{event}", name="accepted"),
    Look("/admin/system-mail/failures/{own_mail}/why"),
]
