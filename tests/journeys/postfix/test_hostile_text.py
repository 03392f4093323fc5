"""Text that was made to break mail arrives as it was typed, once, and with no field more."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from sysmail.people import Person
from tests.journeys.postfix.steps import add_record, assert_arrived_byte_for_byte, follow, set_up
from tests.support.page import Page
from tests.support.post_office import deliveries, work
from tests.support.postfix import Postfix
from tests.support.postfix_config import MAILBOXES
from tests.support.postfix_mail import Arrived

pytestmark = pytest.mark.xdist_group("postfix")

FIELDS = (
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "References",
    "List-Id",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "Auto-Submitted",
    "X-Sysmail-Delivery",
    "X-Sysmail-Event",
    "MIME-Version",
    "Content-Language",
    "Content-Type",
    "Content-Transfer-Encoding",
)
TITLES = (
    "=?utf-8?q?hi=0D=0ABcc:_eve@example.com=0D=0A?= =?us-ascii?b?aGE=?=",
    "=?utf-8?b?DQpCY2M6IGV2ZQ==?= <eve@example.com>, (a",
    "電池 =?iso-2022-jp?b?GyRC?= =?= ?= =?utf-8?q?=?= =?x",
    "=?utf-8?q?" + "=41=0D=0A" * 20 + "?=",
)
DOTS = ".\r.\r\r.\r\n..\r\n.\r\n\r\nQUIT\r\n.\rMAIL FROM:<eve@example.com>\r\n...\rFrom eve\r."
NAMES = {
    "alice@example.com": "Smith, Alice",
    "carol@example.com": '"Carol" \\ <eve@example.com>, Eve',
    "dan@example.com": "=?utf-8?q?Dan=22=2C_eve=40example=2Ecom?=, 電池",
}


@pytest.fixture
def author(page: Page, server: Postfix, follower: Person, bob: Person) -> Person:
    """Bob, once the account is set up and its test is out of the way."""
    set_up(page, server.ports["tls-only"], "starttls", login=True)
    server.empty()
    return bob


def arrived(server: Postfix, session: Session, page: Page) -> list[Arrived]:
    """All that reaches a mailbox when the worker has sent what was posted, each mail once."""
    work(page.app)
    posted = [delivery for delivery in deliveries(session) if delivery.kind != "test"]
    mails = [mail for address in MAILBOXES for mail in server.inbox(address)]
    assert_arrived_byte_for_byte(mails, posted)
    assert server.inbox("eve@example.com") == []
    return sorted(mails, key=lambda mail: int(mail["X-Sysmail-Delivery"]))


def test_titles_of_hostile_encoded_words(
    server: Postfix, session: Session, page: Page, author: Person
) -> None:
    for title in TITLES:
        add_record(page.app, author, title)
    mails = arrived(server, session, page)
    for title, mail in zip(TITLES, mails, strict=True):
        shown = title if len(title) <= 60 else f"{title[:60]}…"
        assert mail.text_of("Subject") == f"Leads: Bob added “{shown}”"
        assert f"\n{title}\n" in mail.body()
        assert sorted(mail.fields) == sorted(FIELDS)


def test_a_comment_of_dots_and_lone_crs(
    server: Postfix, session: Session, page: Page, author: Person
) -> None:
    add_record(page.app, author, "ACME").submit("text", text=DOTS)
    _, mail = arrived(server, session, page)
    as_lines = DOTS.replace("\r\n", "\n").replace("\r", "\n")
    assert f"\n{as_lines}\n" in mail.body()
    assert sorted(mail.fields) == sorted([*FIELDS, "In-Reply-To"])


def test_display_names_that_look_like_more_than_one(
    server: Postfix, session: Session, page: Page, author: Person, follower: Person
) -> None:
    follower.name = NAMES[follower.email]
    for email, name in NAMES.items():
        if email != follower.email:
            follow(session, email, name)
    session.commit()
    add_record(page.app, author, "ACME")
    mails = arrived(server, session, page)
    assert {mail.trace["Delivered-To"]: mail.mailbox("To") for mail in mails} == {
        email: (name, email) for email, name in NAMES.items()
    }
    assert all(sorted(mail.fields) == sorted(FIELDS) for mail in mails)
