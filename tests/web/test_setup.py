"""The one-time set-up page."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from sysmail.audit import Entry
from sysmail.people import Person, setup_link
from tests.support.page import Page


def _path(app: Flask, session: Session) -> str:
    config = app.extensions["sysmail.config"]
    return (setup_link(config, session) or "").removeprefix(config.public_url)


def test_the_link_makes_the_first_administrator_and_leads_to_the_mail_account(
    app: Flask, session: Session
) -> None:
    path = _path(app, session)
    page = Page(app).get(path)
    page.submit("password", name="Ann", email="Ann@corp.internal", password="correct horse")
    assert page.url.startswith("/admin/system-mail?")
    assert page.one('[name="test_address"]')["value"] == "ann@corp.internal"
    person = session.scalars(select(Person)).one()
    assert (person.email, person.is_administrator) == ("ann@corp.internal", True)
    assert session.scalars(select(Entry.action)).all() == ["installation_set_up"]


def test_the_link_works_once(app: Flask, session: Session) -> None:
    path = _path(app, session)
    page = Page(app).get(path)
    page.submit("password", name="Ann", email="ann@corp", password="correct horse")
    again = Page(app).get(path, status=404)
    assert again.title == "Sysmail is set up already"


def test_a_wrong_token_opens_nothing_and_says_where_the_right_one_stands(
    app: Flask, session: Session
) -> None:
    path = _path(app, session)
    for wrong in ("/setup", "/setup?token=", "/setup?token=guess", path[:-1]):
        page = Page(app).get(wrong, status=403)
        assert "setup-token" in page.text
    answer = Page(app).send("POST", "/setup?token=guess", data={"name": "X"})
    assert answer.status_code == 400


def test_every_fault_is_named_at_its_field_and_nothing_is_stored(
    app: Flask, session: Session
) -> None:
    page = Page(app).get(_path(app, session))
    page.submit("password", status=422, name=" ", email="nonsense", password="short")
    named = [link["href"] for link in page.select("#error-summary a")]
    assert named == ["#name", "#email", "#password"]
    assert page.one('[name="email"]')["value"] == "nonsense"
    assert page.one('[name="password"]').get("value") in (None, "")
    assert session.scalars(select(Person)).all() == []


def test_the_sign_in_page_says_how_to_begin_until_there_is_an_administrator(
    app: Flask, session: Session
) -> None:
    assert "Nobody can sign in yet" in Page(app).get("/login").text
    page = Page(app).get(_path(app, session))
    page.submit("password", name="Ann", email="ann@corp", password="correct horse")
    assert "Nobody can sign in yet" not in Page(app).get("/login").text
