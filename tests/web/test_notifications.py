"""The bell in the header and its page: only a POST reads anything."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from sysmail import clock, portal
from sysmail.audit import SYSTEM, record
from sysmail.events import Event
from sysmail.notifications import Notification, apply_choice, expand_next
from sysmail.people import Person
from sysmail.portal import App, Record
from sysmail.preferences import Choice
from tests.support.page import Page


@pytest.fixture
def acme(session: Session, alice: Person, bob: Person) -> Record:
    """A record on which alice mentions bob once."""
    app = portal.add_app(session, alice, "Leads", {bob.id})
    record = portal.add_record(session, alice, app, "ACME renewal", "").thing
    session.commit()
    mention(session, alice, record)
    return record


def mention(session: Session, alice: Person, record: Record, text: str = "look!") -> None:
    app = session.get_one(App, record.app_id)
    portal.add_comment(session, alice, app, record, f"@[bob@example.com] {text}")
    session.commit()
    while expand_next(session):
        session.commit()


def read_count(session: Session) -> int:
    session.expire_all()
    read = select(func.count(Notification.id)).where(Notification.read_at.is_not(None))
    return session.scalar(read) or 0


def rings(page: Page) -> str:
    return page.one("#bell a")["data-unread"]


def test_the_bell_is_hidden_before_sign_in(app: Flask, alice: Person) -> None:
    page = Page(app).get("/login")
    assert page.select("[data-unread]") == []
    assert page.get("/notifications").url.startswith("/login")


@pytest.mark.parametrize("htmx", [False, True])
def test_opening_leads_to_the_comment_and_reads_it(
    app: Flask, session: Session, bob: Person, acme: Record, htmx: bool
) -> None:
    page = Page(app, htmx).sign_in(bob).get("/")
    assert rings(page) == "1"
    assert page.one("#bell a")["aria-label"] == "Notifications: 1 unread"
    page.click(page.one("#bell a"))
    assert page.title == "Notifications"
    assert "you were mentioned" in page.one(".heard li").text
    assert "@Bob look!" in page.one(".heard-text").text
    page.press("Alice commented on “ACME renewal”")
    assert page.title == "ACME renewal"
    assert page.response.request.path == f"/apps/{acme.app_id}/records/{acme.id}"
    assert rings(page) == "0"
    page.get("/notifications")
    assert "Nothing is unread" in page.text
    page.click("Read")
    assert len(page.select("[data-notification]")) == 1


@pytest.mark.parametrize("htmx", [False, True])
def test_one_or_all_are_marked_by_a_button(
    app: Flask, session: Session, alice: Person, bob: Person, acme: Record, htmx: bool
) -> None:
    mention(session, alice, acme, "again")
    mention(session, alice, acme, "and again")
    page = Page(app, htmx).sign_in(bob).get("/notifications")
    assert rings(page) == "3"
    page.press("Read")
    assert (rings(page), len(page.select("[data-notification]"))) == ("2", 2)
    assert "and again" not in page.text
    page.press("Mark all as read")
    assert (rings(page), len(page.select("[data-notification]"))) == ("0", 0)
    assert read_count(session) == 3


def test_what_comes_while_the_page_is_open_is_not_read_by_all(
    app: Flask, session: Session, alice: Person, bob: Person, acme: Record
) -> None:
    page = Page(app).sign_in(bob).get("/notifications")
    mention(session, alice, acme, "later")
    page.press("Mark all as read")
    assert rings(page) == "1"
    assert "later" in page.text


def test_pain_22_no_get_head_or_prefetch_reads_anything(
    app: Flask, session: Session, bob: Person, acme: Record
) -> None:
    page = Page(app).sign_in(bob)
    mailed = (Notification.person_id == bob.id, Notification.skip.is_(None))
    [notification] = session.scalars(select(Notification.id).where(*mailed))
    paths = ("", f"/{notification}/open", f"/{notification}/read", "/read", "?show=read")
    for path in paths:
        for method in ("GET", "HEAD"):
            page.send(method, f"/notifications{path}", headers={"Sec-Purpose": "prefetch"})
    page.get(f"/apps/{acme.app_id}/records/{acme.id}")
    assert read_count(session) == 0


def test_pain_23_who_lost_access_finds_nothing(
    app: Flask, session: Session, alice: Person, bob: Person, acme: Record
) -> None:
    page = Page(app).sign_in(bob).get("/notifications")
    form = page.form(2)
    place = session.get_one(App, acme.app_id)
    portal.change_app(session, alice, place, "Leads", {alice.id})
    session.commit()
    assert form["action"].endswith("/open")
    page.submit(form, status=404)
    page.get("/notifications")
    assert rings(page) == "0"
    assert "ACME" not in page.text
    assert read_count(session) == 0


@pytest.mark.parametrize("number", ["999999", "9" * 30])
def test_a_notification_that_is_not_there_is_not_found(
    app: Flask, bob: Person, acme: Record, number: str
) -> None:
    page = Page(app).sign_in(bob).get("/notifications")
    token = page.select('main [name="csrf_token"]')[0]["value"]
    for verb in ("open", "read"):
        sent = page.send("POST", f"/notifications/{number}/{verb}", data={"csrf_token": token})
        assert sent.status_code == 404
    sent = page.send("POST", "/notifications/read", data={"csrf_token": token, "newest": number})
    assert sent.status_code == 303


def test_pages_go_on_where_the_one_before_ended_and_stay_after_a_button(
    app: Flask, session: Session, bob: Person, acme: Record
) -> None:
    now = clock.now()
    told = {"app": "Leads", "title": "ACME", "text": "", "actor": "Alice"}
    one = {"kind": "record_added", "created_at": now, "expanded_at": now, "expanded_to": 0}
    one |= {"app_id": acme.app_id, "record_id": acme.id, "snapshot": told}
    session.execute(insert(Event), [one] * 120)
    for event_id in session.scalars(select(Event.id).where(Event.kind == "record_added")).all():
        told_already = select(Notification.id).where(Notification.event_id == event_id)
        if session.scalar(told_already) is None:
            session.add(Notification(event_id=event_id, person_id=bob.id, because="follows"))
    session.commit()
    page = Page(app, htmx=True).sign_in(bob).get("/notifications")
    assert rings(page) == "99+"
    assert "more than 99" in page.one("#bell a")["aria-label"]
    newest = page.select("[data-notification]")[0]["data-notification"]
    page.click("Older")
    second = [row["data-notification"] for row in page.select("[data-notification]")]
    page.press("Read")
    rest = [row["data-notification"] for row in page.select("[data-notification]")]
    assert rest[:49] == second[1:]
    page.click("Newer")
    assert page.select("[data-notification]")[0]["data-notification"] == newest


def test_an_old_comment_is_opened_on_the_page_where_it_stands(
    app: Flask, session: Session, alice: Person, bob: Person, acme: Record
) -> None:
    place = session.get_one(App, acme.app_id)
    for number in range(60):
        portal.add_comment(session, bob, place, acme, f"Comment {number}")
    session.commit()
    page = Page(app).sign_in(bob).get("/notifications")
    page.press("Alice commented on “ACME renewal”")
    assert "@Bob look!" in page.text


def test_an_entry_of_the_audit_log_leads_there(app: Flask, session: Session, alice: Person) -> None:
    apply_choice(session, alice, Choice(receive="all", kinds=7))
    record(session, "user_added", SYSTEM, {"name": "Dan", "email": "dan@example.com"})
    session.commit()
    while expand_next(session):
        session.commit()
    page = Page(app).sign_in(alice).get("/notifications")
    page.submit(page.form(2))
    assert page.url == "/admin/audit-log"
