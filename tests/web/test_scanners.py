"""Whoever only looks changes nothing: mail scanners, previews, browsers that fetch ahead."""

from __future__ import annotations

import html
import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import Headers

from sysmail.notifications import post_account_mail
from sysmail.people import Person, new_person
from sysmail.portal import add_app, add_comment, add_record
from sysmail.preferences import Choice, choice_of, store_choice, store_whole_choice
from sysmail.web.personal_settings.address import address_token
from sysmail.web.signin import post_link
from tests.journeys import pages
from tests.journeys.furnished import House, furnish
from tests.support.contents import changed, contents
from tests.support.instance import make_app
from tests.support.post_office import post_test, work
from tests.support.signin import sign_in
from tests.support.summaries import fall_due

NEW_ADDRESS = "bob.new@example.com"
# What a scanner, a preview and a browser that fetches ahead send.
LOOKS: tuple[tuple[str, dict[str, str]], ...] = (
    ("GET", {}),
    ("HEAD", {}),
    ("GET", {"Sec-Purpose": "prefetch;prerender", "Purpose": "prefetch"}),
    ("GET", {"HX-Request": "true"}),
)
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def mails(app: Flask, session: Session, alice: Person, bob: Person) -> list[EmailMessage]:
    """One mail of each kind and purpose that holds a link, as they were captured."""
    gita = new_person("gita@example.com", "Gita")
    session.add(gita)
    session.flush()
    store_choice(session, alice.id, "all", 7, "html")
    store_choice(session, bob.id, "all", 3, "html")
    store_whole_choice(session, gita.id, Choice("all", 3, frequency="hourly"))
    leads = add_app(session, bob, "Leads")
    record = add_record(session, alice, leads, "ACME renewal", "Three years.").thing
    add_comment(session, alice, leads, record, f"@[{bob.email}] can you check this?")
    _account_mails(app, session, bob)
    session.commit()
    post_test(app)
    work(app)
    fall_due(session)
    work(app)
    files = sorted((Path(app.instance_path) / "captured").glob("*.eml"))
    return [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]


def _account_mails(app: Flask, session: Session, bob: Person) -> None:
    vault = app.extensions["sysmail.vault"]
    post_link(session, vault, bob)
    link = f"http://localhost/settings/address/{address_token(bob, NEW_ADDRESS)}"
    post_account_mail(session, vault, bob, "new_address", link, NEW_ADDRESS)
    for purpose in ("password_changed", "address_changed"):
        post_account_mail(session, vault, bob, purpose, "http://localhost/")


def _links(mail: EmailMessage) -> set[str]:
    """The paths of all links, those in the header included."""
    parts = [
        str(part.get_content()) for part in mail.walk() if part.get_content_maintype() == "text"
    ]
    written = html.unescape(" ".join([*parts, mail["List-Unsubscribe"] or ""]))
    return set(re.findall(r"https?://[^/\s]+(/[^\s\"<>#]*)", written))


def test_pain_22_no_link_in_any_mail_does_anything_when_it_is_only_fetched(
    app: Flask, session: Session, bob: Person, mails: list[EmailMessage]
) -> None:
    links = sorted(set().union(*map(_links, mails)))
    for part in ("/unsubscribe/", "/received/", "/settings/address/", "/reset/", "/records/"):
        assert any(part in link for link in links), part
    before = contents(session)
    for link in links:
        for method, headers in LOOKS:
            for client in (app.test_client(), sign_in(app.test_client(), bob)):
                answer = client.open(link, method=method, headers=Headers(headers))
                assert answer.status_code < 405, link
        assert changed(before, contents(session)) == [], link


def test_the_one_click_of_every_mail_that_has_one_works_without_a_cookie(
    app: Flask, session: Session, alice: Person, bob: Person, mails: list[EmailMessage]
) -> None:
    """RFC 8058, 3.1 and 3.2: one POST, no cookie, no redirect."""
    clicked = {mail["X-Sysmail-Event"]: mail for mail in mails if mail["List-Unsubscribe"]}
    assert clicked.keys() == {"record_added", "comment_posted", "audit_log_added", "digest"}
    for mail in clicked.values():
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        [link] = re.findall(r"https?://[^/]+(/unsubscribe/[^>]+)>", mail["List-Unsubscribe"])
        answer = app.test_client(use_cookies=False).post(link, data=ONE_CLICK)
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
    session.rollback()
    choices = [choice_of(session, one.id) for one in (alice, bob, _gita(session))]
    assert [(one.receive, one.kinds) for one in choices] == [("all", 3), ("all", 0), ("none", 3)]


def _gita(session: Session) -> Person:
    return session.scalars(select(Person).where(Person.email == "gita@example.com")).one()


def test_no_page_writes_anything_when_it_is_only_looked_at(tmp_path: Path) -> None:
    house = House(make_app(tmp_path / "instance"), "http://localhost")
    furnish(house)
    house.places["token"] = "none"
    with house.session() as session:
        before = contents(session)
        for look in pages.ALL:
            client = house.app.test_client()
            if look.who:
                sign_in(client, house.people[look.who])
            for method, headers in LOOKS[:3]:
                client.open(house.path(look.path), method=method, headers=Headers(headers))
        assert changed(before, contents(session)) == []
