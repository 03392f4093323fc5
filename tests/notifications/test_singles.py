"""Account mails and tests: sealed, short-lived, and without List fields."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from sysmail.config import Config
from sysmail.notifications import composer, post_account_mail, send_test, withdraw_tests
from sysmail.outbox import CannotCompose, Claimed, Delivery, State
from sysmail.people import Person
from sysmail.vault import Vault, new_key
from tests.notifications.reading import Read, external
from tests.notifications.test_compose import OF_EVERY_MAIL

Reading = Callable[[Delivery], Read]
Taking = Callable[[Delivery], Claimed]
Preparing = Callable[[Delivery], object]
LINK = "http://127.0.0.1:8000/reset/TOKEN"


@pytest.fixture
def vault(app: Flask) -> Vault:
    vault: Vault = app.extensions["sysmail.vault"]
    return vault


@pytest.mark.parametrize(
    ("purpose", "hours", "words"),
    [
        ("invitation", 48, "Choose your password"),
        ("reset", 1, "do nothing: your password stays as it is"),
        ("password_changed", 48, "The password of your account"),
    ],
)
def test_an_account_mail_carries_its_link_for_as_long_as_it_works(
    session: Session,
    vault: Vault,
    bob: Person,
    read: Reading,
    purpose: str,
    hours: int,
    words: str,
) -> None:
    delivery = post_account_mail(session, vault, bob, purpose, LINK)
    assert delivery.expires_at is not None
    assert abs(delivery.expires_at - delivery.created_at - timedelta(hours=hours)) < timedelta(
        seconds=1
    )
    mail = read(delivery)
    assert set(mail.names) == OF_EVERY_MAIL
    assert mail.field("X-Sysmail-Event") == "account"
    for part in (mail.text, mail.html):
        assert words in part
        assert LINK in part
        assert "/settings/notifications" not in part


def test_the_token_stands_sealed_in_the_database(
    session: Session, vault: Vault, bob: Person
) -> None:
    delivery = post_account_mail(session, vault, bob, "reset", LINK)
    assert "TOKEN" not in str(delivery.snapshot)


def test_a_notice_without_a_link_leads_to_the_reset_page(
    session: Session, vault: Vault, bob: Person, read: Reading
) -> None:
    delivery = post_account_mail(session, vault, bob, "password_changed")
    assert "http://127.0.0.1:8000/reset\n" in read(delivery).text


@pytest.mark.parametrize("snapshot", ["nonsense", None])
def test_what_cannot_be_opened_cannot_be_composed(
    session: Session, vault: Vault, bob: Person, prepare: Preparing, snapshot: str | None
) -> None:
    delivery = post_account_mail(session, vault, bob, "reset", LINK)
    delivery.snapshot = snapshot
    assert isinstance(prepare(delivery), CannotCompose)


def test_a_lost_key_is_a_failure_in_words(
    app: Flask, session: Session, vault: Vault, bob: Person, take: Taking
) -> None:
    claimed = take(post_account_mail(session, vault, bob, "reset", LINK))
    other = composer(app.extensions["sysmail.config"], Vault((new_key(),)))
    [outcome] = other.prepare(session, [claimed])
    assert outcome == CannotCompose("what it needs was sealed with a key that is gone")


def test_a_test_says_what_it_came_through(session: Session, vault: Vault, read: Reading) -> None:
    session.add(external())
    session.flush()
    mail = read(send_test(session, vault, 2, "carol@example.com", "Carol"))
    assert set(mail.names) == OF_EVERY_MAIL
    assert mail.field("X-Sysmail-Event") == "test"
    assert mail.field("From") == "Sysmail <portal@example.com>"
    assert mail.field("To") == "Carol <carol@example.com>"
    for part in (mail.text, mail.html):
        assert "The System Mail Account works" in part
        assert "smtp.example.com, port 587" in part
        assert "STARTTLS" in part


def test_the_built_in_server_is_named_too(
    app: Flask, session: Session, vault: Vault, read: Reading
) -> None:
    config: Config = app.extensions["sysmail.config"]
    mail = read(send_test(session, vault, 1, "carol@example.com"))
    assert mail.field("From") == f"Sysmail <{config.builtin_address}>"
    assert "keeps its mail on this machine" in mail.text
    assert "none (Plain)" in mail.text


def test_a_new_test_withdraws_those_not_on_their_way(session: Session, vault: Vault) -> None:
    tests = [send_test(session, vault, 1, f"t{n}@example.com") for n in range(2)]
    assert [test.state for test in tests] == [State.WITHDRAWN, State.QUEUED]
    tests[1].state = State.SENDING
    session.flush()
    last = send_test(session, vault, 2, "t2@example.com")
    assert [test.state for test in tests] == [State.WITHDRAWN, State.SENDING]
    withdraw_tests(session)
    session.refresh(last)
    assert (last.state, last.reason, last.snapshot) == (State.WITHDRAWN, "superseded", None)
    assert last.settled_at is not None
