"""Following and muting, on an app's and a record's page and in Personal Settings."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from sysmail.notifications import expand_next
from sysmail.people import Person
from sysmail.portal import Record, add_app, add_record
from sysmail.preferences import (
    Choice,
    RecordChoice,
    app_mode,
    choice_of,
    record_mode,
    store_app_mode,
    store_whole_choice,
)
from sysmail.web.personal_settings.following import MOST
from tests.support.page import Page
from tests.support.post_office import add_news


@pytest.fixture
def record(session: Session, alice: Person) -> Record:
    add_news(session, alice)
    return session.scalars(select(Record)).one()


SETTINGS = "/settings/notifications"
LABELS = {"follow": "Follow", "mute": "Mute"}


def url_of(record: Record) -> str:
    return f"/apps/{record.app_id}/records/{record.id}"


@pytest.mark.parametrize("mode", ["follow", "mute"])
def test_an_app_is_followed_or_muted_and_neither_again(
    app: Flask, session: Session, bob: Person, record: Record, mode: str
) -> None:
    page = Page(app).sign_in(bob).get(f"/apps/{record.app_id}")
    page.press(LABELS[mode])
    assert page.url == f"/apps/{record.app_id}"
    assert page.one(".following")["data-mode"] == mode
    assert app_mode(session, bob.id, record.app_id) == mode
    page.press("As in my settings")
    assert page.one(".following")["data-mode"] == ""
    assert app_mode(session, bob.id, record.app_id) is None


def test_muting_a_record_says_what_is_not_sent(
    app: Flask, session: Session, bob: Person, record: Record
) -> None:
    store_whole_choice(session, bob.id, Choice("all"))
    while expand_next(session):
        session.commit()
    page = Page(app).sign_in(bob).get(url_of(record))
    page.press("Mute")
    assert "is muted: you hear only where you are mentioned." in page.text
    assert "1 e-mail that was waiting is not sent." in page.text
    assert record_mode(session, bob.id, record.id) == "mute"


def shown(page: Page, field: str) -> str:
    return str(page.one(f'[name="{field}"] option[selected]')["value"])


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
def test_personal_settings_follow_and_mute_as_fields_of_their_form(
    app: Flask, session: Session, bob: Person, record: Record, htmx: bool
) -> None:
    apps, records = f"app_{record.app_id}", f"record_{record.id}"
    page = Page(app, htmx).sign_in(bob).get(SETTINGS)
    assert shown(page, apps) == ""
    assert not page.select(f'[name="{records}"]')
    page.submit("receive", **{apps: "mute"})
    assert shown(page, apps) == "mute"
    assert app_mode(session, bob.id, record.app_id) == "mute"
    page.get(url_of(record)).press("Follow")
    page.get(SETTINGS).submit("receive", **{apps: "follow", records: ""})
    assert app_mode(session, bob.id, record.app_id) == "follow"
    assert record_mode(session, bob.id, record.id) is None
    page.submit("receive", **{apps: ""})
    assert app_mode(session, bob.id, record.app_id) is None


def test_muting_in_personal_settings_says_what_is_not_sent(
    app: Flask, session: Session, bob: Person, record: Record
) -> None:
    store_whole_choice(session, bob.id, Choice("all"))
    while expand_next(session):
        session.commit()
    page = Page(app).sign_in(bob).get(SETTINGS)
    page.submit("receive", **{f"app_{record.app_id}": "mute"})
    assert "1 e-mail that was waiting is not sent." in page.text


def test_a_form_that_names_no_app_leaves_what_was_chosen(
    app: Flask, session: Session, bob: Person, record: Record
) -> None:
    store_app_mode(session, bob.id, record.app_id, "mute")
    session.commit()
    page = Page(app).sign_in(bob).get(SETTINGS)
    page.submit("receive", receive="all", **{f"app_{record.app_id}": None})
    assert app_mode(session, bob.id, record.app_id) == "mute"


def test_another_word_for_an_app_comes_back_with_a_message(
    app: Flask, session: Session, bob: Person, record: Record
) -> None:
    field = f"app_{record.app_id}"
    page = Page(app).sign_in(bob).get(SETTINGS)
    page.submit("receive", status=422, **{field: "louder", "format": "text"})
    assert page.one("#error-summary a")["href"] == f"#{field}"
    assert len(page.select(".field-error")) == 1
    assert not choice_of(session, bob.id).chosen


def test_an_app_beyond_those_listed_is_taken_where_it_is_named(
    app: Flask, session: Session, alice: Person, bob: Person
) -> None:
    made = [add_app(session, alice, f"App {n:03}") for n in range(MOST + 2)]
    closed = add_app(session, alice, "Board", {alice.id})
    session.commit()
    page = Page(app).sign_in(bob).get(SETTINGS)
    assert len(page.select('select[name^="app_"]')) == MOST
    assert "every app's page has the buttons" in page.text
    more = {f"app_{made[-1].id}": "mute", f"app_{closed.id}": "follow"}
    token = page.select('[name="csrf_token"]')[0]["value"]
    choice = {"receive": "all", "frequency": "immediate", "format": "html", "csrf_token": token}
    assert page.send("POST", SETTINGS, data=choice | more).status_code == 303
    assert app_mode(session, bob.id, made[-1].id) == "mute"
    assert app_mode(session, bob.id, closed.id) is None
    assert shown(page.get(SETTINGS), f"app_{made[-1].id}") == "mute"


@pytest.mark.parametrize(
    ("more", "said"), [(0, ""), (1, "1 more record that"), (2, "2 more records")]
)
def test_records_beyond_those_listed_are_counted(
    app: Flask, session: Session, alice: Person, bob: Person, more: int, said: str
) -> None:
    leads, closed = (add_app(session, alice, "A"), add_app(session, alice, "B", {alice.id}))
    for place, count in ((closed, 3), (leads, MOST + more)):
        made = [add_record(session, alice, place, f"R {n:03}", "").thing for n in range(count)]
        session.add_all(
            RecordChoice(person_id=bob.id, record_id=one.id, mode="mute") for one in made
        )
    session.commit()
    page = Page(app).sign_in(bob).get(SETTINGS)
    assert len(page.select('select[name^="record_"]')) == MOST
    assert ("more record" in page.text) is bool(more)
    assert said in page.text


def test_nobody_can_follow_what_they_may_not_see(
    app: Flask, session: Session, alice: Person, bob: Person
) -> None:
    closed = add_app(session, alice, "Board", {alice.id})
    session.commit()
    page = Page(app).sign_in(bob).get("/")
    token = page.select('[name="csrf_token"]')[0]["value"]
    sent = {"mode": "follow", "csrf_token": token}
    assert page.send("POST", f"/apps/{closed.id}/following", data=sent).status_code == 404
    assert app_mode(session, bob.id, closed.id) is None


def test_no_other_mode_is_taken(app: Flask, session: Session, bob: Person, record: Record) -> None:
    page = Page(app).sign_in(bob).get("/")
    token = page.select('[name="csrf_token"]')[0]["value"]
    sent = {"mode": "louder", "csrf_token": token}
    url = f"/apps/{record.app_id}/following"
    assert page.send("POST", url, data=sent).status_code == 400


def test_a_page_left_open_takes_back_nothing_chosen_elsewhere_since(
    app: Flask, session: Session, bob: Person, record: Record
) -> None:
    stale = Page(app).sign_in(bob).get(SETTINGS)
    store_app_mode(session, bob.id, record.app_id, "mute")
    session.commit()
    stale.press("Save")
    assert app_mode(session, bob.id, record.app_id) == "mute"
    again = Page(app).sign_in(bob).get(SETTINGS)
    again.press("Save", **{f"app_{record.app_id}": "follow"})
    assert app_mode(session, bob.id, record.app_id) == "follow"
