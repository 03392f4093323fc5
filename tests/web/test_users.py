"""The users page: add, invite, edit, disable, give and take rights."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from sysmail.audit import Entry
from sysmail.outbox import Delivery
from sysmail.people import Person, find_person, new_person
from tests.support.page import Page


@pytest.fixture(params=[False, True], ids=["plain", "htmx"])
def page(app: Flask, alice: Person, request: pytest.FixtureRequest) -> Page:
    return Page(app, htmx=request.param).sign_in(alice)


def _mails(session: Session) -> list[str]:
    return list(session.scalars(select(Delivery.address)))


def test_the_section_is_for_administrators(app: Flask, bob: Person) -> None:
    for path in ("/admin/", "/admin/users", "/admin/users/new", "/admin/users/1"):
        assert Page(app).get(path).url.startswith("/login")
        Page(app).sign_in(bob).get(path, status=403)


def test_the_start_leads_to_every_page(page: Page) -> None:
    page.get("/admin/").click("/admin/users")
    assert page.title == "Users"


def test_a_user_added_without_a_password_is_invited(page: Page, session: Session) -> None:
    page.get("/admin/users").click("Add a user")
    page.submit("password", name="Carol", email="Carol@corp.internal")
    assert page.url == "/admin/users"
    assert "The invitation is on its way" in page.text
    assert "invited" in page.one("#people").text
    assert _mails(session) == ["carol@corp.internal"]


def test_a_user_added_with_a_password_gets_no_mail_and_can_sign_in(
    app: Flask, page: Page, session: Session
) -> None:
    page.get("/admin/users/new")
    page.submit(
        "password", name="Dan", email="dan@corp", password="correct horse", is_administrator=True
    )
    assert _mails(session) == []
    signed_in = Page(app).get("/login")
    signed_in.submit("password", email="dan@corp", password="correct horse")
    signed_in.get("/admin/users")


def test_what_is_wrong_is_said_and_what_was_typed_stays(
    page: Page, session: Session, bob: Person
) -> None:
    page.get("/admin/users/new")
    page.submit("password", status=422, name="", email="x", password="short")
    assert len(page.select("#error-summary li")) == 3
    page.submit("password", status=422, name="Bob Two", email="BOB@example.com", password="")
    assert "already belongs to somebody" in page.text
    assert page.one('[name="name"]')["value"] == "Bob Two"
    assert _mails(session) == []


def test_an_edited_address_holds_at_once_and_is_audited(
    page: Page, session: Session, bob: Person
) -> None:
    page.get(f"/admin/users/{bob.id}").submit("email", name="Robert", email="robert@corp")
    session.expire_all()
    assert find_person(session, "robert@corp") is not None
    page.submit("email", status=422, email="alice@example.com")
    page.submit("email", status=422, email="nonsense")
    assert page.title == "Robert"
    assert session.scalars(select(Entry.action)).all() == ["user_changed"]


def test_who_was_invited_at_a_wrong_address_is_invited_again_at_the_right_one(
    page: Page, session: Session, bob: Person
) -> None:
    page.get(f"/admin/users/{bob.id}").submit("email", email="robert@corp")
    assert _mails(session) == ["robert@corp"]


def test_disabling_and_enabling(page: Page, session: Session, bob: Person) -> None:
    page.get(f"/admin/users/{bob.id}").submit(f"/admin/users/{bob.id}/disabled")
    assert "is disabled and signed out" in page.text
    page.submit(f"/admin/users/{bob.id}/enabled")
    session.expire_all()
    assert bob.active


def test_the_last_administrator_is_kept_with_a_reason(
    page: Page, session: Session, alice: Person
) -> None:
    page.get(f"/admin/users/{alice.id}")
    page.submit(f"/admin/users/{alice.id}/disabled", status=422)
    assert "only active administrator" in page.text
    page.submit(f"/admin/users/{alice.id}/member", status=422)
    session.expire_all()
    assert (alice.active, alice.is_administrator) == (True, True)


def test_rights_are_given_and_taken_and_hold_at_once(
    app: Flask, page: Page, session: Session, bob: Person
) -> None:
    page.get(f"/admin/users/{bob.id}").submit(f"/admin/users/{bob.id}/administrator")
    session.expire_all()
    other = Page(app).sign_in(bob).get("/admin/users")
    page.submit(f"/admin/users/{bob.id}/member")
    other.get("/admin/users", status=403)


def test_who_gives_up_the_own_rights_lands_outside_the_section(
    page: Page, session: Session, alice: Person, bob: Person
) -> None:
    bob.is_administrator = True
    session.commit()
    page.get(f"/admin/users/{alice.id}").submit(f"/admin/users/{alice.id}/member")
    assert page.url == "/"


def test_changing_the_own_address_keeps_one_signed_in(page: Page, alice: Person) -> None:
    page.get(f"/admin/users/{alice.id}").submit("email", email="alice@corp")
    assert page.url == f"/admin/users/{alice.id}"


def test_a_password_set_by_an_administrator_ends_the_sessions(
    app: Flask, page: Page, session: Session, bob: Person
) -> None:
    bobs = Page(app).sign_in(bob).get("/change")
    page.get(f"/admin/users/{bob.id}").submit("password", status=422, password="short")
    page.submit("password", password="correct horse")
    assert bobs.get("/change").url.startswith("/login")
    bobs.submit("password", email=bob.email, password="correct horse")


def test_a_link_is_mailed_again(page: Page, session: Session, bob: Person) -> None:
    page.get(f"/admin/users/{bob.id}").submit(f"/admin/users/{bob.id}/invitation")
    assert _mails(session) == ["bob@example.com"]


@pytest.mark.both_engines
def test_people_are_searched_and_paged(page: Page, session: Session) -> None:
    session.add_all([new_person(f"p{n}@corp", f"Person {n}") for n in range(120)])
    session.commit()
    page.get("/admin/users").click("Older").click("Older")
    assert "Alice" in page.one("#people").text
    page.click("Newer").submit("q", q="person 11")
    shown = page.one("#people").text
    assert "Person 119" in shown
    assert "Person 12" not in shown
    page.submit("q", q="no such person")
    assert "Nobody found" in page.text


def test_a_person_who_is_not_there_is_404(page: Page) -> None:
    page.get("/admin/users/999", status=404)
    page.get("/admin/users/99999999999999999999", status=404)


def test_a_hostile_name_is_shown_as_text(page: Page, session: Session) -> None:
    person = new_person("x@corp", "<img src=x>{{ 7*7 }}")
    session.add(person)
    session.commit()
    page.get("/admin/users")
    assert "<img src=x>{{ 7*7 }}" in page.one("#people").text
    assert page.get(f"/admin/users/{person.id}").title == "<img src=x>{{ 7*7 }}"
