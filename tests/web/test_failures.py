"""System Email Failure History as administrators see it, plain and as htmx."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.account import DomainWait, Health
from sysmail.db import db
from sysmail.outbox import State
from sysmail.people import Person
from sysmail.web.times import exact
from tests.support.html import Element
from tests.support.page import Page
from tests.support.troubles import NO_ANSWER, REFUSED_LOGIN, many_troubled, troubled

HISTORY = "/admin/system-mail/failures"
FAILED = HISTORY + "?state=failed"


@pytest.fixture(params=[False, True], ids=["plain", "htmx"])
def page(app: Flask, alice: Person, request: pytest.FixtureRequest) -> Page:
    return Page(app, htmx=request.param).sign_in(alice)


def _rows(page: Page) -> list[Element]:
    return page.select("tr[data-delivery]")


def _ids(page: Page) -> list[int]:
    return [int(row["data-delivery"]) for row in _rows(page)]


def test_only_administrators_may_look(app: Flask, bob: Person, session: Session) -> None:
    delivery = troubled(session)
    member = Page(app).sign_in(bob)
    member.get(HISTORY, status=403)
    member.get(f"{HISTORY}/{delivery.id}", status=403)
    assert app.test_client().get(HISTORY).status_code == 302


def test_an_empty_history_says_that_all_is_well_and_since_when(
    page: Page, session: Session
) -> None:
    troubled(session, State.SENT, {**NO_ANSWER, "outcome": "sent"}, 90, trouble_at=None)
    page.get(HISTORY)
    assert "All is well" in page.text
    assert len(page.select("main time")) == 1
    assert _rows(page) == []


def test_a_row_tells_recipient_server_settings_reply_and_what_it_means(
    page: Page, session: Session
) -> None:
    delivery = troubled(session)
    row = page.get(HISTORY).one(f'tr[data-delivery="{delivery.id}"]')
    assert (row["data-state"], row["data-cause"]) == ("failed", "recipient_unknown")
    for words in (
        "bob@example.com",
        "smtp.example.com:587",
        "STARTTLS, SMTP AUTH",
        "550 5.1.1 user unknown",
        "The mailbox bob@example.com does not exist.",
        "The recipient",
    ):
        assert words in row.text
    assert row.select("time[datetime]")
    assert row.text.index("does not exist") < row.text.index("550 5.1.1")


def test_every_state_of_trouble_is_a_row_newest_first(page: Page, session: Session) -> None:
    ids = [
        troubled(session, State.FAILED, minutes_ago=50).id,
        troubled(session, State.QUEUED, REFUSED_LOGIN, minutes_ago=40).id,
        troubled(session, State.UNCERTAIN, NO_ANSWER, minutes_ago=30).id,
        troubled(session, State.WITHDRAWN, minutes_ago=20).id,
    ]
    page.get(HISTORY)
    assert _ids(page) == ids[::-1]
    states = [row["data-state"] for row in _rows(page)]
    assert states == ["withdrawn", "uncertain", "queued", "failed"]


def test_what_waits_for_a_paused_account_says_so(page: Page, session: Session) -> None:
    now = clock.now()
    session.add(Health(id=1, state="paused", since=now, next_probe_at=now + timedelta(hours=3)))
    troubled(session, State.QUEUED, REFUSED_LOGIN)
    assert "waits for the System Mail Account" in _rows(page.get(HISTORY))[0].text


@pytest.mark.both_engines
def test_pages_go_older_and_newer_and_never_skip_one(page: Page, session: Session) -> None:
    many_troubled(session, 120)
    seen = _ids(page.get(FAILED))
    while page.select('a[rel="next"]'):
        page.click('a[rel="next"]')
        seen += _ids(page)
    assert seen == list(range(120, 0, -1))
    while page.select('a[rel="prev"]'):
        page.click('a[rel="prev"]')
    assert _ids(page)[0] == 120


@pytest.mark.both_engines
def test_ten_thousand_failures_cost_the_same_on_the_first_and_the_last_page(
    app: Flask, alice: Person, session: Session
) -> None:
    many_troubled(session, 10_000)
    page = Page(app).sign_in(alice)
    statements: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
    page.get(FAILED)
    first = len(statements)
    assert _ids(page) == list(range(10_000, 9_950, -1))
    page.get(FAILED + "&after=0-0")
    assert _ids(page) == list(range(50, 0, -1))
    assert len(statements) == 2 * first


def test_filters_stand_in_the_url_and_survive_paging(page: Page, session: Session) -> None:
    troubled(session, State.QUEUED, REFUSED_LOGIN, address="eve@example.org")
    many = [troubled(session).id for _ in range(60)]
    page.get(HISTORY).submit("recipient", recipient="bob@", state="failed")
    assert "recipient=bob" in page.url
    assert len(_ids(page)) == 50
    page.click('a[rel="next"]')
    assert len(_ids(page)) == 10
    assert set(_ids(page)) <= set(many)
    page.click("Show all failures")
    assert len(_ids(page)) == 1
    assert page.one("tr[data-incident]")["data-count"] == "60"


def test_a_filter_that_matches_nothing_says_so(page: Page, session: Session) -> None:
    troubled(session)
    page.get(HISTORY + "?recipient=nobody&period=7d&kind=test")
    assert "Nothing matches" in page.text


@pytest.mark.parametrize("query", ["state=x", "before=x", "after=9-9-9", "period=%00", "cause="])
def test_nonsense_in_the_url_is_no_filter(page: Page, session: Session, query: str) -> None:
    delivery = troubled(session)
    assert _ids(page.get(f"{HISTORY}?{query}")) == [delivery.id]


def test_the_causes_link_lists_its_deliveries(page: Page, session: Session) -> None:
    delivery = troubled(session)
    troubled(session, State.QUEUED, REFUSED_LOGIN)
    page.get(f"{HISTORY}/{delivery.id}").click("All failures of this cause")
    assert _ids(page) == [delivery.id]


def test_a_row_opens_to_its_attempts(page: Page, session: Session) -> None:
    delivery = troubled(session)
    page.get(HISTORY).click("bob@example.com")
    assert page.url == f"{HISTORY}/{delivery.id}"
    for words in (
        "Naming the recipient",
        "550 5.1.1 user unknown",
        "TLSv1.3",
        "210 ms",
        "AUTH PLAIN ***",
        "smtp.example.com:587",
        "Check the address for a typing mistake",
    ):
        assert words in page.text


def test_an_unknown_delivery_is_not_found(page: Page) -> None:
    page.get(f"{HISTORY}/4711", status=404)


def test_retry_from_the_delivery_shows_it_waiting(page: Page, session: Session) -> None:
    delivery = troubled(session)
    page.get(f"{HISTORY}/{delivery.id}").submit(f"{HISTORY}/{delivery.id}/retry")
    assert page.one("#delivery")["data-state"] == "queued"
    assert "It is sent again now." in page.one("#notices").text


def test_a_waiting_mail_can_be_cancelled(page: Page, session: Session) -> None:
    later = clock.now() + timedelta(hours=2)
    delivery = troubled(session, State.QUEUED, due_at=later)
    page.get(f"{HISTORY}/{delivery.id}").submit(f"{HISTORY}/{delivery.id}/cancel")
    assert page.one("#delivery")["data-state"] == "withdrawn"
    assert "cancelled by an administrator" in page.text
    assert not page.select('form[action$="/cancel"]')


def test_what_does_not_wait_any_more_cannot_be_cancelled(page: Page, session: Session) -> None:
    later = clock.now() + timedelta(hours=2)
    delivery = troubled(session, State.QUEUED, due_at=later)
    page.get(f"{HISTORY}/{delivery.id}")
    delivery.state = State.SENDING
    session.commit()
    page.submit(f"{HISTORY}/{delivery.id}/cancel", status=409)
    assert "cannot be cancelled" in page.text


def test_a_page_follows_a_retried_mail_until_it_is_accepted(page: Page, session: Session) -> None:
    delivery = troubled(session)
    page.get(f"{HISTORY}/{delivery.id}").submit(f"{HISTORY}/{delivery.id}/retry")
    session.refresh(delivery)
    delivery.state, delivery.trouble_at, delivery.settled_at = State.SENT, None, clock.now()
    session.commit()
    assert page.poll() or not page.htmx
    page.get(f"{HISTORY}/{delivery.id}")
    assert "Accepted by smtp.example.com" in page.text
    assert not page.poll()


def test_sending_an_uncertain_mail_again_warns_of_a_second_copy(
    page: Page, session: Session
) -> None:
    delivery = troubled(session, State.UNCERTAIN, NO_ANSWER, uncertain_tries=4)
    page.get(f"{HISTORY}/{delivery.id}")
    assert "a second copy may arrive" in page.text
    page.submit(f"{HISTORY}/{delivery.id}/retry")
    assert "a second one comes" in page.one("#notices").text


def test_what_cannot_be_sent_again_is_refused_in_words(page: Page, session: Session) -> None:
    delivery = troubled(session)
    page.get(f"{HISTORY}/{delivery.id}")
    delivery.state = State.WITHDRAWN
    session.commit()
    page.submit(f"{HISTORY}/{delivery.id}/retry", status=409)
    assert "withdrawn for good" in page.text
    assert page.one("#delivery")["data-state"] == "withdrawn"
    assert "Who must act: Nobody" in page.text


def test_a_test_mail_offers_no_retry_but_a_new_save(page: Page, session: Session) -> None:
    delivery = troubled(session, kind="test")
    page.get(f"{HISTORY}/{delivery.id}")
    assert "Save the System Mail Account again" in page.text
    assert not page.select('form[action$="/retry"]')


def test_hostile_words_of_a_server_are_only_text(page: Page, session: Session) -> None:
    seen = {**REFUSED_LOGIN, "words": "<script>alert(1)</script>", "cause": "no_such_cause"}
    delivery = troubled(session, State.FAILED, seen)
    row = page.get(HISTORY).one(f'tr[data-delivery="{delivery.id}"]')
    assert "<script>alert(1)</script>" in row.text
    assert "No rule matched" in row.text


def test_nobody_retries_without_a_token_or_the_right(
    app: Flask, bob: Person, session: Session
) -> None:
    delivery = troubled(session)
    client = Page(app).sign_in(bob).client
    assert client.post(f"{HISTORY}/{delivery.id}/retry").status_code in (400, 403)
    session.refresh(delivery)
    assert delivery.state == State.FAILED


def test_the_text_for_a_mail_administrator_is_plain_and_complete(
    page: Page, session: Session
) -> None:
    delivery = troubled(session)
    page.get(f"{HISTORY}/{delivery.id}").click("Copy for my mail administrator")
    letter = page.one("main pre").raw_text
    assert page.url == f"{HISTORY}/{delivery.id}/letter"
    for words in (
        "smtp.example.com:587",
        "550 5.1.1 user unknown",
        "The mailbox bob@example.com does not exist.",
        f"X-Sysmail-Delivery: {delivery.id}",
        "AUTH PLAIN ***",
        "TLSv1.3",
    ):
        assert words in letter


def test_the_next_try_of_direct_delivery_is_that_of_the_recipients_domain(
    page: Page, session: Session
) -> None:
    until = clock.now() + timedelta(hours=5)
    session.add(DomainWait(domain="example.com", cause="connection_refused", waits=2, until=until))
    delivery = troubled(session, State.QUEUED, {**REFUSED_LOGIN, "scope": "domain"})
    page.get(f"{HISTORY}/{delivery.id}")
    assert exact(until) in [time["title"] for time in page.select("main time")]
    assert "next try" in page.text
    assert "hx-trigger" not in page.one("#delivery")


def test_whose_server_it_was_is_told_by_the_try_itself(page: Page, session: Session) -> None:
    full = {**REFUSED_LOGIN, "cause": "connection_refused", "phase": "connect", "code": None}
    direct = troubled(session, State.QUEUED, {**full, "words": "", "mode": "direct"})
    own = troubled(session, State.QUEUED, {**full, "words": "", "mode": "external"})
    assert "recipient's mail server" in page.get(f"{HISTORY}/{direct.id}").text
    assert "recipient's mail server" not in page.get(f"{HISTORY}/{own.id}").text
