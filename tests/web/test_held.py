"""Held e-mail: administrators are told of it and decide, plain and as htmx."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.audit import Entry
from sysmail.notifications import expand_next
from sysmail.outbox import Delivery, Priority, State, hold_unsent
from sysmail.people import Person
from tests.support.page import Page
from tests.support.post_office import add_news, add_people, assert_balanced, deliveries

HELD = "/admin/system-mail/held"


@pytest.fixture(params=[False, True], ids=["plain", "htmx"])
def page(app: Flask, alice: Person, request: pytest.FixtureRequest) -> Page:
    return Page(app, htmx=request.param).sign_in(alice)


@pytest.fixture
def held(session: Session, alice: Person) -> list[Delivery]:
    add_people(session, 3)
    add_news(session, alice, "ACME renewal")
    while expand_next(session):
        session.commit()
    deliveries(session)[0].doubt(clock.now())
    hold_unsent(session)
    session.commit()
    return deliveries(session)


def _states(session: Session) -> list[tuple[str, bool]]:
    return [(d.state, d.held) for d in deliveries(session)]


def test_only_administrators_may_decide(app: Flask, bob: Person, held: list[Delivery]) -> None:
    member = Page(app).sign_in(bob)
    for path in ("", "/release", "/drop"):
        member.get(HELD + path, status=403)
    assert "E-mail is held" not in member.get("/").text
    assert app.test_client().get(HELD).status_code == 302


def test_nothing_held_is_said_and_no_banner_shown(page: Page) -> None:
    page.get(HELD)
    assert "Nothing is held" in page.text
    assert page.select(".banner-warn") == []


def test_every_page_tells_administrators_that_mail_is_held(
    page: Page, held: list[Delivery]
) -> None:
    page.get("/")
    assert "E-mail is held." in page.text
    page.click("Decide")
    assert page.one("#held")["data-held-count"] == "3"
    assert "ACME renewal" in page.text
    assert len(page.select("tr[data-held]")) == 3


def test_doubtful_ones_are_told_apart(page: Page, held: list[Delivery]) -> None:
    page.get(HELD)
    doubtful = [row for row in page.select("tr[data-held]") if "second copy" in row.text]
    assert [int(row["data-held"]) for row in doubtful] == [held[0].id]
    assert "may already have taken 1 of them" in page.text


def test_all_are_released_after_the_count_was_shown(
    page: Page, session: Session, held: list[Delivery]
) -> None:
    page.get(HELD).click("Release all")
    assert page.title == "Release 3 e-mails?"
    page.submit(f"{HELD}/release")
    assert "3 e-mails are released." in page.text
    assert _states(session) == [(State.QUEUED, False)] * 3
    assert all(d.due_at <= clock.now() for d in deliveries(session))
    assert "Nothing is held" in page.text


def test_all_are_dropped_after_the_count_was_shown(
    page: Page, session: Session, held: list[Delivery]
) -> None:
    page.get(HELD).click("Drop all")
    assert page.title == "Drop 3 e-mails?"
    page.submit(f"{HELD}/drop")
    assert _states(session) == [(State.WITHDRAWN, False)] * 3
    assert {d.reason for d in deliveries(session)} == {"dropped"}
    assert_balanced(session)
    entry = session.scalars(select(Entry).order_by(Entry.id.desc())).first()
    assert entry is not None
    assert (entry.action, entry.details["count"]) == ("held_mail_dropped", 3)


def test_one_is_released_and_one_dropped(
    page: Page, session: Session, held: list[Delivery]
) -> None:
    page.get(HELD)
    newest = page.select("tr[data-held]")[0]
    page.submit(newest.one("form"))
    assert "1 e-mail is released." in page.text
    page.click(page.select("tr[data-held]")[0].one("a.btn-link"))
    assert page.title == "Drop 1 e-mail?"
    page.submit(f"{HELD}/drop")
    assert _states(session) == [
        (State.QUEUED, True),
        (State.WITHDRAWN, False),
        (State.QUEUED, False),
    ]


def test_deciding_twice_changes_nothing_and_says_so(
    page: Page, session: Session, held: list[Delivery]
) -> None:
    one = held[1].id
    page.get(f"{HELD}/release?delivery={one}").submit(f"{HELD}/release")
    page.get(f"{HELD}/drop?delivery={one}")
    assert "somebody has decided already" in page.text
    assert deliveries(session)[1].state == State.QUEUED
    for nonsense in ("x", "1" * 30, "²"):
        page.get(f"{HELD}/drop?delivery={nonsense}", status=404)


def test_pages_reach_every_held_mail(page: Page, session: Session) -> None:
    now = clock.now()
    rows = [
        Delivery(kind="account", state=State.QUEUED, priority=Priority.ACCOUNT, held=True,
                 address=f"p{n}@example.com", created_at=now, due_at=now)
        for n in range(120)
    ]  # fmt: skip
    session.add_all(rows)
    session.commit()
    seen = [row["data-held"] for row in page.get(HELD).select("tr[data-held]")]
    while page.select('a[rel="next"]'):
        page.click('a[rel="next"]')
        seen += [row["data-held"] for row in page.select("tr[data-held]")]
    assert len(set(seen)) == len(seen) == 120


def test_the_failure_history_says_that_it_is_held(page: Page, held: list[Delivery]) -> None:
    page.get(f"/admin/system-mail/failures/{held[0].id}")
    assert "held until an administrator decides" in page.text
