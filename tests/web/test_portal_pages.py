"""Long lists come in pages, by links and as htmx blocks."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import insert
from sqlalchemy.orm import Session

from sysmail import clock, portal
from sysmail.people import Person
from sysmail.portal import App, Comment, Record
from tests.support.page import Page


@pytest.fixture
def leads(session: Session, bob: Person) -> App:
    app = portal.add_app(session, bob, "Leads")
    session.commit()
    return app


def _links(page: Page, prefix: str) -> list[int]:
    pattern = re.compile(rf"{prefix}(\d+)")
    found = (pattern.fullmatch(a["href"]) for a in page.select("main a"))
    return [int(match[1]) for match in found if match]


@pytest.mark.parametrize("htmx", [False, True])
def test_records_come_newest_first_fifty_a_page(
    app: Flask, session: Session, bob: Person, leads: App, htmx: bool
) -> None:
    now = clock.now()
    row = {"app_id": leads.id, "body": "", "created_at": now, "created_by": bob.id,
           "updated_at": now, "updated_by": bob.id}  # fmt: skip
    session.execute(insert(Record), [row | {"title": f"R{number}"} for number in range(1, 121)])
    session.commit()
    page = Page(app, htmx).sign_in(bob).get(f"/apps/{leads.id}")
    seen = [_links(page, "/apps/1/records/")]
    while any(a.text == "Older" for a in page.select("a")):
        seen.append(_links(page.click("Older"), "/apps/1/records/"))
    assert [len(ids) for ids in seen] == [50, 50, 20]
    assert [id_ for ids in seen for id_ in ids] == list(range(120, 0, -1))
    assert _links(page.click("Newer"), "/apps/1/records/") == seen[1]


@pytest.mark.parametrize("htmx", [False, True])
def test_the_latest_comments_are_shown_in_the_order_they_were_made(
    app: Flask, session: Session, bob: Person, leads: App, htmx: bool
) -> None:
    record = portal.add_record(session, bob, leads, "ACME", "").thing
    row = {"record_id": record.id, "created_at": clock.now(), "created_by": bob.id}
    session.execute(insert(Comment), [row | {"text": f"C{number}"} for number in range(1, 71)])
    session.commit()
    page = Page(app, htmx).sign_in(bob).get(f"/apps/{leads.id}/records/{record.id}")
    assert _comments(page) == [f"C{number}" for number in range(21, 71)]
    page.click("Older comments")
    assert _comments(page) == [f"C{number}" for number in range(1, 21)]
    page.submit("text", text="C71")
    assert _comments(page)[-1] == "C71"


def test_home_links_every_app_one_may_see_two_hundred_a_page(
    app: Flask, session: Session, bob: Person, eve: Person
) -> None:
    row = {"created_at": clock.now(), "created_by": bob.id}
    session.execute(
        insert(App), [row | {"name": f"A{n}", "is_open": n != 7} for n in range(1, 206)]
    )
    session.commit()
    page = Page(app).sign_in(eve).get("/")
    seen = _links(page, "/apps/")
    seen += _links(page.click("Older"), "/apps/")
    assert seen == [number for number in range(205, 0, -1) if number != 7]


def test_the_newest_apps_stand_in_the_header(app: Flask, bob: Person, leads: App) -> None:
    page = Page(app).sign_in(bob).get(f"/apps/{leads.id}")
    shown = page.one('header a[href="/apps/1"]')
    assert (shown.text, shown["aria-current"]) == ("Leads", "page")


def test_a_block_asked_for_by_htmx_is_only_that_block(app: Flask, bob: Person, leads: App) -> None:
    page = Page(app).sign_in(bob)
    answer = page.send("GET", "/apps/1", {"HX-Request": "true"}).text
    assert answer.lstrip().startswith('<section id="records"')
    assert "<h1" not in answer
    assert "<form" not in answer


def _comments(page: Page) -> list[str]:
    return [e.text for e in page.select("#discussion .user-text")]
