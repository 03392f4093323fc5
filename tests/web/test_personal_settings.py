"""Personal Settings: what a person wants to be told by e-mail."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from sysmail.people import Person
from sysmail.preferences import Choice, choice_of, store_choice
from tests.support.page import Page

URL = "/settings/notifications"
PLAIN_OR_HTMX = pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])


def ticked(page: Page, name: str) -> list[str]:
    return [box["value"] for box in page.select(f'[name="{name}"]') if "checked" in box]


def test_who_never_chose_sees_the_default_and_that_it_is_one(app: Flask, bob: Person) -> None:
    page = Page(app).sign_in(bob).get(URL)
    assert page.title == "Personal Settings"
    assert "You have not chosen yet" in page.text
    assert ticked(page, "receive") == ["to_me"]
    assert ticked(page, "kinds") == ["record_added", "comment_posted"]
    assert ticked(page, "format") == ["html"]


@PLAIN_OR_HTMX
def test_a_choice_is_stored_and_shown(
    app: Flask, session: Session, bob: Person, htmx: bool
) -> None:
    page = Page(app, htmx).sign_in(bob).get(URL)
    page.submit("receive", receive="all", kinds=["comment_posted"], format="text")
    assert choice_of(session, bob.id) == Choice("all", 2, "text", chosen=True)
    assert "Saved. Your choice also holds" in page.text
    assert "You have not chosen yet" not in page.text
    assert ticked(page, "kinds") == ["comment_posted"]
    assert page.url == URL


@PLAIN_OR_HTMX
@pytest.mark.parametrize(
    ("field", "value"),
    [("receive", "some"), ("kinds", ["record_added", "nonsense"]), ("format", "rtf")],
)
def test_what_nobody_may_choose_comes_back_with_a_message(
    app: Flask, session: Session, bob: Person, htmx: bool, field: str, value: object
) -> None:
    page = Page(app, htmx).sign_in(bob).get(URL)
    page.submit("receive", status=422, **{"format": "text", field: value})
    assert len(page.select(".field-error")) == 1
    assert page.one("#error-summary a")["href"] == f"#{field}"
    assert not choice_of(session, bob.id).chosen
    if field != "format":
        assert ticked(page, "format") == ["text"]


def test_a_form_without_a_choice_asks_for_one(app: Flask, session: Session, bob: Person) -> None:
    page = Page(app).sign_in(bob).get(URL)
    page.submit("receive", status=422, receive=None, format=None)
    assert page.text.count("Choose one of these.") == 4
    assert not choice_of(session, bob.id).chosen


@pytest.mark.parametrize("change", [{"receive": "none"}, {"kinds": []}], ids=str)
def test_choosing_nothing_says_so(
    app: Flask, session: Session, bob: Person, change: dict[str, object]
) -> None:
    page = Page(app).sign_in(bob).get(URL)
    page.submit("receive", **change)
    assert "You get no e-mail notifications" in page.text
    assert choice_of(session, bob.id).chosen


def test_the_audit_log_is_for_administrators(
    app: Flask, session: Session, alice: Person, bob: Person
) -> None:
    theirs = Page(app).sign_in(alice).get(URL)
    theirs.submit("receive", receive="all", kinds=["audit_log_added"])
    assert choice_of(session, alice.id).kinds == 4
    page = Page(app).sign_in(bob).get(URL)
    assert not page.select('[value="audit_log_added"]')
    page.submit("receive", status=422, kinds=["audit_log_added"])
    assert not choice_of(session, bob.id).chosen


def test_who_is_no_administrator_any_more_keeps_the_rest(
    app: Flask, session: Session, bob: Person
) -> None:
    store_choice(session, bob.id, "all", 7, "html")
    session.commit()
    page = Page(app).sign_in(bob).get(URL)
    assert ticked(page, "kinds") == ["record_added", "comment_posted"]


def test_it_is_for_who_is_signed_in(app: Flask) -> None:
    response = Page(app).send("GET", URL)
    assert response.status_code == 302
    assert response.headers["Location"].startswith("/login")
