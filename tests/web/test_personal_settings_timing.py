"""Personal Settings: when mail comes, by whose clock, and what a change of mind does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.notifications import Notification, expand_next, turn_summaries
from sysmail.outbox import Delivery
from sysmail.people import Person
from sysmail.preferences import Choice, choice_of, store_default, store_whole_choice
from tests.support.page import Page
from tests.support.post_office import add_news

URL = "/settings/notifications"
DAILY: dict[str, Any] = {
    "frequency": "daily",
    "daily_at": "08:30",
    "weekdays": ["1", "5"],
    "quiet_from": "22:00",
    "quiet_until": "07:00:00",
    "language": "en",
    "timezone": "Asia/Tokyo",
    "unread_only": "y",
}


def checked(page: Page, name: str) -> list[str]:
    return [box["value"] for box in page.select(f'[name="{name}"]') if "checked" in box]


def selected(page: Page, name: str) -> str:
    return str(page.one(f'[name="{name}"] option[selected]')["value"])


def test_everything_about_when_is_stored_and_shown(
    app: Flask, session: Session, bob: Person
) -> None:
    page = Page(app).sign_in(bob).get(URL)
    page.submit("frequency", mentions_at_once=None, **DAILY)
    assert choice_of(session, bob.id) == Choice(
        chosen=True,
        frequency="daily",
        daily_at="08:30",
        weekdays=0b10001,
        mentions_at_once=False,
        quiet_from="22:00",
        quiet_until="07:00",
        language="en",
        timezone="Asia/Tokyo",
        unread_only=True,
    )
    assert checked(page, "frequency") == ["daily"]
    assert checked(page, "weekdays") == ["1", "5"]
    assert checked(page, "mentions_at_once") == []
    assert page.one('[name="quiet_until"]')["value"] == "07:00"
    assert (selected(page, "timezone"), selected(page, "language")) == ("Asia/Tokyo", "en")


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("frequency", {"frequency": "weekly"}),
        ("daily_at", {"frequency": "daily", "daily_at": ""}),
        ("daily_at", {"daily_at": "25:00"}),
        ("weekdays", {"frequency": "daily", "weekdays": []}),
        ("weekdays", {"weekdays": ["8"]}),
        ("quiet_from", {"quiet_until": "07:00"}),
        ("quiet_until", {"quiet_from": "22:00"}),
        ("quiet_until", {"quiet_from": "22:00", "quiet_until": "22:00"}),
        ("quiet_from", {"quiet_from": "٢٢:00", "quiet_until": "07:00"}),
        ("language", {"language": "xx"}),
        ("timezone", {"timezone": "../../etc/passwd"}),
    ],
    ids=str,
)
def test_what_does_not_fit_comes_back_with_one_message(
    app: Flask, session: Session, bob: Person, field: str, typed: dict[str, Any]
) -> None:
    page = Page(app).sign_in(bob).get(URL)
    page.submit("frequency", status=422, **typed)
    assert [link["href"] for link in page.select("#error-summary a")] == [f"#{field}"]
    assert not choice_of(session, bob.id).chosen


def test_the_page_shows_what_the_last_week_would_have_been(
    app: Flask, session: Session, alice: Person, bob: Person
) -> None:
    add_news(session, alice)
    while expand_next(session):
        session.commit()
    page = Page(app).sign_in(bob).get(URL)
    said = {label["for"]: label.text for label in page.select("label.tick")}
    assert "Last 7 days: 1 mail." in said["receive-2"]
    assert "Last 7 days: 0 mails." in said["receive-1"]


def test_giving_quiet_hours_up_says_what_goes_out(
    app: Flask, session: Session, alice: Person, bob: Person
) -> None:
    now = clock.now()
    store_whole_choice(
        session,
        bob.id,
        Choice(
            "all",
            quiet_from=f"{now - timedelta(hours=1):%H:%M}",
            quiet_until=f"{now + timedelta(hours=2):%H:%M}",
        ),
    )
    add_news(session, alice)
    while expand_next(session):
        session.commit()
    delivery = session.scalars(select(Delivery)).one()
    delivery.wait(now + timedelta(hours=2))
    session.commit()
    page = Page(app).sign_in(bob).get(URL)
    page.submit("frequency", quiet_from="", quiet_until="")
    assert "1 e-mail that quiet hours held goes out now." in page.text
    session.refresh(delivery)
    assert delivery.due_at <= clock.now()


def test_giving_a_summary_up_says_that_it_goes_out_now(
    app: Flask, session: Session, alice: Person, bob: Person
) -> None:
    store_whole_choice(session, bob.id, Choice("all", frequency="daily"))
    add_news(session, alice)
    while expand_next(session):
        session.commit()
    assert session.scalars(select(Notification.summary_id)).all() != [None]
    page = Page(app).sign_in(bob).get(URL)
    page.submit("frequency", frequency="hourly")
    assert "with the 1 notification it holds so far, comes on" in page.text
    page.submit("frequency", frequency="immediate")
    assert "The summary goes out now, with the 1 notification it holds." in page.text


def test_wanting_none_says_how_much_is_not_sent(
    app: Flask, session: Session, alice: Person, bob: Person
) -> None:
    store_whole_choice(session, bob.id, Choice("all"))
    add_news(session, alice)
    while expand_next(session):
        session.commit()
    page = Page(app).sign_in(bob).get(URL)
    page.submit("frequency", receive="none")
    assert "1 e-mail that was waiting is not sent." in page.text


def test_a_zone_that_the_list_lacks_is_kept(app: Flask, session: Session, bob: Person) -> None:
    store_whole_choice(session, bob.id, Choice(timezone="Etc/GMT+2"))
    session.commit()
    page = Page(app).sign_in(bob).get(URL)
    page.submit("frequency", format="text")
    assert choice_of(session, bob.id).timezone == "Etc/GMT+2"


def test_administrators_set_what_holds_for_the_others(
    app: Flask, session: Session, alice: Person, bob: Person, eve: Person
) -> None:
    store_whole_choice(session, eve.id, Choice("all", frequency="hourly"))
    session.commit()
    page = Page(app).sign_in(alice).get("/admin/notification-defaults")
    assert "This holds for 2 people who have not chosen yet" in page.text
    page.submit("frequency", **DAILY)
    session.expire_all()
    assert choice_of(session, bob.id).frequency == "daily"
    assert choice_of(session, bob.id).timezone == "Asia/Tokyo"
    assert choice_of(session, eve.id).frequency == "hourly"
    log = Page(app).sign_in(alice).get("/admin/audit-log")
    assert "for those who never chose their notifications was changed" in log.text


def test_a_bad_default_is_refused(app: Flask, session: Session, alice: Person, bob: Person) -> None:
    store_default(session, Choice("all"))
    session.commit()
    page = Page(app).sign_in(alice).get("/admin/notification-defaults")
    page.submit("frequency", status=422, receive="some")
    assert choice_of(session, bob.id).receive == "all"


def test_defaults_are_for_administrators(app: Flask, bob: Person) -> None:
    page = Page(app).sign_in(bob)
    for method in ("GET", "POST"):
        assert page.send(method, "/admin/notification-defaults").status_code in (400, 403)


def test_new_defaults_say_which_summaries_and_mails_they_move(
    app: Flask, session: Session, alice: Person, bob: Person
) -> None:
    store_default(session, Choice("all", frequency="daily"))
    session.commit()
    add_news(session, alice)
    while expand_next(session) or turn_summaries(session):
        session.commit()
    page = Page(app).sign_in(alice).get("/admin/notification-defaults")
    page.submit("frequency", frequency="hourly")
    assert "1 summary that is filling now comes by the new times." in page.text
    page.submit("frequency", format="text")
    assert "comes by the new times" not in page.text
