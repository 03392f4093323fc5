"""The next summary while it fills: seen, struck from, and sent when the person says so."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import delete
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.notifications import ledger
from sysmail.outbox import State
from sysmail.people import Person
from sysmail.portal import App, Membership, add_app, add_comment, add_record
from sysmail.preferences import Choice
from tests.support.page import Page
from tests.support.post_office import assert_balanced, work
from tests.support.summaries import digests, items, wants_summaries

URL = "/settings/notifications/summary"


@pytest.fixture
def leads(app: Flask, session: Session, alice: Person, bob: Person) -> App:
    """An app only bob and administrators see, with two records and a comment told to bob."""
    wants_summaries(session, bob)
    leads = add_app(session, alice, "Leads", {bob.id})
    first = add_record(session, alice, leads, "ACME renewal", "Three years.").thing
    add_record(session, alice, leads, "Beta <b>", "One year.")
    add_comment(session, alice, leads, first, "By Friday.")
    session.commit()
    work(app)
    return leads


def test_it_shows_what_it_tells_by_app_and_record_the_newest_first(
    app: Flask, bob: Person, leads: App
) -> None:
    page = Page(app).sign_in(bob).get("/settings/notifications")
    page.get(page.one(f'a[href="{URL}"]')["href"])
    assert page.title == "Your next summary"
    assert "3 notifications so far" in page.text
    shown = [item.text for item in page.select(".tray-item")]
    assert [one in text for one, text in zip(("By Friday", "Three", "One"), shown, strict=True)]
    assert ["ACME renewal" in text for text in shown] == [True, False, False]


def test_what_is_struck_out_is_not_told(
    app: Flask, session: Session, bob: Person, leads: App
) -> None:
    page = Page(app).sign_in(bob).get(URL)
    page.press("Strike out")
    assert "Struck out" in page.text
    assert "2 notifications so far" in page.text
    assert [item.dropped for item in items(session, bob)] == [None, None, "struck"]
    assert (ledger(session).waiting, ledger(session).withdrawn) == (2, 1)
    page.press("Send it now")
    assert "on its way" in page.text
    work(app)
    assert [(digest.state, digest.notices) for digest in digests(session)] == [(State.SENT, 2)]
    assert "Nothing in it yet" in page.get(URL).text
    assert_balanced(session)


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
def test_what_was_struck_out_is_put_back_until_the_summary_is_sent(
    app: Flask, session: Session, bob: Person, leads: App, htmx: bool
) -> None:
    page = Page(app, htmx).sign_in(bob).get(URL)
    for _ in range(3):
        page.press("Strike out")
    assert "Nothing in it yet" in page.text
    assert len(page.select(".struck .tray-item")) == 3
    first = page.select(".struck form")[0]
    page.press("Put back")
    assert "1 notification so far" in page.text
    assert [item.dropped for item in items(session, bob)] == ["struck", "struck", None]
    page.submit(first)
    assert "Put back. The summary tells it." in page.text
    assert (ledger(session).waiting, ledger(session).withdrawn) == (1, 2)
    late = page.select(".struck form")[0]
    page.press("Send it now")
    work(app)
    assert [(digest.state, digest.notices) for digest in digests(session)] == [(State.SENT, 1)]
    page.submit(late)
    assert "cannot be put back" in page.text
    assert not page.select(".struck")
    assert_balanced(session)


def test_what_was_dropped_for_another_reason_is_neither_shown_nor_put_back(
    app: Flask, session: Session, bob: Person, eve: Person, leads: App
) -> None:
    page = Page(app).sign_in(bob).get(URL)
    page.press("Strike out")
    form = page.select(".struck form")[0]
    wants_summaries(session, eve)
    other = Page(app).sign_in(eve).get("/settings/notifications")
    token = {"csrf_token": other.select('[name="csrf_token"]')[0]["value"]}
    assert other.send("POST", form["action"], data=token).status_code == 303
    assert items(session, bob)[-1].dropped == "struck"
    session.execute(delete(Membership))
    session.commit()
    assert not page.get(URL).select(".struck")
    items(session, bob)[-1].dropped = "no_access"
    session.commit()
    page.submit(form)
    assert items(session, bob)[-1].dropped == "no_access"


def test_looking_and_scanning_change_nothing(
    app: Flask, session: Session, bob: Person, leads: App
) -> None:
    page = Page(app).sign_in(bob)
    [first, *_] = items(session, bob)
    for method in ("GET", "HEAD"):
        for path in (f"{URL}/items/{first.id}/strike", f"{URL}/send"):
            assert page.send(method, path).status_code == 405
    page.get(URL)
    assert ledger(session).waiting == 3


def test_nobody_strikes_from_another_s_summary(
    app: Flask, session: Session, bob: Person, eve: Person, leads: App
) -> None:
    wants_summaries(session, eve)
    page = Page(app).sign_in(eve).get(URL)
    assert "ACME" not in page.text
    [first, *_] = items(session, bob)
    page.get("/settings/notifications")
    fields = {"csrf_token": page.select('[name="csrf_token"]')[0]["value"]}
    answer = page.send("POST", f"{URL}/items/{first.id}/strike", data=fields)
    assert answer.status_code == 303
    assert ledger(session).waiting == 3


def test_who_lost_access_sees_nothing_of_it_here_either(
    app: Flask, session: Session, alice: Person, bob: Person, leads: App
) -> None:
    session.execute(delete(Membership))
    session.commit()
    page = Page(app).sign_in(bob).get(URL)
    assert "ACME" not in page.text
    assert "Leads" not in page.text
    assert "Nothing in it yet" in page.text


def test_sent_in_quiet_hours_it_comes_when_they_end(
    app: Flask, session: Session, bob: Person, leads: App
) -> None:
    with time_machine.travel(clock.now().replace(hour=23, minute=10)):
        quiet = Choice("all", 7, frequency="daily", quiet_from="22:00", quiet_until="07:00")
        wants_summaries(session, bob, choice=quiet)
        page = Page(app).sign_in(bob).get(URL)
        page.press("Send it now")
        assert "when your quiet hours end" in page.text
        work(app)
        assert digests(session) == []
        end = clock.now() + timedelta(hours=8)
    with time_machine.travel(end):
        work(app)
    assert [digest.state for digest in digests(session)] == [State.SENT]


def test_who_gets_each_mail_at_once_is_told_of_the_other_way(app: Flask, eve: Person) -> None:
    assert "You get each e-mail at once" in Page(app).sign_in(eve).get(URL).text
