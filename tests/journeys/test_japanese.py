"""The main pages in Japanese, in a browser that asks for it: whole, accessible, in its words."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from sysmail.words import _, speaking
from tests.journeys.furnished import LOGIN_REFUSED, House, furnish
from tests.support.axe import COLOURS, inject, overflow, violations
from tests.support.browser import DESKTOP, NARROW, PHONE, Tab, tab
from tests.support.instance import make_app
from tests.support.ports import free_port
from tests.support.serving import serving
from tests.test_translations import sources

pytestmark = pytest.mark.xdist_group("browser")

ACCOUNT = "/admin/system-mail"
# What was used with a mail server, as the history keeps it; and what people here have typed.
_AS_IT_IS = {
    "SMTP AUTH",
    "Alice Archer",
    "Bob Baker",
    "ACME renewal",
    "Three years, 40 seats. They want an answer by Friday.",
}
TITLES = {
    "/": "アプリ",
    "/apps/{leads}": "Leads",
    "/apps/{leads}/records/{record}": "ACME renewal",
    "/settings/notifications": "個人設定",
    "/notifications": "通知",
    "/settings/notifications/summary": "次のまとめメール",
    "/settings/address": "あなたのメールアドレス",
    "/notifications?show=read": "通知",
    "/apps/{leads}/records/{record}/told": "通知先",
    "/admin/users/{dan}/mail": "Dan Deeさん宛てのメール",
    "/admin/users/{dan}/mail/{event}": "Dan Deeさんにこのメールが届いた、または届かなかった理由",
    "/admin/users/{bob}/erasure": "Bob Bakerさんを消去しますか？",
    "/admin/notification-defaults": "通知の既定値",
    "/admin/mails": "メールデザイン",
    "/admin/mails/digest": "まとめメール",
    "/unsubscribe/{unsubscribe_record}": "これらのメールを停止しますか？",
    "/received/{arrival}": "テストメールは届きましたか？",
    "/change": "パスワードの変更",
    "/admin/": "ユーザーとシステム管理",
    "/admin/users": "ユーザー",
    "/admin/users/{bob}": "Bob Baker",
    "/admin/audit-log": "監査ログ",
    "/admin/system": "システム情報",
    ACCOUNT: "システムメールアカウント",
    ACCOUNT + "/notes": "システムメールアドレス設定時の注意事項",
    ACCOUNT + "/tests/{test_failed}": "テストメール",
    ACCOUNT + "/checks/{check_untrusted}": "接続の確認",
    ACCOUNT + "/failures": "送信失敗履歴",
    ACCOUNT + "/failures/{failure_failed}": "p9@example.com 宛てのメール",
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    bind = f"127.0.0.1:{free_port()}"
    app = make_app(tmp_path_factory.mktemp("japanese") / "instance", BIND=bind)
    with serving(app) as url:
        built = House(app, url)
        furnish(built)
        yield built


@pytest.fixture(scope="module")
def window(browser: Browser, house: House) -> Iterator[Tab]:
    with tab(browser, house.url, locale="ja-JP") as opened:
        opened.sign_in(house.app, house.people["alice"])
        yield opened


@pytest.mark.parametrize("path", TITLES)
def test_a_page_is_japanese_through_and_through(house: House, window: Tab, path: str) -> None:
    window.page.set_viewport_size(DESKTOP)
    window.go(house.path(path))
    assert window.page.locator("html").get_attribute("lang") == "ja"
    assert window.page.locator("h1").inner_text() == TITLES[path]
    assert _english(window) == []
    _examine(window)
    window.assert_quiet()


def test_the_banner_of_a_paused_account_is_japanese(house: House, window: Tab) -> None:
    with house.in_trouble(LOGIN_REFUSED):
        window.go("/admin/")
        assert _english(window) == []
        assert "システムメールは一時停止中です" in window.page.locator("body").inner_text()


def test_one_chooses_japanese_and_goes_on_in_it(house: House, browser: Browser) -> None:
    with tab(browser, house.url) as english:
        english.sign_in(house.app, house.people["bob"])
        english.go("/settings/notifications")
        page = english.page
        page.locator('[name="language"]').select_option("ja")
        page.get_by_role("button", name="Save", exact=True).click()
        page.get_by_text("保存しました。").wait_for()
        page.locator(".brand").click()
        page.get_by_role("heading", name="新しいアプリ").wait_for()
        english.assert_quiet()


def _english(window: Tab) -> list[str]:
    """Sentences of ours that are shown as they stand in the sources."""
    shown = window.page.locator("body").inner_text()
    ours = [text for text in sources() if " " in text and "%" not in text]
    with speaking("ja"):
        return [text for text in ours if text in shown and text not in _AS_IT_IS | {_(text)}]


def _examine(window: Tab) -> None:
    page = window.page
    inject(page)
    for size in (DESKTOP, PHONE):
        page.set_viewport_size(size)
        assert violations(page) == ""
    page.emulate_media(color_scheme="dark")
    assert violations(page, COLOURS) == ""
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(NARROW)
    assert overflow(page) == 0
