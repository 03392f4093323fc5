"""What people choose for themselves, and what is chosen for those who did not."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.journeys.gathered import gathering
from tests.journeys.looks import Look, press

SETTINGS = "/settings/notifications"
DEFAULTS = "/admin/notification-defaults"
ADDRESS = "/settings/address"
SUMMARY = SETTINGS + "/summary"
RECORD = "/apps/{leads}/records/{record}"


def _daily(page: Page) -> None:
    page.locator('[name="frequency"][value="daily"]').check()
    page.locator('[name="daily_at"]').wait_for()


def _mute(page: Page) -> None:
    page.get_by_role("button", name="Mute", exact=True).click()
    page.locator('[data-mode="mute"]').wait_for()


def _strike(page: Page) -> None:
    page.locator(".tray-item button").first.click()
    page.locator(".struck .tray-item").first.wait_for()


def _follow_app(page: Page) -> None:
    page.get_by_role("button", name="Follow", exact=True).click()
    page.locator('[data-mode="follow"]').wait_for()


PERSON = [
    Look(SETTINGS, "bob"),
    Look(SETTINGS, "bob", "daily", _daily),
    Look(SETTINGS, "bob", "refused", press("Save", quiet_from="22:00"), answers=(422,)),
    Look(SETTINGS, "dan", "never chosen"),
    Look(RECORD, "bob", "muted", _mute),
    Look("/apps/{leads}", "bob", "followed", _follow_app),
    Look(SETTINGS, "bob", "follows and mutes"),
    Look(ADDRESS, "bob"),
    Look(ADDRESS, "bob", "refused", press("Send the link"), answers=(422,)),
    Look(ADDRESS + "/{new_address}", "bob", "to be confirmed"),
    Look(ADDRESS + "/nonsense", "bob", "wrong link", answers=(404,)),
    Look(SUMMARY, "bob"),
    Look(SUMMARY, "bob", "filling", state=gathering),
    Look(SUMMARY, "bob", "struck from", _strike, gathering),
    Look(DEFAULTS),
    Look(DEFAULTS, name="refused", act=press("Save", quiet_from="22:00"), answers=(422,)),
]
