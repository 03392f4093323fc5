"""From the account's form to a mailbox of Postfix: each encryption, with and without a login."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from sqlalchemy.orm import Session

from sysmail.outbox import State
from sysmail.people import Person
from tests.journeys.postfix.steps import (
    add_record,
    assert_arrived_byte_for_byte,
    assert_sent,
    follow,
    set_up,
)
from tests.support.page import Page
from tests.support.post_office import assert_balanced, deliveries, work
from tests.support.postfix import Postfix

pytestmark = pytest.mark.xdist_group("postfix")


@dataclass(frozen=True)
class Way:
    """`protocol` is what Postfix notes in Received (RFC 3848): S for TLS, A for a login."""

    service: str
    encryption: str
    login: bool
    protocol: str


WAYS = {
    "Plain": Way("open", "plain", False, "ESMTP"),
    "STARTTLS": Way("open", "starttls", False, "ESMTPS"),
    "SSL": Way("open-ssl", "ssl", False, "ESMTPS"),
    "Plain and AUTH PLAIN": Way("login", "plain", True, "ESMTPA"),
    "Plain and AUTH LOGIN": Way("login-by-LOGIN", "plain", True, "ESMTPA"),
    "STARTTLS and AUTH": Way("tls-only", "starttls", True, "ESMTPSA"),
    "SSL and AUTH": Way("login-ssl", "ssl", True, "ESMTPSA"),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_a_test_and_a_notification_arrive_byte_for_byte(
    page: Page, session: Session, server: Postfix, follower: Person, bob: Person, way: Way
) -> None:
    assert_sent(set_up(page, server.ports[way.service], way.encryption, way.login))
    add_record(page.app, bob, "ACME renewal")
    work(page.app)
    mails = server.inbox(follower.email)
    assert sorted(mail["X-Sysmail-Event"] for mail in mails) == ["record_added", "test"]
    assert_arrived_byte_for_byte(mails, deliveries(session))
    assert all(f" with {way.protocol} " in mail.trace["Received"] for mail in mails)
    assert_balanced(session)


def test_with_the_tick_a_password_goes_in_the_clear_to_a_host_that_is_not_loopback(
    page: Page, session: Session, server: Postfix
) -> None:
    typed = {"smtp_host": server.own_name, "allow_clear_login": True}
    assert_sent(set_up(page, server.ports["own-name"], "plain", login=True, **typed))
    [mail] = server.inbox("alice@example.com")
    assert_arrived_byte_for_byte([mail], deliveries(session))
    assert " with ESMTPA " in mail.trace["Received"]


def test_a_refused_recipient_keeps_the_notification_from_nobody_else(
    page: Page, session: Session, server: Postfix, follower: Person, bob: Person
) -> None:
    ghost = follow(session, "ghost@example.com", "Ghost")
    set_up(page, server.ports["tls-only"], "starttls", login=True, test_address=bob.email)
    add_record(page.app, bob, "ACME renewal")
    work(page.app)
    posted = {delivery.address: delivery for delivery in deliveries(session)}
    refused = posted[ghost.email]
    assert (refused.state, refused.cause) == (State.FAILED, "recipient_unknown")
    assert_arrived_byte_for_byte(server.inbox(follower.email), [posted[follower.email]])
    assert "User unknown" in page.get("/admin/system-mail/failures").one("[data-delivery]").text
    assert_balanced(session)
