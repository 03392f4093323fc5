"""Many notifications in one mail: gathered, sent when due, told once, or left out with a reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.events import COMMENT_POSTED, RECORD_ADDED, Event
from sysmail.notifications import Notification, apply_choice, ledger, withdraw_for
from sysmail.notifications.summary import Summary
from sysmail.outbox import State
from sysmail.people import Person
from sysmail.portal import Comment, Membership
from sysmail.preferences import Choice
from tests.support.post_office import assert_balanced, use_server
from tests.support.smtpd import ScriptedSmtp
from tests.support.summaries import Sender, digests, fall_due, items, wants_summaries

pytestmark = pytest.mark.both_engines
Happen = Callable[..., Event]


@pytest.fixture
def server(app: Flask, session: Session) -> Iterator[ScriptedSmtp]:
    with ScriptedSmtp() as server:
        use_server(app, server)
        yield server


@pytest.fixture
def sender(app: Flask, session: Session) -> Iterator[Sender]:
    with Sender(app) as sender:
        yield sender


def open_of(session: Session, person: Person) -> Summary:
    session.expire_all()
    mine = select(Summary).where(Summary.person_id == person.id, Summary.posted_at.is_(None))
    return session.scalars(mine).one()


def test_what_happens_waits_in_one_summary_and_comes_in_one_mail(
    session: Session, alice: Person, bob: Person, happen: Happen, sender: Sender,
    server: ScriptedSmtp,
) -> None:  # fmt: skip
    wants_summaries(session, bob)
    happen(alice, RECORD_ADDED)
    happen(alice)
    happen(alice)
    sender.step()
    assert digests(session) == [] == server.ledger
    assert ledger(session).waiting == 3
    assert_balanced(session)
    assert open_of(session, bob).due_at == _next_full_hour()
    with time_machine.travel(clock.now() + timedelta(hours=1)):
        sender.step()
        sender.step()
    [mail] = server.ledger
    [digest] = digests(session)
    assert (digest.state, digest.notices) == (State.SENT, 3)
    assert ledger(session).sent == 3
    assert b"\r\nX-Sysmail-Event: digest\r\n" in mail.raw
    assert_balanced(session)


def _next_full_hour() -> object:
    return clock.now().replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


def test_a_mention_goes_at_once_where_the_person_wants_that(
    session: Session, alice: Person, bob: Person, happen: Happen, sender: Sender,
    server: ScriptedSmtp,
) -> None:  # fmt: skip
    wants_summaries(session, bob)
    happen(alice, mentioned=(bob,))
    happen(alice)
    sender.step()
    assert [b"X-Sysmail-Event: comment_posted" in mail.raw for mail in server.ledger] == [True]
    assert len(items(session, bob)) == 1
    wants_summaries(session, bob, choice=Choice("all", 7, frequency="hourly",
                                                mentions_at_once=False))  # fmt: skip
    happen(alice, mentioned=(bob,))
    sender.step()
    assert len(server.ledger) == 1
    assert len(items(session, bob)) == 2
    assert_balanced(session)


def test_what_comes_after_the_summary_was_posted_waits_for_the_next(
    session: Session, alice: Person, bob: Person, happen: Happen, sender: Sender,
    server: ScriptedSmtp,
) -> None:  # fmt: skip
    wants_summaries(session, bob)
    happen(alice)
    sender.gather()
    fall_due(session)
    sender.gather()
    happen(alice)
    sender.step()
    assert [digest.notices for digest in digests(session)] == [1]
    fall_due(session)
    sender.step()
    assert [digest.notices for digest in digests(session)] == [1, 1]
    assert len(server.ledger) == 2
    assert_balanced(session)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("no access", "no_access"),
        ("deleted", "deleted"),
        ("kind off", "kind_off"),
        ("only to me", "only_to_me"),
        ("read", "read"),
    ],
)
@pytest.mark.parametrize("moment", ["while it fills", "when it is posted"])
def test_what_may_not_be_told_any_more_is_left_out_and_nothing_is_no_mail(
    session: Session, alice: Person, bob: Person, happen: Happen, sender: Sender,
    server: ScriptedSmtp, change: str, reason: str, moment: str,
) -> None:  # fmt: skip
    wants_summaries(session, bob)
    happen(alice)
    sender.gather()
    fall_due(session)
    if moment == "when it is posted":
        sender.gather()
    _change(session, bob, change)
    assert_balanced(session)
    sender.step()
    assert server.ledger == []
    assert [item.dropped for item in items(session, bob)] == [reason]
    assert {digest.state for digest in digests(session)} <= {State.WITHDRAWN}
    assert ledger(session).withdrawn == 1
    assert_balanced(session)


def _change(session: Session, bob: Person, change: str) -> None:
    if change == "no access":
        session.execute(delete(Membership))
    elif change == "deleted":
        session.execute(delete(Comment))
    elif change == "read":
        session.execute(update(Notification).values(read_at=clock.now()))
    elif change == "kind off":
        apply_choice(session, bob, Choice("all", RECORD_ADDED.bit, frequency="hourly"))
    else:
        apply_choice(session, bob, Choice("to_me", 7, frequency="hourly"))
    session.commit()


def test_one_thing_drops_out_and_the_others_are_told(
    session: Session, alice: Person, bob: Person, happen: Happen, sender: Sender,
    server: ScriptedSmtp,
) -> None:  # fmt: skip
    wants_summaries(session, bob)
    happen(alice, RECORD_ADDED)
    happen(alice)
    sender.gather()
    fall_due(session)
    sender.gather()
    session.execute(delete(Comment))
    session.commit()
    sender.step()
    assert [digest.notices for digest in digests(session)] == [1]
    assert len(server.ledger) == 1
    assert (ledger(session).sent, ledger(session).withdrawn) == (1, 1)
    assert_balanced(session)


def test_switching_everything_off_withdraws_the_summary_on_its_way_too(
    session: Session, alice: Person, bob: Person, happen: Happen, sender: Sender,
) -> None:  # fmt: skip
    wants_summaries(session, bob)
    happen(alice)
    sender.gather()
    fall_due(session)
    sender.gather()
    happen(alice)
    sender.gather()
    apply_choice(session, bob, Choice("none", 7, frequency="hourly"))
    session.commit()
    [digest] = digests(session)
    assert (digest.state, digest.reason) == (State.WITHDRAWN, "switched_off")
    assert ledger(session).withdrawn == 2
    assert_balanced(session)


def test_who_wants_mail_at_once_gets_what_has_gathered_at_once(
    session: Session, alice: Person, bob: Person, happen: Happen, sender: Sender,
    server: ScriptedSmtp,
) -> None:  # fmt: skip
    wants_summaries(session, bob)
    happen(alice)
    happen(alice)
    sender.gather()
    done = apply_choice(session, bob, Choice("all", 7))
    session.commit()
    assert done.summary is not None
    assert (done.summary.notices, done.summary.due_at) == (2, None)
    sender.step()
    assert [digest.notices for digest in digests(session)] == [2]
    assert len(server.ledger) == 1


def test_a_disabled_person_gets_no_summary(
    session: Session, alice: Person, bob: Person, happen: Happen, sender: Sender,
    server: ScriptedSmtp,
) -> None:  # fmt: skip
    wants_summaries(session, bob)
    happen(alice)
    sender.gather()
    bob.active = False
    withdraw_for(session, bob.id)
    session.commit()
    fall_due(session)
    sender.step()
    assert server.ledger == [] == digests(session)
    assert_balanced(session)


def test_summaries_of_several_people_and_events_balance(
    session: Session, alice: Person, bob: Person, happen: Happen, sender: Sender,
    server: ScriptedSmtp,
) -> None:  # fmt: skip
    wants_summaries(session, alice, bob)
    for _ in range(3):
        happen(alice)
        happen(bob, COMMENT_POSTED)
    sender.gather()
    fall_due(session)
    sender.step()
    # An administrator is told of the change of the mail account too.
    assert [digest.notices for digest in digests(session)] == [4, 3]
    assert {mail.rcpt_to for mail in server.ledger} == {(alice.email,), (bob.email,)}
    assert_balanced(session)


def test_a_time_that_a_wrong_clock_set_is_computed_anew(
    session: Session, alice: Person, bob: Person, happen: Happen, sender: Sender
) -> None:
    wants_summaries(session, bob)
    with time_machine.travel(clock.now() + timedelta(days=365)):
        happen(alice)
        sender.gather()
    sender.gather()
    due = open_of(session, bob).due_at
    assert due is not None
    assert due <= clock.now() + timedelta(hours=1)


def test_quiet_hours_let_the_summary_fill_until_they_end(
    session: Session, alice: Person, bob: Person, happen: Happen, sender: Sender,
    server: ScriptedSmtp,
) -> None:  # fmt: skip
    quiet = Choice("all", 7, frequency="hourly", quiet_from="22:00", quiet_until="07:00")
    wants_summaries(session, bob, choice=quiet)
    with time_machine.travel("2026-03-02 22:10Z") as traveller:
        for _ in range(3):
            happen(alice)
            sender.step()
            traveller.shift(timedelta(hours=1))
        assert server.ledger == []
        traveller.move_to("2026-03-03 07:00:01Z")
        sender.step()
    assert [digest.notices for digest in digests(session)] == [3]
    assert len(server.ledger) == 1
