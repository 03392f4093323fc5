"""A mail speaks the language of whoever gets it: chosen, else asked in, else the installation's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from sysmail.events import Event
from sysmail.notifications import post_account_mail, send_test
from sysmail.outbox import Delivery
from sysmail.people import Person, new_person
from sysmail.preferences import DEFAULT, store_default, store_whole_choice
from sysmail.vault import Vault
from sysmail.words import speaking
from tests.notifications.reading import TITLE, Read

Happen = Callable[..., Event]
Expand = Callable[..., list[Delivery]]
Reading = Callable[[Delivery], Read]


@pytest.fixture
def vault(app: Flask) -> Vault:
    found: Vault = app.extensions["sysmail.vault"]
    return found


@pytest.fixture
def carol(session: Session) -> Person:
    """She may see every app, as an administrator."""
    person = new_person("carol@example.com", "Carol", True)
    session.add(person)
    session.commit()
    return person


def _choose(session: Session, person: Person, **chosen: Any) -> None:
    store_whole_choice(session, person.id, replace(DEFAULT, **chosen))
    session.commit()


def _install(session: Session, language: str) -> None:
    store_default(session, replace(DEFAULT, language=language))
    session.commit()


@pytest.fixture
def read_all(session: Session, expand: Expand, read: Reading) -> Callable[[], list[Read]]:
    """All mails of the last event; reading one claims its neighbours too."""

    def one(delivery: Delivery) -> Read:
        session.refresh(delivery)
        return read(delivery)

    return lambda: [one(delivery) for delivery in expand()]


def _spoken(mail: Read) -> str:
    return mail.field("Content-Language")


@pytest.mark.parametrize("format", ["html", "text"])
def test_a_notification_speaks_as_its_recipient_chose(
    session: Session, alice: Person, bob: Person, happen: Happen, expand: Expand, read: Reading,
    format: str,
) -> None:  # fmt: skip
    _choose(session, bob, language="ja", format=format)
    happen(alice, mentioned=(bob,))
    [delivery] = expand()
    mail = read(delivery)
    assert (_spoken(mail), mail.subject) == (
        "ja",
        f"Leads: Aliceさんが「{TITLE}」にコメントしました",
    )
    assert "あなたがメンションされたため、このメールをお送りしています。" in mail.text
    assert ('<html lang="ja">' in mail.html) == (format == "html")


def test_each_gets_the_same_news_in_a_language_of_their_own(
    session: Session, alice: Person, bob: Person, carol: Person, happen: Happen,
    read_all: Callable[[], list[Read]],
) -> None:  # fmt: skip
    _choose(session, bob, language="ja")
    _choose(session, carol, language="en")
    happen(alice, mentioned=(bob, carol))
    mails = {mail.field("To"): _spoken(mail) for mail in read_all()}
    assert mails == {"Bob <bob@example.com>": "ja", "Carol <carol@example.com>": "en"}


def test_who_did_not_choose_a_language_gets_the_installation_s(
    session: Session, alice: Person, bob: Person, carol: Person, happen: Happen,
    read_all: Callable[[], list[Read]],
) -> None:  # fmt: skip
    _install(session, "ja")
    _choose(session, carol, language=None)
    happen(alice, mentioned=(bob, carol))
    assert [_spoken(mail) for mail in read_all()] == ["ja", "ja"]


def test_a_language_that_is_gone_becomes_the_source_s(
    session: Session, alice: Person, bob: Person, happen: Happen, expand: Expand, read: Reading
) -> None:
    _choose(session, bob, language="tlh")
    happen(alice, mentioned=(bob,))
    [delivery] = expand()
    assert _spoken(read(delivery)) == "en"


@pytest.mark.parametrize(
    ("chosen", "asked_in", "spoken"),
    [("en", "ja", "en"), (None, "ja", "ja"), (None, None, "en"), ("ja", None, "ja")],
)
def test_an_account_mail_speaks_as_chosen_else_as_it_was_asked_for(
    session: Session, vault: Vault, bob: Person, read: Reading,
    chosen: str | None, asked_in: str | None, spoken: str,
) -> None:  # fmt: skip
    _choose(session, bob, language=chosen, timezone="Asia/Tokyo")
    delivery = post_account_mail(session, vault, bob, "reset", "http://x/reset/1", spoken=asked_in)
    session.commit()
    mail = read(delivery)
    assert _spoken(mail) == spoken
    assert "UTC+09:00" in mail.text
    assert ("新しいパスワード" in mail.subject) == (spoken == "ja")


def test_an_invitation_speaks_as_the_installation_does(
    session: Session, vault: Vault, bob: Person, read: Reading
) -> None:
    _install(session, "ja")
    delivery = post_account_mail(session, vault, bob, "invitation", "http://x/reset/1")
    session.commit()
    assert read(delivery).subject == "Sysmail のアカウントが作成されました"


def test_a_test_speaks_as_the_page_where_it_was_asked_for(
    session: Session, vault: Vault, read: Reading
) -> None:
    with speaking("ja"):
        delivery = send_test(session, vault, 1, "alice@example.com")
    session.commit()
    mail = read(delivery)
    assert mail.subject == "テストメール: システムメールアカウントは正常に動作しています"
    assert "依頼日時" in mail.text
