"""The audit log's page: filters in the URL, keyset pages, administrators only."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.audit import SYSTEM, Actor, record
from sysmail.people import Person
from tests.support.page import Page

pytestmark = pytest.mark.both_engines


@pytest.fixture(params=[False, True], ids=["plain", "htmx"])
def page(app: Flask, alice: Person, request: pytest.FixtureRequest) -> Page:
    return Page(app, htmx=request.param).sign_in(alice)


def _rows(page: Page) -> list[str]:
    return [row["data-action"] for row in page.select("tr[data-action]")]


def test_it_is_for_administrators(app: Flask, bob: Person) -> None:
    Page(app).sign_in(bob).get("/admin/audit-log", status=403)


def test_an_empty_log_says_so(page: Page) -> None:
    assert "Nothing has happened yet" in page.get("/admin/audit-log").text


def test_entries_say_what_happened_newest_first(
    page: Page, session: Session, alice: Person
) -> None:
    record(session, "signed_in", alice.actor, {"address": "192.0.2.1"})
    details = {"id": 7, "email": "x@corp", "name": "<b>X</b>"}
    record(session, "user_added", SYSTEM, details)
    session.commit()
    page.get("/admin/audit-log")
    assert _rows(page) == ["user_added", "signed_in"]
    assert "The user <b>X</b> (x@corp) was added." in page.one("#entries").text
    assert "192.0.2.1" in page.text


def test_filters_narrow_by_action_person_and_period(
    page: Page, session: Session, alice: Person, bob: Person
) -> None:
    record(session, "signed_in", alice.actor, {})
    record(session, "signed_in", bob.actor, {}).at = clock.now() - timedelta(days=3)
    record(session, "signed_out", bob.actor, {})
    session.commit()
    page.get("/admin/audit-log").submit("action", action="signed_in")
    assert _rows(page) == ["signed_in", "signed_in"]
    page.submit("action", action="signed_in", person="bo")
    assert _rows(page) == ["signed_in"]
    assert "action=signed_in" in page.url
    page.submit("action", action="", person="bob", period="day")
    assert _rows(page) == ["signed_out"]
    record(session, "sign_in_failed", Actor(None, ""), {"email": "bob@example.com"})
    session.commit()
    page.submit("action", person="BOB@", period="")
    assert _rows(page) == ["sign_in_failed"]
    page.submit("action", person="nobody")
    assert "Nothing matches" in page.text


def test_nonsense_in_the_url_is_answered(page: Page) -> None:
    page.get("/admin/audit-log?action=x&period=y&person=%25&before=z&after=-1")
    assert page.status == 200


def test_pages_go_older_and_newer_and_keep_the_filter(
    page: Page, session: Session, alice: Person
) -> None:
    for number in range(120):
        record(session, "signed_in" if number % 2 else "signed_out", alice.actor, {})
    session.commit()
    page.get("/admin/audit-log?action=signed_in")
    assert len(_rows(page)) == 50
    page.click("Older")
    assert _rows(page) == ["signed_in"] * 10
    page.click("Newer")
    assert len(_rows(page)) == 50
