"""Erasing a person by their page, and what a person may take along."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from sysmail.leaving import clear_next, take_out
from sysmail.people import Person
from sysmail.portal import add_app, add_comment, add_record
from sysmail.preferences import store_choice
from tests.support.page import Page
from tests.support.post_office import work


@pytest.fixture(params=[False, True], ids=["plain", "htmx"])
def page(app: Flask, alice: Person, request: pytest.FixtureRequest) -> Page:
    return Page(app, htmx=request.param).sign_in(alice)


@pytest.fixture
def worked(app: Flask, session: Session, alice: Person, bob: Person) -> Person:
    """Bob wrote, chose and was mailed."""
    for person in (alice, bob):
        store_choice(session, person.id, "all", 3, "html")
    leads = add_app(session, alice, "Leads")
    record = add_record(session, bob, leads, "ACME renewal", f"@[{alice.email}] see this").thing
    add_comment(session, alice, leads, record, f"A secret of Alice for @[{bob.email}]")
    session.commit()
    work(app)
    return bob


def test_the_page_says_what_happens_before_it_does(
    app: Flask, session: Session, page: Page, worked: Person
) -> None:
    page.get(f"/admin/users/{worked.id}").click("Erase this person")
    assert page.title == "Erase Bob?"
    assert "backups" in page.text
    session.refresh(worked)
    assert worked.erased_at is None
    page.submit(f"/admin/users/{worked.id}/erasure")
    assert page.title == "A former user"
    assert "being cleared" in page.text
    assert "being cleared" in page.click("Look again").text
    while clear_next(session, app.extensions["sysmail.vault"], Path(app.instance_path)):
        session.commit()
    session.commit()
    assert "Erased" in page.click("Look again").text
    assert not page.select("noscript a")
    assert "Bob" not in page.get("/admin/users").one("#people").text
    assert "a former user" in page.get("/apps/1/records/1").text
    assert "Bob" not in page.text
    for path in ("/admin/audit-log", "/admin/system-mail/failures?state=sent", "/notifications"):
        text = page.get(path).text
        assert "Bob" not in text
        assert "bob@example.com" not in text


def test_nothing_can_be_done_to_who_was_erased(page: Page, worked: Person, app: Flask) -> None:
    own = Page(app).sign_in(worked).get("/")
    page.get(f"/admin/users/{worked.id}/erasure").submit(f"/admin/users/{worked.id}/erasure")
    assert own.get("/").url.startswith("/login")
    page.get(f"/admin/users/{worked.id}", status=404)
    sent = {"csrf_token": page.get("/").root.select('[name="csrf_token"]')[0]["value"]}
    for verb in ("enabled", "administrator", "invitation", "mail"):
        answer = page.send("POST", f"/admin/users/{worked.id}/{verb}", data=sent)
        assert answer.status_code == 404


def test_one_cannot_erase_oneself_and_only_administrators_erase(
    app: Flask, page: Page, alice: Person, bob: Person
) -> None:
    assert "Nobody can erase themselves" in page.get(f"/admin/users/{alice.id}/erasure").text
    member = Page(app).sign_in(bob)
    member.get(f"/admin/users/{alice.id}/erasure", status=403)


def test_a_person_takes_along_what_is_stored_about_them_and_nothing_of_others(
    app: Flask, session: Session, worked: Person
) -> None:
    page = Page(app).sign_in(worked).get("/settings/notifications")
    assert page.root.select('a[href="/settings/data"]')
    response = page.send("GET", "/settings/data")
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert response.headers["Cache-Control"] == "no-store"
    text = response.get_data(as_text=True)
    told = json.loads(text)
    assert told["person"]["email"] == "bob@example.com"
    assert told["choice"]["receive"] == "all"
    assert [one["title"] for one in told["records"]] == ["ACME renewal"]
    assert told["records"][0]["body"] == "@someone see this"
    assert {one["because"] for one in told["told"]} == {"mentioned", "follows"}
    assert [one["address"] for one in told["mails"]] == ["bob@example.com"]
    for other in ("Alice", "alice@", "secret", "password", "token", worked.fs_uniquifier):
        assert other not in text, other


def test_much_history_comes_in_pieces(app: Flask, session: Session, bob: Person) -> None:
    leads = add_app(session, bob, "Leads")
    for number in range(1003):
        add_record(session, bob, leads, f"R{number}", "")
    session.commit()
    told = json.loads("".join(take_out(session, bob)))
    assert [one["title"] for one in told["records"]] == [f"R{number}" for number in range(1003)]
