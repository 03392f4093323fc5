"""What people do in these journeys, each by the pages, and the worker between them."""

from __future__ import annotations

from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

from sysmail.outbox import Delivery, State
from sysmail.people import Person, new_person
from sysmail.preferences import store_choice
from tests.support.page import Page
from tests.support.post_office import work
from tests.support.postfix import Postfix
from tests.support.postfix_mail import PREPENDED, Arrived

ACCOUNT = "/admin/system-mail"


def set_up(page: Page, port: int, encryption: str, login: bool = False, **changes: Any) -> Page:
    """Fills in the account's form and saves; the page is the outcome of the test, after a try."""
    fill_in(page, port, encryption, login, "Save", **changes)
    assert page.title == "Test e-mail"
    work(page.app)
    return page.get(page.url)


def fill_in(
    page: Page, port: int, encryption: str, login: bool, button: str, **changes: Any
) -> Page:
    """Fills in the account's form and presses a button of it."""
    typed: dict[str, Any] = {
        "mail_server": "external",
        "email_address": Postfix.account_name,
        "smtp_host": Postfix.host,
        "smtp_port": port,
        "encryption": encryption,
        "test_address": "alice@example.com",
    }
    if login:
        typed |= {"use_smtp_auth": True, "account_name": Postfix.account_name}
        typed["password"] = Postfix.password
    page.get(f"{ACCOUNT}/auth?encryption={encryption}" + "&use_smtp_auth=1" * login)
    return page.press(button, **typed | changes)


def add_record(app: Flask, author: Person, title: str, body: str = "Due in May.") -> Page:
    """In a new app that is open to everyone; the page is the record's."""
    page = Page(app).sign_in(author).get("/")
    page.submit("name", name="Leads")
    return page.submit("title", title=title, body=body)


def follow(session: Session, email: str, name: str) -> Person:
    """A new person who hears of everything."""
    person = new_person(email, name)
    session.add(person)
    session.flush()
    store_choice(session, person.id, "all", 3, "text")
    session.commit()
    return person


def assert_sent(page: Page) -> None:
    """The outcome of a test, as its page tells it."""
    assert page.one("[data-test-state]")["data-test-state"] == "sent"
    assert "Accepted by" in page.text


def assert_arrived_byte_for_byte(mails: list[Arrived], sent: list[Delivery]) -> None:
    """These mails and no others, unchanged, with nothing but Postfix's own fields before them."""
    assert {delivery.state for delivery in sent} == {State.SENT}
    assert sorted(mail.sha256 for mail in mails) == sorted(str(d.sha256) for d in sent)
    for mail in mails:
        assert tuple(mail.trace) == PREPENDED
        assert mail.trace["Return-Path"] == f"<{Postfix.account_name}>"
