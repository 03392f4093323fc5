"""The time zone of the browser is offered, and no more than offered."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from sysmail.people import new_person
from sysmail.preferences import choice_of
from tests.journeys.furnished import House
from tests.support.browser import tab
from tests.support.instance import make_app
from tests.support.ports import free_port
from tests.support.serving import serving

pytestmark = pytest.mark.xdist_group("browser")


def test_one_click_takes_the_browsers_zone_and_saving_keeps_it(
    tmp_path: Path, browser: Browser
) -> None:
    app = make_app(tmp_path / "instance", BIND=f"127.0.0.1:{free_port()}")
    with serving(app) as url, tab(browser, url, timezone_id="America/New_York") as window:
        house, bob = House(app, url), new_person("bob@example.com", "Bob")
        with house.session() as session:
            session.add(bob)
            session.commit()
            house.keep(bob)
        window.sign_in(app, bob)
        window.go("/settings/notifications")
        offer = window.page.get_by_role("button", name="Use America/New York, as this browser does")
        chosen = window.page.locator('[name="timezone"]')
        expect(chosen).to_have_value("UTC")
        offer.click()
        expect(chosen).to_have_value("America/New_York")
        expect(offer).to_be_hidden()
        window.page.get_by_role("button", name="Save", exact=True).click()
        expect(window.page.locator(".notices, main").first).to_contain_text("Saved.")
        expect(offer).to_be_hidden()
        with house.session() as session:
            assert choice_of(session, bob.id).timezone == "America/New_York"
        window.assert_quiet()
