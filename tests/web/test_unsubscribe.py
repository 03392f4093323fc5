"""One-click unsubscribing: GET shows, POST acts, for whoever holds the mail."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from sysmail.notifications import unsubscribe_token
from sysmail.people import Person, ensure_installation, link_key
from sysmail.portal import add_app, add_record
from sysmail.portal.members import admit_only
from sysmail.preferences import choice_of, record_mode
from tests.support.page import Page

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def url(app: Flask, session: Session, bob: Person) -> str:
    vault = app.extensions["sysmail.vault"]
    ensure_installation(session, vault)
    session.commit()
    token = unsubscribe_token(link_key(session, vault), bob.id, "comment_posted")
    return f"/unsubscribe/{token}"


def is_told(session: Session, bob: Person) -> bool:
    session.expire_all()
    return bool(choice_of(session, bob.id).kinds & 2)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_looking_changes_nothing(
    app: Flask, session: Session, bob: Person, url: str, method: str
) -> None:
    response = Page(app).send(method, url)
    assert response.status_code == 200
    assert "Set-Cookie" not in response.headers
    assert not choice_of(session, bob.id).chosen


@pytest.mark.parametrize("encoding", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_a_mail_program_acts_with_one_post_and_nothing_else(
    app: Flask, session: Session, bob: Person, url: str, encoding: str
) -> None:
    sent: dict[str, Any] = {"data": ONE_CLICK, "content_type": encoding}
    for _ in range(2):
        response = Page(app).send("POST", url, **sent)
        assert response.status_code == 200
        assert "Set-Cookie" not in response.headers
    choice = choice_of(session, bob.id)
    assert (choice.receive, choice.kinds, choice.format) == ("to_me", 1, "html")


def test_a_person_sees_what_a_click_does_and_that_it_did(
    app: Flask, session: Session, bob: Person, url: str
) -> None:
    page = Page(app).get(url)
    assert page.title == "Stop these e-mails?"
    assert "A user posts a comment" in page.text
    assert "bob" not in page.text.lower()
    page.submit()
    assert page.title == "You get no more of these e-mails"
    assert not page.select("form")
    assert not is_told(session, bob)


def test_the_record_can_be_muted_instead_and_only_by_who_holds_the_mail(
    app: Flask, session: Session, alice: Person, bob: Person
) -> None:
    leads = add_app(session, alice, "Leads", {bob.id})
    record = add_record(session, alice, leads, "ACME renewal", "").thing
    key = link_key(session, app.extensions["sysmail.vault"])
    session.commit()
    token = unsubscribe_token(key, bob.id, "comment_posted", record.id)
    page = Page(app).get(f"/unsubscribe/{token}")
    assert "ACME renewal" in page.text
    page.submit(f"/unsubscribe/{token}/record")
    assert "Muted" in page.text
    assert record_mode(session, bob.id, record.id) == "mute"
    assert is_told(session, bob)
    page.submit(f"/unsubscribe/{token}")
    assert not is_told(session, bob)
    other = token.replace(f".{record.id}.", ".77.")
    assert Page(app).send("GET", f"/unsubscribe/{other}").status_code == 404
    admit_only(session, leads, {alice.id})
    session.commit()
    assert "ACME renewal" not in Page(app).get(f"/unsubscribe/{token}").text
    assert Page(app).send("POST", f"/unsubscribe/{token}/record").status_code == 404


def test_someone_else_signed_in_changes_only_the_mails_person(
    app: Flask, session: Session, bob: Person, eve: Person, url: str
) -> None:
    Page(app).sign_in(eve).get(url).submit()
    assert not is_told(session, bob)
    assert not choice_of(session, eve.id).chosen


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("change", ["x", "../x", "\u00e9", "%00", "1.comment_posted."])
def test_any_other_token_is_nothing(
    app: Flask, session: Session, bob: Person, url: str, method: str, change: str
) -> None:
    wrong = f"{url[:-1]}{'A' if url[-1] != 'A' else 'B'}" if change == "x" else url + change
    assert Page(app).send(method, wrong).status_code == 404
    assert is_told(session, bob)


def test_a_summary_s_own_link_ends_all_notifications_and_says_so(
    app: Flask, session: Session, bob: Person
) -> None:
    key = link_key(session, app.extensions["sysmail.vault"])
    session.commit()
    url = f"/unsubscribe/{unsubscribe_token(key, bob.id, 'digest')}"
    page = Page(app).get(url)
    assert "One click ends all e-mail notifications" in page.text
    assert choice_of(session, bob.id).receive == "to_me"
    page.submit()
    assert "You get no e-mail notifications" in page.text
    assert choice_of(session, bob.id).receive == "none"
