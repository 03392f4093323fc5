"""Quiet hours hold everything but account and test mail until they end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from sysmail.events import Event
from sysmail.notifications import apply_choice, post_account_mail, send_test
from sysmail.outbox import Delivery, Later, Prepared, pull_back
from sysmail.people import Person
from sysmail.preferences import Choice, store_default, store_whole_choice
from tests.support.post_office import add_news, add_people, deliveries, use_server, work
from tests.support.smtpd import ScriptedSmtp

Happen = Callable[..., Event]
Expand = Callable[..., list[Delivery]]
Prepare = Callable[[Delivery], object]

QUIET = Choice(quiet_from="22:00", quiet_until="07:00", timezone="Europe/Berlin")
MIDNIGHT = datetime(2026, 5, 4, 22, 0, tzinfo=UTC)
MORNING = datetime(2026, 5, 5, 5, 0, tzinfo=UTC)
LATER = datetime(2026, 5, 5, 4, 0, tzinfo=UTC)


@pytest.mark.both_engines
def test_even_a_mention_waits_until_they_end(
    session: Session, alice: Person, bob: Person, happen: Happen, expand: Expand, prepare: Prepare
) -> None:
    store_whole_choice(session, bob.id, QUIET)
    with time_machine.travel(MIDNIGHT, tick=False):
        happen(alice, mentioned=(bob,))
        [delivery] = expand()
        assert prepare(delivery) == Later(MORNING)
    with time_machine.travel(MORNING, tick=False):
        assert isinstance(prepare(delivery), Prepared)


@pytest.mark.both_engines
def test_those_of_the_default_hold_for_who_never_chose(
    session: Session, alice: Person, bob: Person, happen: Happen, expand: Expand, prepare: Prepare
) -> None:
    store_default(session, QUIET)
    with time_machine.travel(MIDNIGHT, tick=False):
        happen(alice, mentioned=(bob,))
        [delivery] = expand()
        assert prepare(delivery) == Later(MORNING)
        store_whole_choice(session, bob.id, Choice())
        assert isinstance(prepare(delivery), Prepared)


def test_account_and_test_mail_know_none(
    app: Flask, session: Session, bob: Person, prepare: Prepare
) -> None:
    vault = app.extensions["sysmail.vault"]
    store_whole_choice(session, bob.id, QUIET)
    with time_machine.travel(MIDNIGHT, tick=False):
        account = post_account_mail(session, vault, bob, "reset", "http://x/reset/1")
        assert isinstance(prepare(account), Prepared)
        assert isinstance(prepare(send_test(session, vault, 1, bob.email)), Prepared)


def test_a_worker_holds_the_mail_charges_no_try_and_sends_it_in_the_morning(
    app: Flask, session: Session, alice: Person
) -> None:
    quiet, awake = add_people(session, 2)
    store_whole_choice(session, quiet.id, replace(QUIET, receive="all"))
    with ScriptedSmtp() as server:
        use_server(app, server)
        with time_machine.travel(MIDNIGHT, tick=True):
            add_news(session, alice)
            work(app)
            held, sent = deliveries(session)
            assert (held.person_id, sent.person_id) == (quiet.id, awake.id)
            assert (sent.state, held.state, held.due_at) == ("sent", "queued", MORNING)
            assert (held.tries, held.shape, held.trouble_at) == (0, None, None)
            pull_back(session, app.extensions["sysmail.config"])
            session.commit()
            assert deliveries(session)[0].due_at == MORNING
        with time_machine.travel(MORNING, tick=True):
            work(app)
            assert [one.state for one in deliveries(session)] == ["sent", "sent"]
        assert [mail.rcpt_to for mail in server.ledger] == [(awake.email,), (quiet.email,)]


@pytest.mark.both_engines
def test_who_gives_them_up_gets_what_they_held_at_once(
    session: Session, alice: Person, bob: Person, happen: Happen, expand: Expand
) -> None:
    store_whole_choice(session, bob.id, QUIET)
    with time_machine.travel(MIDNIGHT, tick=False):
        happen(alice, mentioned=(bob,))
        [delivery] = expand()
        delivery.wait(MORNING)
        session.flush()
        assert apply_choice(session, bob, Choice()).released == 1
        session.refresh(delivery)
        assert delivery.due_at == MIDNIGHT


def test_what_a_server_put_off_keeps_its_time(
    session: Session, alice: Person, bob: Person, happen: Happen, expand: Expand
) -> None:
    store_whole_choice(session, bob.id, QUIET)
    with time_machine.travel(MIDNIGHT, tick=False):
        happen(alice, mentioned=(bob,))
        [delivery] = expand()
        delivery.wait(LATER)
        delivery.trouble_at = MIDNIGHT
        session.flush()
        assert apply_choice(session, bob, Choice()).released == 0
        session.refresh(delivery)
        assert delivery.due_at == LATER


@pytest.mark.both_engines
def test_what_a_server_put_off_and_then_they_held_goes_too(
    session: Session, alice: Person, bob: Person, happen: Happen, expand: Expand
) -> None:
    store_whole_choice(session, bob.id, QUIET)
    with time_machine.travel(MIDNIGHT, tick=False):
        happen(alice, mentioned=(bob,))
        [delivery] = expand()
        delivery.wait(MORNING)
        delivery.trouble_at = MIDNIGHT
        session.flush()
        assert apply_choice(session, bob, Choice()).released == 1
        session.refresh(delivery)
        assert delivery.due_at == MIDNIGHT
