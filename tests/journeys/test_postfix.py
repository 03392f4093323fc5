"""The whole way with a real mail server: from the account's form to a mailbox of Postfix."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from sysmail.diagnosis import explain
from sysmail.outbox import Delivery, State
from sysmail.people import Person
from sysmail.preferences import store_choice
from tests.support.instance import make_app
from tests.support.page import Page
from tests.support.post_office import assert_balanced, deliveries, work
from tests.support.postfix import Postfix
from tests.support.postfix_config import BANNED
from tests.support.postfix_mail import PREPENDED, Arrived
from tests.support.smtp_script import Raw
from tests.support.smtpd import ScriptedSmtp, closed_port

pytestmark = pytest.mark.xdist_group("postfix")

ACCOUNT = "/admin/system-mail"
HISTORY = "/admin/system-mail/failures"
ALICE = "alice@example.com"
RECORD_FIELDS = [
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
]


@pytest.fixture(scope="session")
def server() -> Iterator[Postfix]:
    with Postfix() as postfix:
        yield postfix


@pytest.fixture
def app(tmp_path: Path, server: Postfix) -> Flask:
    server.empty()
    return make_app(tmp_path / "instance", CA_FILE=server.ca_file)


@pytest.fixture
def follower(session: Session, alice: Person) -> Person:
    store_choice(session, alice.id, "all", 3, "html")
    session.commit()
    return alice


def set_up(page: Page, port: int, encryption: str, login: bool = False, **changes: Any) -> None:
    """Fills in and saves the account's form, and follows it to the outcome of the test."""
    typed: dict[str, Any] = {
        "mail_server": "external",
        "email_address": Postfix.account_name,
        "smtp_host": Postfix.host,
        "smtp_port": port,
        "encryption": encryption,
        "test_address": ALICE,
    }
    if login:
        typed |= {"use_smtp_auth": True, "account_name": Postfix.account_name}
        typed["password"] = Postfix.password
    page.get(f"{ACCOUNT}/auth?encryption={encryption}" + "&use_smtp_auth=1" * login)
    page.submit("mail_server", **typed | changes)
    assert page.title == "Test e-mail"


def outcome(page: Page) -> Page:
    """The test's page, after a worker had its turn."""
    work(page.app)
    return page.get(page.url)


def add_record(app: Flask, author: Person, title: str, body: str = "Due in May.") -> Page:
    """As the author does it in a browser; the page is the record's."""
    page = Page(app).sign_in(author).get("/")
    page.submit("name", name="Leads")
    return page.submit("title", title=title, body=body)


def assert_arrived_byte_for_byte(mails: list[Arrived], sent: list[Delivery]) -> None:
    assert {delivery.state for delivery in sent} == {State.SENT}
    assert sorted(mail.sha256 for mail in mails) == sorted(str(d.sha256) for d in sent)
    for mail in mails:
        assert tuple(mail.trace) == PREPENDED
        assert mail.trace["Return-Path"] == f"<{Postfix.account_name}>"


@pytest.mark.parametrize(
    ("service", "encryption", "login", "protocol"),
    [
        ("open", "plain", False, "ESMTP"),
        ("open", "starttls", False, "ESMTPS"),
        ("open-ssl", "ssl", False, "ESMTPS"),
        ("login", "plain", True, "ESMTPA"),
        ("login-by-LOGIN", "plain", True, "ESMTPA"),
        ("tls-only", "starttls", True, "ESMTPSA"),
        ("login-ssl", "ssl", True, "ESMTPSA"),
    ],
)
def test_test_mail_and_notification_arrive_byte_for_byte(
    app: Flask,
    session: Session,
    server: Postfix,
    follower: Person,
    bob: Person,
    service: str,
    encryption: str,
    login: bool,
    protocol: str,
) -> None:
    page = Page(app).sign_in(follower)
    set_up(page, server.port(service), encryption, login)
    assert outcome(page).one("[data-test-state]")["data-test-state"] == "sent"
    assert "Accepted by localhost" in page.text
    add_record(app, bob, "ACME renewal")
    work(app)
    mails = server.inbox()
    assert sorted(mail["X-Sysmail-Event"] for mail in mails) == ["record_added", "test"]
    assert_arrived_byte_for_byte(mails, deliveries(session))
    assert all(f" with {protocol} " in mail.trace["Received"] for mail in mails)
    assert_balanced(session)


def test_with_the_tick_a_password_goes_to_another_host_in_the_clear(
    app: Flask, session: Session, server: Postfix, alice: Person
) -> None:
    page = Page(app).sign_in(alice)
    typed = {"smtp_host": server.own_name, "allow_clear_login": True}
    set_up(page, server.port("own-name"), "plain", True, **typed)
    assert outcome(page).one("[data-test-state]")["data-test-state"] == "sent"
    assert_arrived_byte_for_byte(server.inbox(), deliveries(session))


@dataclass(frozen=True)
class Mistake:
    """What is wrong with the account or the address, and the cause it must end with."""

    cause: str
    service: str
    encryption: str
    login: bool = False
    typed: dict[str, Any] = field(default_factory=dict)


MISTAKES = {
    "wrong password": Mistake(
        "login_rejected", "tls-only", "starttls", True, {"password": "not the right one"}
    ),
    "closed port": Mistake("connection_refused", "closed", "starttls"),
    "port of something else": Mistake("not_smtp", "something else", "starttls"),
    "SSL at the STARTTLS port": Mistake("encryption_mismatch", "open", "ssl"),
    "STARTTLS at the SSL port": Mistake("encryption_mismatch", "open-ssl", "starttls"),
    "Plain where TLS is due": Mistake("encryption_required", "tls-only", "plain"),
    "login in the clear": Mistake("auth_not_offered", "tls-only", "plain", True),
    "login where there is none": Mistake("auth_not_offered", "open", "starttls", True),
    "refused recipient": Mistake(
        "recipient_unknown", "open", "plain", typed={"test_address": "ghost@example.com"}
    ),
    "recipient elsewhere": Mistake(
        "relay_denied", "open", "plain", typed={"test_address": "carol@elsewhere.example"}
    ),
    "sender of another login": Mistake(
        "sender_not_allowed", "login", "plain", True, {"email_address": "other@example.com"}
    ),
    "banned sender": Mistake(
        "sender_not_allowed", "open", "plain", typed={"email_address": BANNED}
    ),
}


@pytest.fixture
def ports(server: Postfix) -> Iterator[dict[str, int]]:
    """Of Postfix's services, of nobody, and of a server of another kind."""
    with ScriptedSmtp() as other:
        other.script("greeting", Raw(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"))
        yield server.ports | {"closed": closed_port(), "something else": other.port}


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES.keys())
def test_each_mistake_is_told_on_the_right_page_in_the_right_words(
    app: Flask, session: Session, alice: Person, ports: dict[str, int], mistake: Mistake
) -> None:
    page = Page(app).sign_in(alice)
    port = ports[mistake.service]
    set_up(page, port, mistake.encryption, mistake.login, **mistake.typed)
    outcome(page)
    assert_told(page, deliveries(session)[0], mistake.cause, port)
    assert_balanced(session)




def assert_told(page: Page, delivery: Delivery, cause: str, port: int) -> None:
    """On the page of the test and, in a row of its own, in the failure history."""
    assert (delivery.state, delivery.cause) == (State.FAILED, cause)
    words = explain(cause, host=Postfix.host, address=delivery.address)
    told = page.one("[data-test-state]")
    assert (told["data-test-state"], told["data-cause"]) == ("failed", cause)
    assert words.happened in told.text
    assert words.todo in told.text
    page.get(HISTORY)
    row = page.one(f'tr[data-delivery="{delivery.id}"]')
    assert (row["data-state"], row["data-cause"]) == ("failed", cause)
    for part in (delivery.address, words.happened, words.who, f"{Postfix.host}:{port}"):
        assert part in row.text
