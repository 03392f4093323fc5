"""Signing in and out, resetting, changing and confirming a password."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.audit import Entry
from sysmail.db import db
from sysmail.notifications.singles import unseal
from sysmail.outbox import Delivery
from sysmail.people import Person, disable_person, make_administrator, new_person
from sysmail.web.signin import hashed, post_link
from tests.support.html import parse
from tests.support.instance import make_app
from tests.support.page import Page

PASSWORD = "correct horse"


@pytest.fixture
def carol(session: Session, alice: Person) -> Person:
    """Somebody with a password."""
    person = Person(
        email="carol@corp.internal",
        name="Carol",
        password=hashed(PASSWORD),
        active=True,
        is_administrator=False,
        fs_uniquifier="carol",
        created_at=clock.now(),
    )
    session.add(person)
    session.commit()
    return person


def _entries(session: Session) -> list[tuple[str, str]]:
    return [(entry.action, entry.actor_name) for entry in session.scalars(select(Entry))]


def _link(app: Flask, session: Session) -> str:
    """The path in the newest account mail."""
    mail = session.scalars(select(Delivery).order_by(Delivery.id.desc())).first()
    assert mail is not None
    link = unseal(app.extensions["sysmail.vault"], mail.snapshot or "")["link"]
    return str(link).removeprefix("http://127.0.0.1:8000")


def test_signing_in_leads_to_the_page_that_was_asked_for(
    app: Flask, session: Session, carol: Person
) -> None:
    page = Page(app).get("/change")
    assert page.url.startswith("/login?next=")
    page.submit("password", email=" CAROL@corp.internal ", password=PASSWORD)
    assert page.url == "/change"
    assert _entries(session) == [("signed_in", "Carol")]


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(
    app: Flask, session: Session, carol: Person
) -> None:
    answers = []
    for email in (carol.email, "nobody@corp.internal"):
        page = (
            Page(app)
            .get("/login")
            .submit("password", status=422, email=email, password="wrong one")
        )
        assert page.form("password").one('[name="email"]')["value"] == email
        assert page.form("password").one('[name="password"]').get("value") in (None, "")
        answers.append(page.one("#error-summary").text)
    assert answers[0] == answers[1]
    assert _entries(session) == [("sign_in_failed", ""), ("sign_in_failed", "")]


def test_a_disabled_person_is_signed_out_at_once_and_kept_out(
    app: Flask, session: Session, alice: Person, carol: Person
) -> None:
    page = Page(app).sign_in(carol).get("/change")
    disable_person(session, alice.actor, carol)
    session.commit()
    assert page.get("/change").url.startswith("/login")
    page.submit("password", status=422, email=carol.email, password=PASSWORD)


def test_signing_out_takes_a_post_and_ends_at_the_sign_in_page(
    app: Flask, session: Session, carol: Person
) -> None:
    page = Page(app).sign_in(carol).get("/change")
    assert page.send("GET", "/logout").status_code == 405
    page.submit("/logout")
    assert page.url == "/login"
    assert ("signed_out", "Carol") in _entries(session)
    assert page.get("/change").url.startswith("/login")


def test_a_post_without_its_token_changes_nothing(app: Flask, carol: Person) -> None:
    page = Page(app)
    sent = {"email": carol.email, "password": PASSWORD}
    assert page.send("POST", "/login", data=sent).status_code == 400
    assert page.get("/change").url.startswith("/login")


def test_the_form_token_of_before_the_sign_in_does_not_hold_after_it(
    app: Flask, carol: Person
) -> None:
    page = Page(app).get("/login")
    token = page.form("password").one('[name="csrf_token"]')["value"]
    page.submit("password", email=carol.email, password=PASSWORD)
    sent = {"csrf_token": token}
    assert page.send("POST", "/logout", data=sent).status_code == 400


def test_htmx_is_led_to_the_sign_in_page_as_a_whole(app: Flask) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://localhost/change"}
    answer = Page(app).send("GET", "/change", headers)
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/login?next=/change"


def test_after_signing_in_nobody_is_led_away_from_the_portal(app: Flask, carol: Person) -> None:
    for target in ("https://evil.example/", "//evil.example/", "/\\evil.example"):
        page = Page(app).get(f"/login?next={target}")
        token = page.form("password").one('[name="csrf_token"]')["value"]
        sent = {"csrf_token": token, "email": carol.email, "password": PASSWORD, "next": target}
        answer = page.send("POST", "/login", data=sent)
        location = answer.headers.get("Location", "")
        assert not re.match(r"https?:|[/\\]{2}", location)


def test_changing_the_password_keeps_this_session_and_ends_the_others(
    app: Flask, session: Session, carol: Person
) -> None:
    here, elsewhere = Page(app).sign_in(carol), Page(app).sign_in(carol)
    new = {"new_password": "battery staple", "new_password_confirm": "battery staple"}
    here.get("/change").submit("new_password", status=422, password="wrong one", **new)
    here.submit("new_password", password=PASSWORD, **new)
    session.expire_all()
    assert here.get("/change").url == "/change"
    assert elsewhere.get("/change").url.startswith("/login")
    actions = [action for action, _ in _entries(session)]
    assert actions == ["sign_in_failed", "password_changed"]
    mail = session.scalars(select(Delivery)).one()
    assert (mail.kind, mail.address) == ("account", carol.email)


@pytest.mark.parametrize(
    ("new", "again", "words"),
    [("short", "short", "at least 8"), ("long enough", "different", "differ"), ("", "", "Enter a")],
)
def test_a_new_password_is_refused_with_a_reason(
    app: Flask, carol: Person, new: str, again: str, words: str
) -> None:
    page = Page(app).sign_in(carol).get("/change")
    page.submit(
        "new_password", status=422, password=PASSWORD, new_password=new, new_password_confirm=again
    )
    assert words in page.one("#error-summary").text


def test_a_reset_link_sets_a_password_once(app: Flask, session: Session, carol: Person) -> None:
    page = Page(app).get("/reset").submit("email", email=carol.email)
    assert "on its way" in page.text
    link = _link(app, session)
    new = {"password": "battery staple", "password_confirm": "battery staple"}
    page.get(link).submit("password_confirm", **new)
    assert page.url == "/login"
    assert page.get(link).url == "/reset"
    page.get("/login").submit("password", email=carol.email, password="battery staple")
    actions = [action for action, _ in _entries(session)]
    assert actions == ["reset_asked_for", "password_reset", "signed_in"]


def test_a_reset_link_lives_one_hour_and_an_invitation_two_days(
    app: Flask, session: Session, bob: Person, carol: Person
) -> None:
    vault = app.extensions["sysmail.vault"]
    now = clock.now()
    for person, life in ((carol, timedelta(hours=1)), (bob, timedelta(hours=48))):
        post_link(session, vault, person)
        session.commit()
        link = _link(app, session)
        with time_machine.travel(now + life - timedelta(minutes=5), tick=False):
            assert Page(app).get(link).url == link
        with time_machine.travel(now + life + timedelta(minutes=5), tick=False):
            late = Page(app).get(link)
            assert late.url == "/reset"
            assert "too old" in late.text


def test_an_invited_person_cannot_sign_in_before_choosing_a_password(
    app: Flask, bob: Person
) -> None:
    page = Page(app).get("/login")
    page.submit("password", status=422, email=bob.email, password="")
    page.submit("password", status=422, email=bob.email, password="any password")


def test_asking_for_a_reset_tells_nothing_by_words_or_writes_and_evens_the_time(
    app: Flask, session: Session, carol: Person
) -> None:
    texts, spent = [], []
    for email in (carol.email, "nobody@corp.internal", "not an address"):
        page = Page(app).get("/reset")
        start = clock.monotonic()
        page.submit("email", email=email)
        spent.append(clock.monotonic() - start)
        texts.append(page.one("#notices").text.replace(email, "X"))
    assert len(set(texts)) == 1
    assert min(spent) >= 0.3
    assert [action for action, _ in _entries(session)] == ["reset_asked_for"] * 3
    assert [mail.address for mail in session.scalars(select(Delivery))] == [carol.email]


def test_the_password_is_asked_again_when_the_sign_in_is_old(
    app: Flask, session: Session, carol: Person
) -> None:
    carol.password = hashed(PASSWORD)
    make_administrator(session, carol.actor, carol)
    session.commit()
    page = Page(app).sign_in(carol, seconds_ago=31 * 60).get("/admin/system-mail")
    assert page.url.startswith("/verify?next=")
    page.submit("password", status=422, password="wrong one")
    page.submit("password", password=PASSWORD)
    assert page.url.startswith("/admin/system-mail")


def test_failed_sign_ins_are_throttled_and_successful_ones_are_not(tmp_path: Path) -> None:
    app = make_app(tmp_path / "instance", RATELIMIT_ENABLED="1")
    with app.app_context():
        person = Person(
            email="dan@corp", name="Dan", password=hashed(PASSWORD), active=True,
            is_administrator=True, fs_uniquifier="dan", created_at=clock.now(),
        )  # fmt: skip
        db.session.add(person)
        db.session.commit()
    for _ in range(12):
        Page(app).get("/login").submit("password", email="dan@corp", password=PASSWORD)
    page = Page(app)
    for spelling in ("dan@corp", " DAN@corp", "dan@CORP. ", "dan@corp  ", "Dan@Corp") * 2:
        page.get("/login").submit("password", status=422, email=spelling, password="wrong one")
    page.get("/login").submit("password", status=429, email="dan@corp", password=PASSWORD)
    assert page.title == "Too many tries"
    assert int(page.response.headers["Retry-After"]) > 0
    page.get("/login").submit("password", status=429, email="dan@corp", password=PASSWORD)
    with app.app_context():
        actions = [action for action, _ in _entries(db.session())]
        assert actions.count("throttled") == 1


def test_guessing_the_own_password_in_an_open_session_is_throttled(tmp_path: Path) -> None:
    app = make_app(tmp_path / "instance", RATELIMIT_ENABLED="1")
    with app.app_context():
        person = new_person("dan@corp", "Dan", administrator=True)
        person.password = hashed(PASSWORD)
        db.session.add(person)
        db.session.commit()
        page = Page(app).sign_in(person)
    for _ in range(10):
        page.get("/verify").submit("password", status=422, password="wrong one")
    page.get("/verify").submit("password", status=429, password=PASSWORD)
    assert page.title == "Too many tries"


def test_under_https_a_form_needs_the_referrer_that_our_policy_lets_through(
    tmp_path: Path,
) -> None:
    client = make_app(tmp_path / "i", PUBLIC_URL="https://portal.example").test_client()
    base = "https://portal.example"
    form = parse(client.get("/reset", base_url=base).text)
    sent = {"csrf_token": form.one('[name="csrf_token"]')["value"], "email": "x@corp"}
    assert client.post("/reset", base_url=base, data=sent).status_code == 400
    for referrer, status in ((f"{base}/reset", 200), ("https://evil.example/", 400)):
        answer = client.post("/reset", base_url=base, data=sent, headers={"Referer": referrer})
        assert answer.status_code == status


def test_cookies_are_strict_and_secure_where_the_public_url_is_https(tmp_path: Path) -> None:
    plain = make_app(tmp_path / "a").test_client().get("/login")
    secure = make_app(tmp_path / "b", PUBLIC_URL="https://portal.example").test_client()
    for answer, wanted in ((plain, False), (secure.get("/login"), True)):
        cookie = answer.headers["Set-Cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert ("Secure" in cookie) is wanted


def test_passwords_of_any_characters_work(app: Flask, session: Session, carol: Person) -> None:
    for password in ("  blanks  ", "пароль密码🔑", "x" * 1000, "quote'\"<>&%;"):
        carol.password = hashed(password)
        session.commit()
        page = Page(app).get("/login").submit("password", email=carol.email, password=password)
        assert page.url != "/login"
    assert re.match(r"\$argon2id\$v=19\$m=19456,t=2,p=1\$", carol.password or "")
