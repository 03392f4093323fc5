"""The mail that a summary becomes: its fields, its words, and the same bytes every time."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from sysmail import audit
from sysmail.events import RECORD_ADDED, Event
from sysmail.notifications import composer, expand_next, turn_summaries
from sysmail.outbox import Claimant, Claimed, Composer, Delivery, State, Withdrawn, claim
from sysmail.people import Person
from sysmail.portal import Comment
from sysmail.preferences import Choice
from tests.notifications.reading import TEXT, TITLE, Read
from tests.notifications.test_compose import OF_EVERY_MAIL
from tests.support.summaries import digests, fall_due, items, wants_summaries

Happen = Callable[..., Event]
Take = Callable[[], Claimed]
OF_SUMMARIES = OF_EVERY_MAIL | {"List-Id", "List-Unsubscribe", "List-Unsubscribe-Post"}


@pytest.fixture
def take(session: Session, desk: Composer) -> Take:
    """Posts what gathered, claims the newest summary as a worker does and settles its items."""

    def taken() -> Claimed:
        while expand_next(session) or turn_summaries(session):
            session.commit()
        fall_due(session)
        while turn_summaries(session):
            session.commit()
        digest = digests(session)[-1]
        digest.state = State.QUEUED
        session.commit()
        claims = claim(session, Claimant("worker", 3), desk, 100)
        session.commit()
        found = desk.fix(session, claims.deliveries)
        session.commit()
        return next(one for one in found if one.id == digest.id)

    return taken


def read(session: Session, desk: Composer, claimed: Claimed) -> Read:
    return Read(desk.prepare(session, [claimed])[0])


def test_a_summary_carries_exactly_the_fields_of_the_contract(
    session: Session, alice: Person, bob: Person, happen: Happen, desk: Composer, take: Take
) -> None:
    wants_summaries(session, bob)
    happen(alice)
    mail = read(session, desk, take())
    assert set(mail.names) == OF_SUMMARIES
    assert len(mail.names) == len(set(mail.names))
    assert mail.field("X-Sysmail-Event") == "digest"
    assert "/unsubscribe/" in mail.field("List-Unsubscribe")
    assert f"{bob.id}.digest." in mail.field("List-Unsubscribe")


def test_it_says_where_how_much_and_what_in_both_parts(
    session: Session, alice: Person, bob: Person, happen: Happen, desk: Composer, take: Take
) -> None:
    wants_summaries(session, bob)
    happen(alice, RECORD_ADDED)
    happen(alice)
    mail = read(session, desk, take())
    assert mail.subject == "Leads: 2 notifications"
    for part in (mail.text, unescape(mail.html)):
        assert part.index("Alice commented") < part.index("Alice added this record")
        assert part.count("/settings/notifications") == 1
        assert "/apps/1/records/1#comment-1" in part or part is mail.text
        assert "chose to hear of things in summaries" in part
        assert " ".join(TEXT.split()) in part
    assert mail.text.count(TITLE) == 1
    assert "<b>an end" not in mail.html


def test_who_chose_text_gets_text_alone_on_their_own_clock(
    session: Session, alice: Person, bob: Person, happen: Happen, desk: Composer, take: Take
) -> None:
    choice = Choice("all", 7, "text", frequency="hourly", timezone="Pacific/Kiritimati")
    wants_summaries(session, bob, choice=choice)
    event = happen(alice)
    mail = read(session, desk, take())
    assert mail.mail.get_content_type() == "text/plain"
    hour = (event.created_at.hour + 14) % 24
    assert f", {hour:02}:{event.created_at:%M}" in mail.text


def test_the_log_of_changes_stands_beside_the_apps(
    session: Session, alice: Person, bob: Person, happen: Happen, desk: Composer, take: Take
) -> None:
    wants_summaries(session, alice)
    happen(bob)
    audit.record(session, "user_disabled", bob.actor, {"name": "Eve"})
    session.commit()
    mail = read(session, desk, take())
    assert mail.subject == "Audit log and Leads: 2 notifications"
    assert "Bob: The user Eve was disabled." in mail.text
    assert "/admin/audit-log" in mail.html


def test_a_hundred_are_listed_and_the_rest_is_counted(
    session: Session, alice: Person, bob: Person, happen: Happen, desk: Composer, take: Take
) -> None:
    wants_summaries(session, bob)
    for _ in range(103):
        happen(alice)
    mail = read(session, desk, take())
    assert mail.subject == "Leads: 103 notifications"
    assert mail.text.count("Alice commented") == 100
    assert "#comment-4" in mail.html
    assert 'comment-3"' not in mail.html
    assert "And 3 more" in mail.text
    assert "And 3 more" in mail.html
    [digest] = digests(session)
    assert digest.notices == 103


def test_every_worker_makes_the_same_bytes_and_a_later_copy_tells_the_same(
    app: Flask, session: Session, alice: Person, bob: Person, happen: Happen, desk: Composer,
    take: Take,
) -> None:  # fmt: skip
    wants_summaries(session, bob)
    happen(alice)
    happen(alice)
    claimed = take()
    first = desk.prepare(session, [claimed])
    other = composer(app.extensions["sysmail.config"], app.extensions["sysmail.vault"])
    assert other.prepare(session, [claimed]) == desk.prepare(session, [claimed]) == first
    session.execute(delete(Comment).where(Comment.id == 1))
    wants_summaries(session, bob, choice=Choice("all", 7, "text", timezone="Asia/Tokyo"))
    again = take()
    assert desk.fix(session, [again])[0] is again
    assert desk.prepare(session, [again]) == first
    assert [item.dropped for item in items(session, bob)] == [None, None]


def test_what_no_server_can_have_seen_is_settled_anew(
    session: Session, alice: Person, bob: Person, happen: Happen, desk: Composer, take: Take
) -> None:
    wants_summaries(session, bob)
    happen(alice)
    happen(alice)
    assert read(session, desk, take()).subject == "Leads: 2 notifications"
    [digest] = digests(session)
    digest.wait(digest.due_at)
    session.execute(delete(Comment).where(Comment.id == 1))
    session.commit()
    assert read(session, desk, take()).subject == "Leads: 1 notification"
    assert [item.dropped for item in items(session, bob)] == ["deleted", None]


def test_when_nothing_is_left_there_is_no_mail(
    session: Session, alice: Person, bob: Person, happen: Happen, desk: Composer, take: Take
) -> None:
    wants_summaries(session, bob)
    happen(alice)
    expand_next(session)
    session.execute(delete(Comment))
    session.commit()
    assert desk.prepare(session, [take()]) == [Withdrawn("empty")]
    notices = session.scalars(select(Delivery.notices).where(Delivery.kind == "digest")).one()
    assert notices == 0
