"""The portal by keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from sysmail.people import new_person
from tests.support.browser import Tab, tab
from tests.support.instance import make_app
from tests.support.ports import free_port
from tests.support.serving import serving

pytestmark = pytest.mark.xdist_group("browser")

ACCOUNT = "/admin/system-mail"


@pytest.fixture
def window(browser: Browser, tmp_path: Path) -> Iterator[Tab]:
    app = make_app(tmp_path / "instance", BIND=f"127.0.0.1:{free_port()}")
    with app.app_context(), serving(app) as url, tab(browser, url) as opened:
        alice = new_person("alice@example.com", "Alice", administrator=True)
        session = app.extensions["sqlalchemy"].session()
        session.add(alice)
        session.commit()
        opened.sign_in(app, alice)
        yield opened


def _focused(window: Tab) -> str:
    """The focused control's name, else its id, else its text."""
    words = "document.activeElement.name || document.activeElement.id"
    return str(window.page.evaluate(f"{words} || document.activeElement.innerText.trim()"))


def test_the_first_tab_leads_past_the_menus(window: Tab) -> None:
    window.go(ACCOUNT)
    window.page.keyboard.press("Tab")
    assert _focused(window) == "Skip to the content"
    expect(window.page.locator("a.skip")).to_be_in_viewport()
    window.page.keyboard.press("Enter")
    assert _focused(window) == "main"
    window.assert_quiet()


def test_the_account_form_is_walked_through_in_the_order_it_is_read(window: Tab) -> None:
    window.go(ACCOUNT)
    page = window.page
    page.locator('[name="mail_server"]:checked').focus()
    page.keyboard.press("ArrowDown")
    visited = [_focused(window)]
    while visited[-1] != "use_smtp_auth":
        page.keyboard.press("Tab")
        visited.append(_focused(window))
    page.keyboard.press("Space")
    expect(page.locator('[name="password"]')).to_be_visible()
    while visited[-1] != "save":
        page.keyboard.press("Tab")
        visited.append(_focused(window))
    assert visited == [
        *("mail_server", "email_address", "provider", "smtp_host", "smtp_port", "encryption"),
        *("use_smtp_auth", "account_name", "password"),
        "Log in without a password: OAuth 2.0, for Microsoft 365 and Google",
        "Trust a company's own certificate",
        "Introduce this machine by another name",
        *("test_address", "save"),
    ]
    window.assert_quiet()


def test_arrow_keys_change_the_encryption_and_the_port_with_it(window: Tab) -> None:
    window.go(ACCOUNT)
    page = window.page
    page.locator('[name="mail_server"][value="external"]').check()
    page.locator('[name="encryption"]:checked').focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator('[name="smtp_port"]')).to_have_value("465")
    assert _focused(window) == "encryption"
    window.assert_quiet()


def test_what_was_refused_takes_the_focus_and_leads_to_its_field(window: Tab) -> None:
    window.go(ACCOUNT)
    page = window.page
    page.locator('[name="mail_server"][value="external"]').check()
    page.locator('[name="smtp_host"]').fill("smtp example")
    page.keyboard.press("Enter")
    summary = page.locator("#error-summary")
    expect(summary).to_be_focused()
    summary.get_by_role("link", name="SMTP server").press("Enter")
    expect(page.locator('[name="smtp_host"]')).to_be_focused()
    expect(page.locator('[name="smtp_host"]')).to_have_attribute("aria-invalid", "true")
    window.assert_quiet(422)


def test_a_menu_opens_with_enter_and_its_links_come_next(window: Tab) -> None:
    window.go("/")
    page = window.page
    page.locator('summary[aria-label="Settings"]').focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Personal Settings")).to_be_visible()
    page.keyboard.press("Tab")
    assert _focused(window) == "Personal Settings"
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Personal Settings")
    window.assert_quiet()


def test_every_focus_is_seen(window: Tab) -> None:
    window.go(ACCOUNT)
    for _ in range(16):
        window.page.keyboard.press("Tab")
        where = _focused(window)
        assert window.page.evaluate(_DIFFERS), f"{where} looks the same with the focus on it"
    window.assert_quiet()


# Whether what has the focus, its label or what follows it looks different without.
_DIFFERS = """() => {
    const one = document.activeElement;
    const seen = [one, one.closest("label") || one, one.nextElementSibling || one];
    const look = () => seen.map(each => getComputedStyle(each)).map(
        style => [style.outline, style.boxShadow, style.borderColor, style.inset].join()).join();
    const before = look();
    one.blur();
    const after = look();
    one.focus();
    return before !== after;
}"""
