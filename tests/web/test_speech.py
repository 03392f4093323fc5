"""A page speaks as its reader chose, else as the browser asks, else as the installation does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from sysmail import words
from sysmail.people import Person
from sysmail.portal import add_app
from sysmail.preferences import DEFAULT, store_default, store_whole_choice
from tests.support.page import Page

JAPANESE = {"Accept-Language": "ja-JP,ja;q=0.9,en;q=0.8"}
FRENCH = {"Accept-Language": "fr-FR,fr;q=0.9"}


def _choose(session: Session, person: Person, **chosen: Any) -> None:
    store_whole_choice(session, person.id, replace(DEFAULT, **chosen))
    session.commit()


def _heard(app: Flask, person: Person, headers: dict[str, str] | None = None) -> str:
    """The language of somebody's start page."""
    text = Page(app).sign_in(person).send("GET", "/", headers).text
    return text.partition('<html lang="')[2][:2]


def test_the_person_s_choice_comes_before_the_browser_s(
    app: Flask, session: Session, bob: Person
) -> None:
    _choose(session, bob, language="ja")
    assert _heard(app, bob, {"Accept-Language": "en"}) == "ja"


def test_the_browser_s_wish_comes_before_the_installation_s(
    app: Flask, session: Session, bob: Person
) -> None:
    store_default(session, replace(DEFAULT, language="en"))
    session.commit()
    assert _heard(app, bob, JAPANESE) == "ja"


@pytest.mark.parametrize("headers", [None, FRENCH, {"Accept-Language": ";;nonsense,,"}])
def test_the_installation_s_language_holds_where_nobody_wishes_for_one_of_ours(
    app: Flask, session: Session, bob: Person, headers: dict[str, str] | None
) -> None:
    store_default(session, replace(DEFAULT, language="ja"))
    session.commit()
    assert _heard(app, bob, headers) == "ja"


def test_without_any_wish_it_is_english(app: Flask, bob: Person) -> None:
    assert _heard(app, bob) == "en"


def test_the_language_ends_with_its_request(app: Flask, bob: Person) -> None:
    _heard(app, bob, JAPANESE)
    assert (words.language.get(), words.zone.get()) == ("en", None)


def test_times_are_told_by_the_reader_s_clock(app: Flask, session: Session, bob: Person) -> None:
    with time_machine.travel(datetime(2026, 5, 3, 22, 0, tzinfo=UTC), tick=False):
        add_app(session, bob, "Leads")
        session.commit()
    _choose(session, bob, timezone="Asia/Tokyo", language="ja")
    with time_machine.travel(datetime(2026, 5, 3, 22, 0, tzinfo=UTC) + timedelta(days=9)):
        page = Page(app).sign_in(bob).get("/")
    made = page.one("main time")
    assert (made.text, made["title"]) == ("5月4日 07:00", "2026年5月4日 07:00:00 UTC+09:00")


def test_the_form_s_own_sentences_are_japanese_too(app: Flask, alice: Person) -> None:
    """Of WTForms, Flask-Security and ours: labels, errors and what is flashed."""
    sent = Page(app).send
    page = sent("POST", "/login", JAPANESE, data={"email": "x@example.com", "password": "wrong"})
    assert page.status_code == 400, "without its CSRF token"
    assert "このフォームは無効になりました" in page.text
    login = sent("GET", "/login", JAPANESE).text
    assert "パスワードを忘れた場合" in login
    assert "2週間サインインしたままにする" in login


def test_a_refused_sign_in_says_so_in_japanese(app: Flask, alice: Person) -> None:
    page = Page(app)
    page.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "ja"
    page.get("/login").submit("password", email="x@example.com", password="wrong", status=422)
    assert "メールアドレスとパスワードの組み合わせが正しくないか" in page.text


def test_who_is_not_there_is_told_in_the_browser_s_language(app: Flask, alice: Person) -> None:
    page = Page(app).send("GET", "/nowhere", JAPANESE)
    assert (page.status_code, "ページが見つかりません" in page.text) == (404, True)


def test_files_and_machines_are_asked_nothing(app: Flask, session: Session) -> None:
    assert Page(app).send("GET", "/healthz", JAPANESE).status_code == 200
    assert words.language.get() == "en"
