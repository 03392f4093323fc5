"""The line under each record and comment: who was told, who was not, and why."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import delete
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy.orm import Session

from sysmail import portal
from sysmail.db import db
from sysmail.notifications import apply_choice, expand_next, turn_summaries
from sysmail.outbox import Delivery
from sysmail.people import Person, new_person
from sysmail.portal import App, Record
from sysmail.preferences import Choice
from tests.support.html import Element
from tests.support.page import Page
from tests.support.summaries import fall_due

ALL = Choice(receive="all", kinds=7)


@pytest.fixture
def acme(session: Session, alice: Person, bob: Person, eve: Person) -> Record:
    """A record of bob's with a comment of his that mentions eve, who wants no mail."""
    apply_choice(session, alice, ALL)
    apply_choice(session, eve, Choice(receive="none"))
    app = portal.add_app(session, bob, "Leads")
    record = portal.add_record(session, bob, app, "ACME", "Due in May.").thing
    portal.add_comment(session, bob, app, record, "Ask @[eve@example.com]")
    session.commit()
    expand(session)
    return record


def expand(session: Session) -> None:
    while expand_next(session):
        session.commit()


def url_of(record: Record) -> str:
    return f"/apps/{record.app_id}/records/{record.id}"


def told(element: Element) -> dict[str, int]:
    return {one["data-told"]: int(one["data-count"]) for one in element.select("span[data-told]")}


def test_everybody_who_sees_the_comment_sees_the_numbers(
    app: Flask, alice: Person, bob: Person, eve: Person, acme: Record
) -> None:
    for person in (alice, bob, eve):
        page = Page(app).sign_in(person).get(url_of(acme))
        assert told(page.one("article .told")) == {"mailed": 1, "not": 2}
        assert told(page.one("#comment-1 .told")) == {"mailed": 1, "not": 2}
        assert "Mailed 1 · not mailed 2" in page.one("#comment-1 summary").text


def test_an_administrator_reads_who_and_why(app: Flask, alice: Person, acme: Record) -> None:
    page = Page(app).sign_in(alice).get(url_of(acme))
    line = page.one("#comment-1 .told").text
    assert "Alice (may see the app): on its way" in line
    assert "Bob (created the record): did it themselves" in line
    assert "Eve (was mentioned): receives no e-mail" in line


def test_whoever_wrote_it_reads_who_but_not_what_these_chose(
    app: Flask, bob: Person, acme: Record
) -> None:
    line = Page(app).sign_in(bob).get(url_of(acme)).one("#comment-1 .told")
    assert "Eve (was mentioned): by their own choice" in line.text
    assert "receives no e-mail" not in line.text
    assert "you did it yourself" in line.text
    assert "Change this" not in line.text


def test_others_read_only_what_was_decided_for_themselves_and_where_to_change_it(
    app: Flask, eve: Person, acme: Record
) -> None:
    page = Page(app).sign_in(eve).get(url_of(acme))
    line = page.one("#comment-1 .told")
    assert "You were not sent an e-mail: you chose to receive no e-mail. Change this" in line.text
    assert "Alice" not in line.text
    assert [a["href"] for a in line.select("a")] == ["/settings/notifications"]
    page.get(f"{url_of(acme)}/comments/1/told", status=404)
    page.get(f"{url_of(acme)}/told", status=404)


def test_until_it_is_worked_out_the_line_says_so(
    app: Flask, session: Session, bob: Person, acme: Record
) -> None:
    place = session.get_one(App, acme.app_id)
    portal.add_comment(session, bob, place, acme, "One more")
    session.commit()
    page = Page(app).sign_in(bob).get(url_of(acme))
    assert page.one("#comment-2 .told").text == "Who is told is being worked out."


@pytest.mark.parametrize("htmx", [False, True])
def test_the_page_holds_everybody(app: Flask, alice: Person, acme: Record, htmx: bool) -> None:
    page = Page(app, htmx).sign_in(alice).get(url_of(acme)).click(f"{url_of(acme)}/comments/1/told")
    assert page.title == "Who was told"
    assert len(page.select("tr[data-person]")) == 3
    page.click("Not mailed 2")
    assert {row.text.split()[0] for row in page.select("tr[data-person]")} == {"Bob", "Eve"}
    page.click("Eve")
    assert page.title == "Why did or didn’t Eve get this mail?"


def test_of_very_many_the_line_names_nobody_and_leads_to_the_page(
    app: Flask, session: Session, alice: Person, bob: Person, acme: Record
) -> None:
    session.add_all(new_person(f"p{n}@example.com", f"Person {n}") for n in range(80))
    place = session.get_one(App, acme.app_id)
    portal.add_comment(session, bob, place, acme, "To all of you")
    session.commit()
    expand(session)
    page = Page(app).sign_in(alice).get(url_of(acme))
    assert told(page.one("#comment-2 .told")) == {"mailed": 1, "not": 82}
    assert "Person" not in page.one("#comment-2 .told").text
    page.click("Show all 83 people")
    assert len(page.select("tr[data-person]")) == 50
    page.click("Older")
    assert len(page.select("tr[data-person]")) == 33


def test_the_list_is_bounded_and_says_how_many_more_there_are(
    app: Flask, session: Session, alice: Person, bob: Person, acme: Record
) -> None:
    session.add_all(new_person(f"p{n}@example.com", f"Person {n}") for n in range(20))
    place = session.get_one(App, acme.app_id)
    portal.add_comment(session, bob, place, acme, "To you")
    session.commit()
    expand(session)
    page = Page(app).sign_in(alice).get(url_of(acme))
    assert "and 12 more" in page.one("#comment-2 .told").text


@pytest.mark.parametrize("who", ["alice", "bob", "eve"])
def test_the_number_of_statements_does_not_grow(
    app: Flask, session: Session, who: str, acme: Record, request: pytest.FixtureRequest
) -> None:
    person, bob = request.getfixturevalue(who), request.getfixturevalue("bob")
    page = Page(app).sign_in(person)
    few = _statements(page, url_of(acme))
    session.add_all(new_person(f"p{n}@example.com", f"Person {n}") for n in range(30))
    place = session.get_one(App, acme.app_id)
    for number in range(20):
        portal.add_comment(session, bob, place, acme, f"Comment {number}")
    session.commit()
    expand(session)
    assert _statements(page, url_of(acme)) == few


def _statements(page: Page, url: str) -> int:
    seen: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    sqlalchemy_event.listen(db.engine, "before_cursor_execute", note)
    try:
        page.get(url)
    finally:
        sqlalchemy_event.remove(db.engine, "before_cursor_execute", note)
    return len(seen)


def test_of_a_mail_that_is_not_kept_any_more_nothing_is_promised(
    app: Flask, session: Session, alice: Person, bob: Person, acme: Record
) -> None:
    apply_choice(session, alice, replace(ALL, frequency="hourly"))
    leads = session.get_one(App, acme.app_id)
    portal.add_comment(session, bob, leads, acme, "Later.")
    expand(session)
    fall_due(session)
    turn_summaries(session)
    session.execute(delete(Delivery))
    session.commit()
    page = Page(app).sign_in(alice).get(url_of(acme))
    for line in page.select(".told"):
        assert "not kept any more" in line.text
        assert "on its way" not in line.text
        assert "waits for the summary" not in line.text
