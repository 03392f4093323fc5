"""In Chromium: choices made faster than the server answers; none of them may be lost."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, Page, Route, expect

from sysmail.db import db
from sysmail.people import new_person
from tests.support.browser import tab
from tests.support.instance import make_app
from tests.support.ports import free_port
from tests.support.serving import serving

ACCOUNT = "/admin/system-mail"


class _Held:
    """Keeps back the first answer to a fragment, until `release`."""

    def __init__(self, page: Page, fragment: str) -> None:
        self.routes: list[Route] = []
        page.route(f"**{ACCOUNT}/{fragment}?*", self._keep, times=1)

    def _keep(self, route: Route) -> None:
        self.routes.append(route)

    def release(self) -> None:
        (route,) = self.routes
        route.continue_()


def test_the_last_of_two_quick_choices_is_what_the_form_shows(
    tmp_path: Path, browser: Browser
) -> None:
    app = make_app(tmp_path / "instance", BIND=f"127.0.0.1:{free_port()}")
    with app.app_context():
        alice = new_person("alice@example.com", "Alice", administrator=True)
        db.session.add(alice)
        db.session.commit()
        with serving(app) as url, tab(browser, url) as window:
            window.sign_in(app, alice)
            window.go(ACCOUNT)
            page = window.page
            page.get_by_text("External mail server").click()
            page.get_by_label("Use SMTP AUTH").check()
            page.get_by_text("Log in without a password").click()
            page.get_by_role("radio", name="OAuth 2.0").check()
            expect(page.get_by_role("radio", name="Other")).to_be_visible()

            first = _Held(page, "auth")
            page.get_by_role("radio", name="Other").check()
            page.get_by_label("Client secret", exact=True).fill("typed once")
            page.get_by_role("radio", name="as a person").check()
            first.release()
            expect(page.get_by_label("Authorization address")).to_be_visible()
            expect(page.get_by_label("Client secret", exact=True)).to_have_value("typed once")

            first = _Held(page, "port")
            page.get_by_role("radio", name="Plain").check()
            page.get_by_role("radio", name="SSL").check()
            first.release()
            expect(page.get_by_label("Port Number")).to_have_value("465")
            window.assert_quiet()
