"""Retry of many: counted first, chosen, watched, stopped."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sysmail.outbox import Delivery, Resend, State
from sysmail.outbox.resend import SLICE, resend_slice
from sysmail.people import Person
from tests.support.page import Page
from tests.support.troubles import NO_ANSWER, many_troubled, troubled

HISTORY = "/admin/system-mail/failures"
RETRY = HISTORY + "/retry"


@pytest.fixture(params=[False, True], ids=["plain", "htmx"])
def page(app: Flask, alice: Person, request: pytest.FixtureRequest) -> Page:
    return Page(app, htmx=request.param).sign_in(alice)


def _run(session: Session) -> None:
    while resend_slice(session):
        session.commit()
    session.commit()


def _counts(session: Session) -> dict[str, int]:
    session.expire_all()
    rows = session.execute(select(Delivery.state, func.count()).group_by(Delivery.state))
    return {row[0]: row[1] for row in rows}


def test_pain_7_bulk_resend_of_all_that_match_is_counted_chosen_and_watched(
    page: Page, session: Session
) -> None:
    """No bulk resend."""
    many_troubled(session, SLICE + 43)
    page.get(HISTORY).click("Retry all")
    assert page.title == f"Send {SLICE + 43} e-mails again?"
    page.submit("outdated")
    assert page.one("#progress")["data-retry-state"] == "running"
    resend_slice(session)
    session.commit()
    if page.htmx:
        page.poll()
    else:
        page.click("Look again")
    assert page.one("#progress")["data-done"] == str(SLICE)
    assert page.one("progress")["value"] == str(SLICE)
    _run(session)
    page.get(page.url)
    assert page.one("#progress")["data-retry-state"] == "done"
    assert not page.poll()
    assert _counts(session) == {"queued": SLICE + 43}


def test_only_the_ticked_ones_are_sent(page: Page, session: Session) -> None:
    first, second, third = (troubled(session) for _ in range(3))
    page.get(HISTORY + "?state=failed").submit("delivery", delivery=[first.id, third.id])
    assert page.title == "Send 2 e-mails again?"
    page.submit("outdated")
    _run(session)
    states = {one.id: one.state for one in session.scalars(select(Delivery))}
    assert states == {first.id: "queued", second.id: "failed", third.id: "queued"}


def test_a_row_leads_to_its_own_retry(page: Page, session: Session) -> None:
    delivery = troubled(session)
    row = page.get(HISTORY).one(f'tr[data-delivery="{delivery.id}"]')
    page.click(row.select('a[href*="/retry"]')[0])
    assert page.title == "Send 1 e-mail again?"


def test_what_is_outdated_can_be_dropped_and_the_choice_says_how_many(
    page: Page, session: Session
) -> None:
    for days in (0.1, 0.2, 2, 9):
        troubled(session, minutes_ago=days * 24 * 60)
    page.get(RETRY + "?state=failed")
    labels = [label.text for label in page.select("label.tick")]
    assert labels == [
        "Send all 4 as they are",
        "Send 2, drop 2 that are older than a day",
        "Send 3, drop 1 that are older than a week",
        "Send none, drop all 4",
    ]
    page.submit("outdated", outdated="1d")
    _run(session)
    assert _counts(session) == {"queued": 2, "withdrawn": 2}


def test_uncertain_ones_are_named_before_a_second_copy_is_sent(
    page: Page, session: Session
) -> None:
    for _ in range(2):
        troubled(session, State.UNCERTAIN, NO_ANSWER, uncertain_tries=4)
    page.get(RETRY + "?state=uncertain")
    assert "may already have taken 2 of them: second copies may arrive" in page.text


def test_what_cannot_be_sent_again_is_said_before(page: Page, session: Session) -> None:
    troubled(session, kind="test")
    assert "None of them can be sent again." in page.get(RETRY + "?state=failed").text
    troubled(session)
    assert "1 of them cannot be sent again" in page.get(RETRY + "?state=failed").text


def test_it_can_be_stopped(page: Page, session: Session) -> None:
    many_troubled(session, SLICE + 10)
    page.get(RETRY + "?state=failed").submit("outdated")
    resend_slice(session)
    session.commit()
    page.submit(_cancel(page))
    assert page.one("#progress")["data-retry-state"] == "cancelled"
    _run(session)
    assert _counts(session) == {"failed": 10, "queued": SLICE}


def _cancel(page: Page) -> str:
    return str(page.one('form[action$="/cancel"]')["action"])


def test_a_running_one_is_told_on_the_front(page: Page, session: Session) -> None:
    many_troubled(session, 5)
    page.get(RETRY + "?state=failed").submit("outdated")
    assert "0 of 5" in page.get(HISTORY).text
    page.click("See how far it is")
    assert page.one("#progress")["data-expected"] == "5"


def test_without_a_worker_the_page_says_so(page: Page, session: Session) -> None:
    troubled(session)
    page.get(RETRY + "?state=failed").submit("outdated")
    assert "No worker is running" in page.text


def test_nonsense_is_no_choice(page: Page, session: Session) -> None:
    troubled(session)
    page.get(RETRY + "?state=failed&delivery=x&delivery=99999999999999999999")
    form = page.form("outdated")
    for option in form.select('input[name="outdated"]'):
        option.attrs["value"] = "never"
    page.submit(form, status=422)
    assert session.scalar(select(func.count(Resend.id))) == 0


def test_only_administrators_may(app: Flask, bob: Person, session: Session) -> None:
    member = Page(app).sign_in(bob)
    member.get(RETRY, status=403)
    member.get(HISTORY + ".csv", status=403)
    member.get(HISTORY + "/kept", status=403)
    assert member.client.post(RETRY).status_code in (400, 403)


def test_how_long_it_is_kept_is_shown_and_can_be_changed(page: Page, session: Session) -> None:
    assert "kept for 90 days" in page.get(HISTORY).one(".ledger").text
    page.click("kept for 90 days")
    page.submit("days", status=422, days="0")
    assert "Enter 1 to 3,650 days." in page.text
    page.submit("days", days="30")
    assert "kept for 30 days" in page.get(HISTORY).text
