"""The history's front: many of one cause are one incident, and every number leads somewhere."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from sysmail import clock, outbox
from sysmail.account import Health
from sysmail.events import Event
from sysmail.notifications import Notification
from sysmail.notifications.summary import Summary
from sysmail.outbox import HistoryDay, State
from sysmail.people import Person
from sysmail.web.times import relative
from tests.support.page import Page
from tests.support.troubles import NO_ANSWER, REFUSED_LOGIN, many_troubled, troubled

HISTORY = "/admin/system-mail/failures"


@pytest.fixture(params=[False, True], ids=["plain", "htmx"])
def page(app: Flask, alice: Person, request: pytest.FixtureRequest) -> Page:
    return Page(app, htmx=request.param).sign_in(alice)


def _in_an_hour() -> object:
    return clock.now() + timedelta(hours=1)


@pytest.mark.both_engines
def test_three_of_one_state_and_cause_are_one_row(page: Page, session: Session) -> None:
    ids = [
        troubled(session, State.QUEUED, REFUSED_LOGIN, n, due_at=_in_an_hour()).id
        for n in (30, 20, 10)
    ]
    alone = troubled(session, State.UNCERTAIN, NO_ANSWER, 15)
    page.get(HISTORY)
    row = page.one("tr[data-incident]")
    assert (row["data-state"], row["data-cause"], row["data-count"]) == (
        "queued",
        "login_rejected",
        "3",
    )
    assert [one["data-delivery"] for one in page.select("tr[data-delivery]")] == [str(alone.id)]
    page.click(row.select("a[href]")[0])
    assert "state=queued" in page.url
    assert "cause=login_rejected" in page.url
    shown = [int(one["data-delivery"]) for one in page.select("tr[data-delivery]")]
    assert shown == ids[::-1]
    assert page.select("tr[data-incident]") == []


def test_two_of_a_kind_stay_two_rows(page: Page, session: Session) -> None:
    for _ in range(2):
        troubled(session)
    page.get(HISTORY)
    assert len(page.select("tr[data-delivery]")) == 2
    assert page.select("tr[data-incident]") == []


@pytest.mark.parametrize("query", ["recipient=bob", "kind=comment_posted", "period=30d"])
def test_whatever_is_filtered_is_unfolded(page: Page, session: Session, query: str) -> None:
    for _ in range(4):
        troubled(session)
    page.get(f"{HISTORY}?{query}")
    assert len(page.select("tr[data-delivery]")) == 4
    assert page.select("tr[data-incident]") == []


def test_pain_5_what_fails_is_told_in_a_sentence_and_not_in_a_log_file(
    page: Page, session: Session
) -> None:
    """Silent failures, reasons in log files."""
    now = clock.now()
    probe = now + timedelta(minutes=30)
    session.add(
        Health(id=1, state="paused", since=now, cause="login_rejected", next_probe_at=probe)
    )
    for minutes in (60, 40, 20):
        troubled(session, State.QUEUED, REFUSED_LOGIN, minutes)
    for _ in range(140):
        session.add(outbox.Delivery(**_untried(now)))
    session.commit()
    row = page.get(HISTORY).one("tr[data-incident]")
    for words in (
        "refuses the login",
        "143 waiting, 0 lost",
        f"next try {relative(probe, clock.now())}",
        "since",
        "and 2 others",
        "535 5.7.8 authentication failed",
        "Who must act: You, as administrator",
    ):
        assert words in row.text, words


def _untried(now: object) -> dict[str, object]:
    return {
        "kind": "comment_posted",
        "state": State.QUEUED,
        "priority": 2,
        "address": "x@example.com",
        "name": "",
        "created_at": now,
        "due_at": now,
    }


def test_pain_6_an_administrator_sees_on_the_page_what_waits_and_that_it_is_tried_again(
    page: Page, session: Session
) -> None:
    """No queue, no retry, nobody notices."""
    later = clock.now() + timedelta(hours=3)
    delivery = troubled(session, State.QUEUED, due_at=later)
    row = page.get(HISTORY).one(f'tr[data-delivery="{delivery.id}"]')
    assert f"next try {relative(later, clock.now())}" in row.text
    assert "1 queued" in page.one(".ledger").text


def test_an_incident_of_many_recipients_names_none_in_its_sentence(
    page: Page, session: Session
) -> None:
    for number in range(4):
        troubled(session, address=f"p{number}@example.com")
    row = page.get(HISTORY).one("tr[data-incident]")
    assert "The mailbox of the recipient does not exist." in row.text
    assert "4 given up" in row.text


def test_every_number_of_the_ledger_leads_to_what_it_counts(page: Page, session: Session) -> None:
    troubled(session, State.SENT, cause=None, trouble_at=None)
    for _ in range(2):
        troubled(session, State.QUEUED, cause=None, trouble_at=None)
    for _ in range(3):
        troubled(session)
    troubled(session, State.WITHDRAWN, cause=None, trouble_at=None)
    _add_skipped(session, 2)
    for name, count in (("sent", 1), ("queued", 2), ("failed", 3), ("withdrawn", 1)):
        page.get(HISTORY).click(f'a[data-ledger="{name}"]')
        states = [row["data-state"] for row in page.select("tr[data-delivery]")]
        assert states == [name] * count
    page.get(HISTORY).click('a[data-ledger="notifications"]')
    assert len(page.select("tr[data-delivery]")) == 7
    page.get(HISTORY).click('a[data-ledger="skipped"]')
    assert len(page.select("tr[data-skipped]")) == 2
    assert "did it themselves" in page.text
    assert "Alice" in page.text


@pytest.mark.both_engines
def test_what_waits_for_a_summary_is_listed_with_the_time_it_goes(
    page: Page, session: Session
) -> None:
    soon = clock.now() + timedelta(minutes=20, seconds=30)
    _add_waiting(session, due_at=soon, count=2)
    _add_waiting(session, due_at=clock.now(), posted_at=clock.now(), count=3)
    page.get(HISTORY).click('a[data-ledger="waiting"]')
    rows = page.select("tr[data-waiting]")
    assert len(rows) == 2
    assert "Alice" in rows[0].text
    assert "in 20 minutes" in rows[0].text
    assert page.get(f"{HISTORY}?state=waiting&before=1").one("#waiting")


def _add_waiting(session: Session, count: int, **summary: Any) -> None:
    made = Summary(person_id=1, **summary)
    session.add(made)
    session.flush()
    for _ in range(count):
        event = Event(
            kind="comment_posted",
            created_at=clock.now(),
            expanded_at=clock.now(),
            snapshot={},
            notified=1,
        )
        session.add(event)
        session.flush()
        told = {"because": "follows", "person_id": 1, "summary_id": made.id}
        session.add(Notification(event_id=event.id, **told))
    session.commit()


def _add_skipped(session: Session, count: int) -> None:
    for number in range(count):
        event = Event(
            kind="comment_posted", created_at=clock.now(), expanded_at=clock.now(), snapshot={}
        )
        session.add(event)
        session.flush()
        told = {"because": "follows", "skip": "own_action", "person_id": 1 if number == 0 else 99}
        session.add(Notification(event_id=event.id, **told))
    session.commit()


def test_the_ledger_line_says_whether_it_balances(page: Page, session: Session) -> None:
    assert "balanced" in page.get(HISTORY).one(".ledger").text
    troubled(session)
    ledger = page.get(HISTORY).one(".ledger")
    assert "does not add up: difference -1" in ledger.text
    assert ledger["data-balanced"] == "false"


def test_the_picture_has_a_text_for_those_who_do_not_see_it(page: Page, session: Session) -> None:
    assert page.get(HISTORY).select("figure svg") == []
    today = clock.now().date()
    session.add(HistoryDay(day=today, accepted=1200, troubled=3))
    session.add(HistoryDay(day=today - timedelta(days=2), accepted=0, troubled=40))
    session.commit()
    page.get(HISTORY)
    picture = page.one("figure svg")
    assert picture["aria-label"].startswith(
        "In the last 14 days 1,200 e-mails were accepted, 43 tries failed."
    )
    bars = page.select("figure .days-bad")
    assert len(bars) == 2
    assert all(int(bar["height"]) >= 2 for bar in page.select("figure rect"))


@pytest.mark.both_engines
def test_a_million_would_cost_no_more_than_a_few_statements(
    app: Flask, alice: Person, session: Session
) -> None:
    many_troubled(session, 12_000)
    page = Page(app).sign_in(alice)
    row = page.get(HISTORY).one("tr[data-incident]")
    assert row["data-count"] == "10000"
    assert "more than 10,000 given up" in row.text
