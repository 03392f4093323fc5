"""From a delivery to its bytes."""

from __future__ import annotations

from collections.abc import Callable
from email.utils import parsedate_to_datetime
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import delete
from sqlalchemy.orm import Session

from sysmail import audit
from sysmail.events import RECORD_ADDED, Event
from sysmail.notifications import composer
from sysmail.outbox import CannotCompose, Claimed, Composer, Delivery, Withdrawn
from sysmail.people import Person
from sysmail.preferences import store_choice
from tests.notifications.reading import TEXT, TITLE, Read, external

Happen = Callable[..., Event]
Expand = Callable[..., list[Delivery]]
Reading = Callable[[Delivery], Read]
Taking = Callable[[Delivery], Claimed]
Preparing = Callable[[Delivery], object]

OF_EVERY_MAIL = {
    "From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type",
    "Content-Transfer-Encoding", "Content-Language", "Auto-Submitted", "X-Sysmail-Delivery",
    "X-Sysmail-Event",
}  # fmt: skip
OF_EVENT_MAILS = OF_EVERY_MAIL | {
    "References", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post",
}  # fmt: skip


@pytest.fixture
def comment(alice: Person, bob: Person, happen: Happen, expand: Expand) -> Delivery:
    happen(alice, mentioned=(bob,))
    [delivery] = expand()
    return delivery


def test_a_comment_carries_exactly_the_fields_of_the_contract(
    comment: Delivery, read: Reading
) -> None:
    mail = read(comment)
    assert set(mail.names) == OF_EVENT_MAILS | {"In-Reply-To"}
    assert len(mail.names) == len(set(mail.names))
    assert mail.field("To") == "Bob <bob@example.com>"
    assert mail.field("Auto-Submitted") == "auto-generated"
    assert mail.field("X-Sysmail-Delivery") == str(comment.id)
    assert mail.field("X-Sysmail-Event") == "comment_posted"
    assert mail.field("List-Unsubscribe-Post") == "List-Unsubscribe=One-Click"
    assert parsedate_to_datetime(mail.field("Date")) == comment.created_at.replace(microsecond=0)


def test_a_record_starts_the_thread_that_its_comments_go_on(
    alice: Person, bob: Person, comment: Delivery, happen: Happen, expand: Expand, read: Reading
) -> None:
    happen(alice, RECORD_ADDED, mentioned=(bob,))
    [added] = expand()
    mail = read(added)
    assert set(mail.names) == OF_EVENT_MAILS
    assert mail.field("References") == read(comment).field("References")
    assert mail.field("Message-ID") != read(comment).field("Message-ID")


def test_the_subject_says_what_happened_where(comment: Delivery, read: Reading) -> None:
    assert read(comment).subject == f"Leads: Alice commented on “{TITLE}”"


def test_the_words_are_complete_in_both_parts(comment: Delivery, read: Reading) -> None:
    mail = read(comment)
    assert TEXT in mail.text
    assert "<b>an end</b>" in unescape(mail.html)
    assert "<b>an end" not in mail.html
    assert "Three dots...<br>.<br>and" in mail.html
    for part in (mail.text, mail.html):
        assert "because you were mentioned" in part
        assert part.count("/settings/notifications") == 1
        assert f"/apps/1/records/1#comment-{1}" in part


def test_who_chose_text_gets_text_alone(
    session: Session, bob: Person, comment: Delivery, read: Reading
) -> None:
    store_choice(session, bob.id, "to_me", 3, "text")
    mail = read(comment)
    assert mail.mail.get_content_type() == "text/plain"
    assert mail.html == ""
    assert set(mail.names) == OF_EVENT_MAILS | {"In-Reply-To"}


def test_the_same_claim_is_the_same_bytes_for_every_worker(
    app: Flask, session: Session, comment: Delivery, desk: Composer, take: Taking
) -> None:
    claimed = take(comment)
    first = desk.prepare(session, [claimed])
    other = composer(app.extensions["sysmail.config"], app.extensions["sysmail.vault"])
    assert desk.prepare(session, [claimed]) == other.prepare(session, [claimed]) == first


def test_what_shaped_the_first_try_shapes_every_copy(
    session: Session, bob: Person, comment: Delivery, read: Reading
) -> None:
    first = read(comment).prepared
    bob.email, bob.name = "robert@example.com", "Robert"
    store_choice(session, bob.id, "all", 3, "text")
    session.add(external())
    session.flush()
    assert read(comment).prepared == first


def test_until_the_first_try_the_mail_follows_the_person(
    session: Session, bob: Person, comment: Delivery, read: Reading
) -> None:
    bob.email, bob.name = "robert@example.com", "Robert"
    session.flush()
    mail = read(comment)
    assert mail.field("To") == "Robert <robert@example.com>"
    assert mail.prepared.built.envelope_to == comment.address == "robert@example.com"


HOSTILE = [
    "=?utf-8?q?x=0D=0ABcc:_eve@example.com?=",
    "a\r\nBcc: eve@example.com\r\n\r\nbody",
    "Baker, Bob <eve@example.com>",
    '"quoted\\" (comment) %(name)s {{ 7 * 7 }}',
    "\u202eevil\u0000\u0007 " + "名" * 80,
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_arrive_as_words(
    session: Session,
    alice: Person,
    bob: Person,
    happen: Happen,
    expand: Expand,
    read: Reading,
    text: str,
) -> None:
    bob.name = alice.name = text[:200]
    happen(alice, mentioned=(bob,), title=text, actor=text, app=text, text=text)
    [delivery] = expand()
    mail = read(delivery)
    assert set(mail.names) == OF_EVENT_MAILS | {"In-Reply-To"}
    assert len(mail.names) == len(set(mail.names))
    seen = " ".join("".join(c for c in text if c.isprintable() or c.isspace()).split())
    assert seen[:60] in mail.subject
    assert (mail.to_name, mail.to) == (seen, "bob@example.com")
    assert "49" not in mail.text


def test_a_long_title_is_cut_after_sixty_characters(
    alice: Person, bob: Person, happen: Happen, expand: Expand, read: Reading
) -> None:
    title = "0123456789" * 12
    happen(alice, mentioned=(bob,), title=title)
    [delivery] = expand()
    assert f"“{title[:60]}…”" in read(delivery).subject
    assert title in read(delivery).text


def test_an_address_no_mail_can_carry_is_a_failure_of_that_mail(
    session: Session, bob: Person, comment: Delivery, prepare: Preparing
) -> None:
    bob.email = "bob,eve@example.com"
    session.flush()
    outcome = prepare(comment)
    assert isinstance(outcome, CannotCompose)
    assert "eve" not in outcome.detail


def test_without_its_event_there_is_nothing_to_say(
    session: Session, comment: Delivery, desk: Composer, take: Taking
) -> None:
    claimed = take(comment)
    session.execute(delete(Event))
    assert desk.prepare(session, [claimed]) == [Withdrawn("deleted")]


def test_links_come_from_the_configuration(comment: Delivery, read: Reading) -> None:
    mail = read(comment)
    assert mail.field("List-Unsubscribe").startswith("<http://127.0.0.1:8000/unsubscribe/")
    assert "http://127.0.0.1:8000/apps/" in mail.text


def test_an_audit_entry_is_told_in_a_sentence(
    session: Session, alice: Person, expand: Expand, read: Reading
) -> None:
    store_choice(session, alice.id, "all", 7, "html")
    details = {"name": "Carol", "email": "carol@example.com"}
    audit.record(session, "user_added", audit.SYSTEM, details)
    session.commit()
    [delivery] = expand()
    mail = read(delivery)
    sentence = "The user Carol (carol@example.com) was added."
    assert mail.subject == f"Audit log: {sentence}"
    assert sentence in mail.text
    assert sentence in mail.html
    assert "/admin/audit-log" in mail.text
    assert set(mail.names) == OF_EVENT_MAILS - {"References"}
