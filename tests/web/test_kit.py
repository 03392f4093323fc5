"""The frame: pages and blocks, guards, headers, error pages, forms."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from sysmail.people import Person
from sysmail.web import kit
from tests.support.html import parse
from tests.support.mini import add_person, make_mini
from tests.support.page import Page

HX = {"HX-Request": "true"}


@pytest.fixture
def mini(tmp_path: Path) -> Iterator[Flask]:
    app = make_mini(tmp_path)
    with app.app_context():
        yield app


@pytest.fixture
def alice(mini: Flask) -> Person:
    return add_person("Alice", administrator=True)


@pytest.fixture
def bob(mini: Flask) -> Person:
    return add_person("Bob")


def test_a_page_is_whole_for_a_browser(mini: Flask) -> None:
    page = Page(mini).get("/open")
    assert page.title == "Hello <you>"
    assert "accepted for <you>" in page.text
    assert "HX-Request" in page.response.headers["Vary"]


def test_htmx_gets_only_the_main_block_where_no_other_is_named(mini: Flask) -> None:
    response = mini.test_client().get("/open?name=x", headers=HX)
    root = parse(response.text)
    assert not root.select("header, body, nav")
    assert root.one("h1").text == "Hello x"
    assert root.one("title").text == "Hello x · Sysmail"
    assert response.headers["HX-Retarget"] == "#main"
    assert response.headers["HX-Push-Url"] == "/open?name=x"
    assert "HX-Request" in response.headers["Vary"]


def test_htmx_restoring_its_history_gets_the_whole_page(mini: Flask) -> None:
    headers = {**HX, "HX-History-Restore-Request": "true"}
    assert "<header" in mini.test_client().get("/open", headers=headers).text


def test_a_signed_out_reader_is_led_to_the_sign_in_page_and_back(mini: Flask) -> None:
    response = mini.test_client().get("/mine?a=b")
    assert response.status_code == 302
    assert response.headers["Location"] == "/login?next=/mine?a%3Db"


def test_a_signed_out_htmx_request_is_led_there_by_its_own_header(mini: Flask) -> None:
    headers = {**HX, "HX-Current-URL": "http://localhost/account?x=1"}
    response = mini.test_client().get("/mine", headers=headers)
    assert response.status_code == 401
    assert response.headers["HX-Redirect"] == "/login?next=/account?x%3D1"


@pytest.mark.parametrize("url", ["http://a//evil.example/", "//evil.example", "/\\evil.example"])
def test_the_way_back_stays_on_this_portal(mini: Flask, url: str) -> None:
    headers = {**HX, "HX-Current-URL": url}
    target = mini.test_client().get("/mine", headers=headers).headers["HX-Redirect"]
    assert "next=//" not in target
    assert "next=/%5C" not in target


def test_a_member_gets_403_where_only_administrators_may_go(mini: Flask, bob: Person) -> None:
    page = Page(mini).sign_in(bob).get("/admin/", status=403)
    assert page.title == "Not for your account"
    assert Page(mini).sign_in(bob).get("/mine").title == "Hello mine"


def test_an_administrator_may_go_there(mini: Flask, alice: Person) -> None:
    assert Page(mini).sign_in(alice).get("/admin/").title == "Hello admin"


def test_an_old_sign_in_is_asked_for_the_password_again(mini: Flask, alice: Person) -> None:
    recent = Page(mini).sign_in(alice, seconds_ago=29 * 60)
    assert recent.get("/admin/fresh").title == "Hello fresh"
    old = Page(mini).sign_in(alice, seconds_ago=31 * 60)
    assert old.send("GET", "/admin/fresh").location == "/verify?next=/admin/fresh"


def test_a_route_cannot_carry_two_guards() -> None:
    def view() -> str:
        return ""

    with pytest.raises(TypeError, match="guarded twice"):
        kit.public(kit.signed_in(view))


def test_every_guard_names_itself_through_all_wraps(mini: Flask) -> None:
    names = {name: getattr(view, "_guard", "") for name, view in mini.view_functions.items()}
    assert names["open_page"] == "public"
    assert names["mine"] == "signed_in"
    assert names["admin"] == "administrator"
    assert names["fresh"] == "fresh_administrator"


def test_the_policy_is_the_one_decided(mini: Flask) -> None:
    headers = mini.test_client().get("/open").headers
    assert headers["Content-Security-Policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )
    assert headers["Cache-Control"] == "no-store"


def test_static_files_are_kept_for_ever_under_their_hash_only(mini: Flask) -> None:
    page = Page(mini).get("/open")
    style = page.one('link[href*="app.css"]')["href"]
    client = mini.test_client()
    assert "immutable" in client.get(style).headers["Cache-Control"]
    assert "immutable" not in client.get("/static/app.css").headers["Cache-Control"]


@pytest.mark.parametrize("code", [400, 403, 404, 405, 413, 429, 418])
def test_each_error_is_a_page_in_words(mini: Flask, code: int) -> None:
    page = Page(mini).get(f"/fail/{code}", status=code)
    assert page.one("[data-error]")["data-error"] == str(code)
    response = mini.test_client().get(f"/fail/{code}", headers=HX)
    assert response.headers["HX-Retarget"] == "#main"
    assert "<header" not in response.text


def test_our_own_fault_says_nothing_of_its_inside(mini: Flask) -> None:
    page = Page(mini).get("/fail/500", status=500)
    assert page.title == "Something broke here"
    assert "stay in the log" not in page.response.text
    response = mini.test_client().get("/fail/500", headers=HX)
    assert response.headers["HX-Retarget"] == "#main"


def test_a_refused_method_says_which_are_allowed(mini: Flask) -> None:
    response = mini.test_client().delete("/open")
    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]


def test_a_post_without_its_token_changes_nothing(mini: Flask, bob: Person) -> None:
    page = Page(mini).sign_in(bob)
    response = page.send("POST", "/account", data={"address": "x"})
    assert response.status_code == 400
    assert "This form is no longer valid" in response.text


def test_a_request_that_is_too_large_is_refused(mini: Flask, bob: Person) -> None:
    page = Page(mini).sign_in(bob)
    response = page.send("POST", "/account", data={"address": "x" * 1_100_000})
    assert response.status_code == 413
    assert "too much at once" in response.text


@pytest.mark.parametrize("htmx", [False, True])
def test_a_form_that_comes_back_names_each_field(mini: Flask, bob: Person, htmx: bool) -> None:
    page = Page(mini, htmx=htmx).sign_in(bob).get("/account")
    typed = {"server": "external", "encryption": "ssl", "password": "secret", "zone": "b"}
    page.submit("address", auth=True, status=422, **typed)
    summary = page.one("#error-summary")
    assert summary["tabindex"] == "-1"
    assert "autofocus" in summary
    assert summary.one("a")["href"] == "#address"
    control = page.one("#address")
    assert control["aria-invalid"] == "true"
    assert control["aria-describedby"] == "address-error address-hint"
    assert page.one("#address-error").text == "Enter an address."
    assert "selected" in page.one('option[value="b"]')
    assert "checked" in page.one("#auth")
    assert "secret" not in page.response.text


@pytest.mark.parametrize("htmx", [False, True])
def test_success_ends_on_a_page_that_says_so(mini: Flask, bob: Person, htmx: bool) -> None:
    page = Page(mini, htmx=htmx).sign_in(bob).get("/account")
    page.submit("address", server="external", encryption="ssl", address="a@b.example")
    assert page.title == "Hello a@b.example"
    assert page.url == "/open?name=a@b.example"
    assert page.one("#notices").text == "Saved a@b.example."


def test_the_menus_hold_what_the_person_may_do(mini: Flask, alice: Person, bob: Person) -> None:
    assert (
        Page(mini).sign_in(bob).get("/open").one("#person-menu .menu-title").text.startswith("Bob")
    )
    page = Page(mini).sign_in(alice).get("/open")
    assert page.one('#person-menu form[action="/logout"]').select('[name="csrf_token"]')


def test_the_frame_is_asked_only_when_a_whole_page_is_made(mini: Flask, alice: Person) -> None:
    asked: list[str] = []

    def context() -> dict[str, object]:
        asked.append("frame")
        action = {"label": "Try now", "url": "/account", "method": "post"}
        return {"banner_state": {"title": "Paused.", "text": "3 mails wait.", "action": action}}

    kit.add_context(mini, context)
    page = Page(mini).sign_in(alice).get("/open")
    assert page.one(".banner-bad strong").text == "Paused."
    assert asked == ["frame"]
    page.send("GET", "/open", HX)
    assert asked == ["frame"]
