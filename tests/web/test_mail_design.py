"""Mail Design: name, sender, replies and footer of the mails, and a preview of each kind."""

from __future__ import annotations

import json
from email import message_from_bytes, policy
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from sysmail.audit import Entry
from sysmail.notifications import SAMPLES
from sysmail.notifications.shape import read_shape
from sysmail.people import Person
from sysmail.preferences import store_choice
from sysmail.words import LANGUAGES
from tests.support.page import Page
from tests.support.post_office import add_news, use_server, work
from tests.support.smtpd import ScriptedSmtp

WISHED: dict[str, Any] = {
    "portal": "Acme  Portal",
    "names_actor": True,
    "reply_to": "Helpdesk@example.com",
    "footer": "Acme Ltd\n1 High Street\n",
}


@pytest.fixture(params=[False, True], ids=["plain", "htmx"])
def page(app: Flask, alice: Person, request: pytest.FixtureRequest) -> Page:
    return Page(app, htmx=request.param).sign_in(alice)


def test_a_mail_is_made_as_designed(
    app: Flask, session: Session, page: Page, alice: Person, bob: Person
) -> None:
    store_choice(session, bob.id, "all", 3, "html")
    session.commit()
    page.get("/admin/").click("Mail Design").submit("footer", **WISHED)
    assert "The mail design is saved" in page.text
    with ScriptedSmtp() as server:
        use_server(app, server)
        add_news(session, alice)
        work(app)
        [received] = server.wait_for(1)
    mail = message_from_bytes(received.raw, policy=policy.default)
    text, html = (mail.get_body((kind,)) for kind in ("plain", "html"))
    assert str(mail["From"]) == "Alice via Acme Portal <portal@example.com>"
    assert str(mail["Reply-To"]) == "helpdesk@example.com"
    assert text is not None
    assert html is not None
    assert text.get_content().replace("\r", "").rstrip().endswith("Acme Ltd\n1 High Street")
    assert "Acme Ltd<br>1 High Street" in html.get_content()
    assert "Acme Portal</strong>" in html.get_content()
    assert received.mail_from == "portal@example.com"
    entry = session.scalars(select(Entry).where(Entry.action == "mail_design_changed")).one()
    assert entry.details["after"]["portal"] == "Acme Portal"


def test_pages_bear_the_name_that_mails_do(app: Flask, page: Page) -> None:
    assert page.get("/").one(".brand-name").text == "Sysmail"
    page.get("/admin/").click("Mail Design").submit("footer", **WISHED)
    assert page.one("title").text == "Mail Design · Acme Portal"
    assert page.get("/").one(".brand-name").text == "Acme Portal"
    assert page.one("title").text.endswith(" · Acme Portal")
    assert Page(app).get("/login").one(".brand-name").text == "Acme Portal"


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("portal", " ", "Enter a name of printable characters."),
        ("portal", "x" * 61, "At most 60 characters."),
        ("portal", "a\u202eb", "Enter a name of printable characters."),
        ("reply_to", "nobody", "An e-mail address looks like"),
        ("reply_to", "hélp@example.com", "Before the @ only ASCII"),
        ("footer", "1\n2\n3\n4\n5\n6\n7", "At most 6 lines."),
        ("footer", "x" * 501, "At most 500 characters."),
    ],
)
def test_what_cannot_be_is_refused_and_stays(
    page: Page, session: Session, field: str, value: str, message: str
) -> None:
    page.get("/admin/mails").submit("footer", status=422, **{**WISHED, field: value})
    assert message in page.one("#error-summary").text
    assert session.scalars(select(Entry).where(Entry.action == "mail_design_changed")).all() == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_kind_has_a_preview(page: Page, language: str) -> None:
    page.get("/admin/mails").submit("footer", **WISHED)
    for kind in SAMPLES:
        page.get(f"/admin/mails/{kind}?language={language}")
        assert "Acme Portal" in page.one("main").text
        assert "Acme Ltd" in page.one("pre").text
        frame = page.one("iframe")
        assert frame["sandbox"] == ""
        body = page.send("GET", frame["src"])
        assert "sandbox" in body.headers["Content-Security-Policy"]
        assert "style-src 'unsafe-inline'" in body.headers["Content-Security-Policy"]
        assert f'lang="{language}"' in body.get_data(as_text=True)
    page.get("/admin/mails/nothing", status=404)
    page.get("/admin/mails/nothing/body", status=404)


def test_the_design_is_for_administrators(app: Flask, bob: Person) -> None:
    member = Page(app).sign_in(bob)
    for path in ("/admin/mails", "/admin/mails/digest", "/admin/mails/digest/body"):
        member.get(path, status=403)


def test_a_shape_written_before_there_was_a_design_can_be_read() -> None:
    old = {
        "from_address": "portal@example.com",
        "from_name": "Sysmail",
        "format": "html",
        "language": "en",
        "link_base": "http://portal.example.com",
        "template": 1,
        "through": {},
    }
    shape = read_shape(json.dumps(old))
    assert shape.sender("Alice").name == "Sysmail"
    assert (shape.replies, shape.footer) == (None, "")
