"""The portal in the browser's eyes: plain and as htmx, every page checked on the way."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sysmail import portal
from sysmail.events import Event
from sysmail.people import Person
from sysmail.portal import App, Comment, Record
from tests.support.page import Page


@pytest.fixture
def leads(session: Session, bob: Person) -> App:
    app = portal.add_app(session, bob, "Leads", {bob.id})
    session.commit()
    return app


@pytest.fixture
def acme(session: Session, leads: App, bob: Person) -> Record:
    record = portal.add_record(session, bob, leads, "ACME renewal", "Due in May.").thing
    session.commit()
    return record


def _record_url(record: Record) -> str:
    return f"/apps/{record.app_id}/records/{record.id}"


@pytest.mark.parametrize("htmx", [False, True])
def test_from_an_empty_portal_to_a_comment(
    app: Flask, alice: Person, bob: Person, htmx: bool
) -> None:
    page = Page(app, htmx).sign_in(bob).get("/")
    assert "There is no app yet" in page.text
    page.submit("name", name=" Leads ", members="alice@example.com")
    assert page.url == "/apps/1"
    assert page.title == "Leads"
    page.submit("title", title="ACME", body="Ask @[alice@example.com].")
    assert page.url == "/apps/1/records/1"
    assert page.title == "ACME"
    assert "Ask @Alice." in page.text
    page.submit("text", text="First!\r\nSecond line")
    assert page.one("#comment-1 .user-text").raw_text == "First!\nSecond line"
    assert page.url == "/apps/1/records/1"
    assert "/apps/1/records/1" in [a["href"] for a in page.get("/apps/1").select("a")]
    assert "/apps/1" in [a["href"] for a in page.get("/").select("a")]


def test_each_new_thing_is_stored_with_its_event(
    app: Flask, session: Session, bob: Person, acme: Record
) -> None:
    page = Page(app).sign_in(bob).get(_record_url(acme))
    page.submit("text", text="Well")
    kinds = session.scalars(select(Event.kind).where(Event.app_id == acme.app_id))
    assert list(kinds) == ["record_added", "comment_posted"]


def test_who_may_not_see_an_app_finds_nothing_there(
    app: Flask, session: Session, eve: Person, acme: Record
) -> None:
    page = Page(app).sign_in(eve)
    url = _record_url(acme)
    page.get("/")
    assert f"/apps/{acme.app_id}" not in [a["href"] for a in page.select("a")]
    for path in (f"/apps/{acme.app_id}", url, f"{url}/revision", f"{url}/deletion"):
        page.get(path, status=404)
    page.get("/")
    token = page.form("name").one('[name="csrf_token"]')["value"]
    for path, fields in (
        (f"/apps/{acme.app_id}/records", {"title": "x"}),
        (f"{url}/comments", {"text": "x"}),
        (f"{url}/deletion", {}),
    ):
        sent = page.send("POST", path, data={"csrf_token": token, **fields})
        assert sent.status_code == 404
    assert session.scalar(select(func.count(Record.id))) == 1
    assert session.scalar(select(func.count(Comment.id))) == 0


def test_an_administrator_sees_and_changes_everything(
    app: Flask, alice: Person, bob: Person, acme: Record
) -> None:
    page = Page(app).sign_in(alice).get(_record_url(acme))
    page.click("Edit").submit("title", title="ACME, twice", body="Later.")
    assert page.title == "ACME, twice"
    assert "edited by Alice" in page.text
    page.click("Delete").submit(f"{_record_url(acme)}/deletion")
    assert page.url == f"/apps/{acme.app_id}"
    assert "The record “ACME, twice” was deleted." in page.text


def test_one_cannot_change_what_others_wrote(
    app: Flask, session: Session, bob: Person, eve: Person
) -> None:
    place = portal.add_app(session, bob, "Open")
    record = portal.add_record(session, bob, place, "ACME", "").thing
    comment = portal.add_comment(session, bob, place, record, "Mine").thing
    session.commit()
    page = Page(app).sign_in(eve).get(_record_url(record))
    assert "Edit" not in [a.text for a in page.select("main a")]
    said = f"{_record_url(record)}/comments/{comment.id}"
    for path in (_record_url(record), said):
        page.get(f"{path}/revision", status=404)
        page.get(f"{path}/deletion", status=404)
    page.get(f"/apps/{place.id}/settings", status=403)
    page.get(f"/apps/{place.id}/deletion", status=403)


def test_one_edits_and_deletes_ones_own_comment(
    app: Flask, session: Session, alice: Person, bob: Person, acme: Record
) -> None:
    page = Page(app).sign_in(bob).get(_record_url(acme))
    page.submit("text", text="Ask @[alice@example.com]")
    page.click(f"{_record_url(acme)}/comments/1/revision")
    assert page.title == "Edit comment"
    assert page.one("textarea").text == "Ask @[alice@example.com]"
    page.submit("text", text="Ask @[alice@example.com] again")
    assert "Ask @Alice again" in page.text
    page.click(f"{_record_url(acme)}/comments/1/deletion")
    assert "Ask @Alice again" in page.text
    page.submit(f"{_record_url(acme)}/comments/1/deletion")
    assert "The comment was deleted." in page.text
    assert session.scalar(select(func.count(Comment.id))) == 0


def test_an_administrator_renames_an_app_changes_its_members_and_deletes_it(
    app: Flask, alice: Person, bob: Person, eve: Person, leads: App
) -> None:
    page = Page(app).sign_in(alice).get(f"/apps/{leads.id}").click("Change app")
    assert page.one("textarea").text == "bob@example.com"
    page.submit("members", name="Sales", members="eve@example.com")
    assert page.title == "Sales"
    Page(app).sign_in(bob).get(f"/apps/{leads.id}", status=404)
    Page(app).sign_in(eve).get(f"/apps/{leads.id}").get("/")
    page.click("Delete app").submit(f"/apps/{leads.id}/deletion")
    assert page.url == "/"
    assert "The app “Sales” was deleted." in page.text


def test_members_are_also_read_from_repeated_fields(
    app: Flask, session: Session, alice: Person, bob: Person, eve: Person
) -> None:
    page = Page(app).sign_in(bob).get("/")
    page.submit("name", name="Leads", members=["alice@example.com", "eve@example.com"])
    assert portal.member_addresses(session, session.scalars(select(App)).one()) == [
        "alice@example.com",
        "bob@example.com",
        "eve@example.com",
    ]


def test_a_mention_of_nobody_stays_text_and_the_page_says_so(
    app: Flask, bob: Person, eve: Person, acme: Record
) -> None:
    page = Page(app, htmx=True).sign_in(bob).get(_record_url(acme))
    page.submit("text", text="Ask @[eve@example.com] and @[<b>@x]")
    assert "Ask @[eve@example.com] and @[<b>@x]" in page.one("#comment-1 .user-text").text
    notice = page.one("#notices").text
    assert "addresses eve@example.com, <b>@x." in notice
