"""System Mail Account in the browser: as plain HTML and as htmx."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from sysmail.account import current, health, stored_password
from sysmail.audit import Entry
from sysmail.outbox import Delivery
from sysmail.people import Person, set_password
from sysmail.web.signin import hashed
from tests.support.page import Page

URL = "/admin/system-mail"
SECRET = "correct horse 電池"
HX = {"HX-Request": "true"}
TYPED: dict[str, Any] = {
    "mail_server": "external",
    "email_address": "portal@example.com",
    "smtp_host": "smtp.example.com",
    "smtp_port": "587",
    "encryption": "starttls",
}
LOGIN: dict[str, Any] = {"account_name": "portal@example.com", "password": SECRET}


@pytest.fixture(params=[False, True], ids=["plain", "htmx"])
def page(request: pytest.FixtureRequest, app: Flask, alice: Person) -> Page:
    return Page(app, htmx=request.param).sign_in(alice)


def _with_login(page: Page) -> Page:
    """The form with its login fields shown, as JavaScript or the noscript link do it."""
    page.get(URL)
    if page.htmx:
        return page.change("use_smtp_auth", True)
    return page.press("Show the fields for them")


def _save_login(page: Page, **changes: Any) -> Page:
    fields = TYPED | LOGIN | {"use_smtp_auth": True} | changes
    return _with_login(page).submit("mail_server", **fields)


def test_a_new_installation_shows_the_built_in_server(page: Page) -> None:
    page.get(URL)
    assert page.title == "System Mail Account"
    assert page.one('[name="mail_server"][checked]')["value"] == "builtin"
    assert page.one("[data-account-state]")["data-account-state"] == "active"
    assert page.one('[name="smtp_port"]')["value"] == "587"
    assert [a.text for a in page.select(".further a")] == [
        "System Email Failure History",
        "Notes on Setting Up a System Email Address",
        "Captured mail",
    ]


def test_fields_stand_in_the_articles_order(page: Page) -> None:
    _with_login(page)
    """What only some need stands folded away among them."""
    controls = page.form("mail_server").select("input, textarea")
    shown = [e for e in controls if e.get("type") != "hidden" and not e.closest("details")]
    names = [e["name"] for e in shown]
    assert list(dict.fromkeys(names)) == [
        "mail_server",
        "email_address",
        "smtp_host",
        "smtp_port",
        "encryption",
        "use_smtp_auth",
        "account_name",
        "password",
        "test_address",
    ]


def test_saving_with_a_test_address_leads_to_the_outcome(page: Page, session: Session) -> None:
    _save_login(page, test_address=" bob@example.com ")
    assert page.title == "Test e-mail"
    assert page.one("[data-test-state]")["data-test-state"] == "waiting"
    assert "No worker is running" in page.text or "no worker is running" in page.text
    delivery = session.scalars(select(Delivery)).one()
    assert (delivery.kind, delivery.address) == ("test", "bob@example.com")
    assert page.poll()
    page.click("Back to System Mail Account")
    assert page.one('[name="smtp_host"]')["value"] == "smtp.example.com"


def test_saving_without_a_test_address_says_saved_and_withdraws_older_tests(
    page: Page, session: Session
) -> None:
    _save_login(page, test_address="bob@example.com")
    page.get(URL).submit("mail_server")
    assert page.title == "System Mail Account"
    assert "Saved." in page.text
    assert session.scalars(select(Delivery.state)).all() == ["withdrawn"]


def test_pain_1_a_stored_password_is_kept_when_left_blank_and_is_on_no_page(
    page: Page, app: Flask, session: Session
) -> None:
    _save_login(page)
    assert "A password is stored (changed" in page.text
    assert "by Alice). Leave blank to keep it." in page.text
    assert SECRET not in page.response.text
    assert page.one('[name="password"]').get("value") == ""
    page.submit("mail_server", email_address="other@example.com")
    assert "Saved." in page.text
    vault = app.extensions["sysmail.vault"]
    assert stored_password(current(session), vault) == SECRET


def test_invalid_input_comes_back_with_everything_but_the_password(
    page: Page, session: Session
) -> None:
    _with_login(page)
    typed = TYPED | LOGIN | {"use_smtp_auth": True, "smtp_host": "smtp example", "smtp_port": "0"}
    page.submit("mail_server", status=422, test_address="bob@example.com", **typed)
    assert [e["id"] for e in page.select(".field-error")] == ["smtp_host-error", "smtp_port-error"]
    assert page.one('[name="smtp_host"]')["value"] == "smtp example"
    assert page.one('[name="account_name"]')["value"] == "portal@example.com"
    assert page.one('[name="test_address"]')["value"] == "bob@example.com"
    assert SECRET not in page.response.text
    assert "autofocus" in page.one("#error-summary")
    assert current(session).version == 1
    assert session.scalars(select(Delivery)).all() == []


def test_the_port_follows_the_encryption(app: Flask, alice: Person) -> None:
    page = Page(app, htmx=True).sign_in(alice).get(URL)
    for encryption, port in (("ssl", "465"), ("plain", "25"), ("starttls", "587")):
        page.change("encryption", encryption)
        assert page.one('[name="smtp_port"]')["value"] == port


def test_a_port_typed_by_hand_stays(app: Flask, alice: Person) -> None:
    page = Page(app, htmx=True).sign_in(alice).get(URL)
    page.change("smtp_port", "2525").change("encryption", "ssl")
    assert page.one('[name="smtp_port"]')["value"] == "2525"


def test_pain_10_a_port_that_contradicts_the_encryption_can_be_mended_by_one_click(
    app: Flask, alice: Person
) -> None:
    page = Page(app, htmx=True).sign_in(alice).get(URL)
    page.change("encryption", "ssl").change("smtp_port", "587")
    assert "SSL usually answers at port 465" in page.one(".advice").text
    assert page.one('[name="smtp_port"]')["value"] == "587"
    page.click("Use port 465")
    assert page.one('[name="smtp_port"]')["value"] == "465"
    assert not page.select(".advice")


@pytest.mark.parametrize(
    ("query", "value"),
    [
        ("encryption=plain", "25"),
        ("encryption=ssl", "465"),
        ("encryption=starttls", "587"),
        ("encryption=ssl&smtp_port=587", "465"),
        ("encryption=ssl&smtp_port=", "465"),
        ("encryption=ssl&smtp_port=2525", "2525"),
        ("encryption=nonsense", "587"),
    ],
)
@pytest.mark.parametrize("headers", [{}, HX], ids=["plain", "htmx"])
def test_the_port_fragment_gives_the_usual_port_or_the_typed_one(
    app: Flask, alice: Person, query: str, value: str, headers: dict[str, str]
) -> None:
    page = Page(app).sign_in(alice)
    answer = page.send("GET", f"{URL}/port?{query}", headers).text
    assert f'value="{value}"' in answer
    assert ("<html" in answer) == (not headers)
    assert 'name="smtp_host"' not in answer or not headers


def test_ticking_smtp_auth_reveals_its_fields_and_unticking_hides_them(
    app: Flask, alice: Person
) -> None:
    page = Page(app, htmx=True).sign_in(alice).get(URL)
    assert not page.select('[name="password"]')
    page.change("use_smtp_auth", True)
    assert page.select('[name="account_name"]')
    assert page.select('[name="password"]')
    page.change("use_smtp_auth", False)
    assert not page.select('[name="password"]')


def test_plain_with_a_login_asks_before_sending_the_password_in_clear(
    page: Page, session: Session
) -> None:
    _with_login(page)
    assert not page.select('[name="allow_clear_login"]')
    if page.htmx:
        page.change("encryption", "plain")
        assert page.select('[name="allow_clear_login"]')
    typed = TYPED | LOGIN | {"use_smtp_auth": True, "encryption": "plain"}
    page.submit("mail_server", status=422, **typed)
    assert page.one(".field-error")["id"] == "allow_clear_login-error"
    page.submit("mail_server", password=SECRET, allow_clear_login=True)
    assert current(session).allow_clear_login
    actions = session.scalars(select(Entry.action)).all()
    assert "clear_login_allowed" in actions


def test_choosing_plain_names_the_login_in_clear_in_the_fragment_too(
    app: Flask, alice: Person
) -> None:
    page = Page(app).sign_in(alice)
    answer = page.send("GET", f"{URL}/auth?use_smtp_auth=1&encryption=plain", HX).text
    assert 'name="password"' in answer
    assert 'name="allow_clear_login"' in answer
    answer = page.send("GET", f"{URL}/auth?use_smtp_auth=1&encryption=ssl", HX).text
    assert 'name="allow_clear_login"' not in answer
    answer = page.send("GET", f"{URL}/auth?encryption=plain", HX).text
    assert 'name="password"' not in answer


def test_other_settings_than_the_password_was_typed_for_are_said_at_once(
    app: Flask, alice: Person
) -> None:
    page = Page(app, htmx=True).sign_in(alice)
    _save_login(page)
    page.change("encryption", "ssl")
    assert "Enter the password for them" in page.one("#login-advice").text


def test_two_administrators_at_once_lose_nothing(
    page: Page, app: Flask, session: Session, alice: Person
) -> None:
    page.get(URL)
    _save_login(Page(app).sign_in(alice), smtp_host="first.example.com")
    page.submit("mail_server", status=422, **(TYPED | {"smtp_host": "second.example.com"}))
    assert "Alice saved other settings meanwhile" in page.text
    assert "first.example.com:587" in page.text
    assert page.one('[name="smtp_host"]')["value"] == "second.example.com"
    assert current(session).smtp_host == "first.example.com"
    page.submit("mail_server")
    session.expire_all()
    assert current(session).smtp_host == "second.example.com"


def test_an_old_sign_in_asks_for_ones_own_password_and_loses_nothing(
    page: Page, app: Flask, session: Session, alice: Person
) -> None:
    set_password(session, alice.actor, alice, hashed("my own password"))
    session.commit()
    page.sign_in(alice).get(URL)
    _turn_back(page, minutes=91)
    page.submit("mail_server", status=422, **TYPED)
    assert page.one('[name="smtp_host"]')["value"] == "smtp.example.com"
    page.submit("mail_server", status=422, own_password="wrong")
    assert "This is not your password." in page.text
    page.submit("mail_server", own_password="my own password")
    assert "Saved." in page.text
    session.expire_all()
    assert current(session).smtp_host == "smtp.example.com"


def _turn_back(page: Page, minutes: int) -> None:
    with page.client.session_transaction() as cookie:
        cookie["fs_paa"] -= minutes * 60


def test_an_open_form_can_be_saved_for_an_hour_more(page: Page) -> None:
    page.get(URL)
    _turn_back(page, minutes=80)
    page.submit("mail_server", **TYPED)
    assert "Saved." in page.text


def test_opening_the_form_needs_a_recent_sign_in(app: Flask, alice: Person) -> None:
    page = Page(app).sign_in(alice, seconds_ago=31 * 60)
    answer = page.send("GET", URL)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/verify")


@pytest.mark.parametrize(
    "path", ["", "/port?encryption=ssl", "/auth", "/notes", "/tests/1", "/tests/1/outcome"]
)
def test_only_administrators_see_any_of_it(app: Flask, bob: Person, path: str) -> None:
    assert Page(app).send("GET", URL + path).status_code == 302
    assert Page(app).sign_in(bob).send("GET", URL + path).status_code == 403


def test_the_set_up_link_fills_in_the_test_address(page: Page) -> None:
    page.get(f"{URL}?test_address=alice@example.com")
    assert page.one('[name="test_address"]')["value"] == "alice@example.com"


def test_what_is_typed_stays_text(page: Page) -> None:
    page.get(URL)
    hostile = '"><script>alert(1)</script>'
    page.submit("mail_server", status=422, **(TYPED | {"smtp_host": hostile}))
    assert page.one('[name="smtp_host"]')["value"] == hostile
    assert not [s for s in page.select("script") if "src" not in s]


def test_pain_25_a_public_url_on_this_machine_is_pointed_out(page: Page) -> None:
    assert "which only this machine can open" in page.get(URL).text


def test_switching_to_built_in_keeps_what_is_stored_for_external(
    page: Page, session: Session
) -> None:
    _save_login(page)
    page.get(URL).submit("mail_server", mail_server="builtin")
    session.expire_all()
    account = current(session)
    assert (account.mail_server, account.smtp_host) == ("builtin", "smtp.example.com")
    assert account.password_sealed
    assert health(session).state == "active"


def test_the_notes_name_the_sender(page: Page) -> None:
    page.get(URL).click("Notes on Setting Up a System Email Address")
    assert page.title == "Notes on Setting Up a System Email Address"
    assert "SPF" in page.text
    assert "no-reply@" in page.text


def test_no_request_of_htmx_carries_a_password_or_a_whole_form(app: Flask, alice: Person) -> None:
    page = Page(app, htmx=True).sign_in(alice)
    _with_login(page)
    asking = page.select("[hx-get]")
    assert len(asking) > 4
    for element in asking:
        assert "password" not in element.get("hx-include")
        assert "form" not in element.get("hx-include")
