"""Text that was made to break mail arrives as it was typed, once, and with no field more."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from sysmail.people import Person
from tests.journeys.postfix.steps import add_record, assert_arrived_byte_for_byte, set_up
from tests.support.page import Page
from tests.support.post_office import deliveries, work
from tests.support.postfix import Postfix
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
TITLES = {
    "a header smuggled in": "=?utf-8?q?hi=0D=0ABcc:_eve@example.com=0D=0A?= =?us-ascii?b?aGE=?=",
    "an address smuggled in": "=?utf-8?b?DQpCY2M6IGV2ZQ==?= <eve@example.com>, (a",
    "words that never end": "電池 =?iso-2022-jp?b?GyRC?= =?= ?= =?utf-8?q?=?= =?x",
    "longer than a subject": "=?utf-8?q?" + "=41=0D=0A" * 20 + "?=",
}
DOTS = ".\r.\r\r\n..\r\n.\r\n\r\nQUIT\r\n.\rMAIL FROM:<eve@example.com>\r\r\n...\rFrom eve\r."
NAMES = {
    "a comma": "Smith, Alice",
    "quotes and an address": 'Smith, "Al" \\ <eve@example.com>, Eve',
    "encoded words": "=?utf-8?q?Alice=22=2C_eve=40example=2Ecom?=, 電池",
}


@pytest.fixture
def author(page: Page, server: Postfix, follower: Person, bob: Person) -> Person:
    """Bob, once the account is set up and its test is out of the way."""
    set_up(page, server.ports["tls-only"], "starttls", login=True)
    server.empty()
    return bob


@pytest.fixture
def sent(session: Session, server: Postfix, page: Page, follower: Person) -> Sent:
    return Sent(session, server, page, follower)


class Sent:
    """Lets the worker send what is due, and looks at all that arrived."""

    def __init__(self, session: Session, server: Postfix, page: Page, reader: Person) -> None:
        self.session = session
        self.server = server
        self.page = page
        self.reader = reader

    def only(self, event: str) -> Arrived:
        """The one mail about such an event, if exactly what was posted arrived."""
        work(self.page.app)
        mails = self.server.inbox(self.reader.email)
        posted = [delivery for delivery in deliveries(self.session) if delivery.kind != "test"]
        assert_arrived_byte_for_byte(mails, posted)
        assert self.server.inbox("eve@example.com") == []
        [mail] = [mail for mail in mails if mail["X-Sysmail-Event"] == event]
        return mail


@pytest.mark.parametrize("title", TITLES.values(), ids=TITLES.keys())
def test_a_title_of_hostile_encoded_words(
    page: Page, author: Person, sent: Sent, title: str
) -> None:
    add_record(page.app, author, title)
    mail = sent.only("record_added")
    start, _, end = mail.text_of("Subject").partition(title[:60])
    assert start == "Leads: Bob added “"
    assert end == ("”" if len(title) <= 60 else "…”")
    assert sorted(mail.fields) == sorted(FIELDS)
    assert title in mail.body()


def test_a_comment_of_dots_and_lone_crs(page: Page, author: Person, sent: Sent) -> None:
    add_record(page.app, author, "ACME").submit("text", text=DOTS)
    mail = sent.only("comment_posted")
    assert sorted(mail.fields) == sorted([*FIELDS, "In-Reply-To"])
    as_lines = DOTS.replace("\r\n", "\n").replace("\r", "\n")
    assert f"\n{as_lines}\n" in mail.body()


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
def test_a_display_name_that_looks_like_more_than_one(
    page: Page, session: Session, author: Person, follower: Person, sent: Sent, name: str
) -> None:
    follower.name = name
    session.commit()
    add_record(page.app, author, "ACME")
    mail = sent.only("record_added")
    assert mail.mailbox("To") == (name, follower.email)
    assert sorted(mail.fields) == sorted(FIELDS)
