"""When a delivery goes again: pure arithmetic."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from sysmail.config import load
from sysmail.outbox import Delivery, State
from sysmail.outbox.retry import next_step
from sysmail.smtp import Klass, Scope, Verdict

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
CONFIG = load({"SYSMAIL_RETRY_SCHEDULE": "1m,1h", "SYSMAIL_GIVE_UP_AFTER": "3h"})
GREYLISTED = Verdict(Klass.TRANSIENT, Scope.MESSAGE, "recipient_try_later")


def delivery(tries: int = 0, kind: str = "record_added") -> Delivery:
    return Delivery(kind=kind, tries=tries, created_at=NOW, expires_at=None)


@pytest.mark.parametrize(("tries", "minutes"), [(0, 1), (1, 60), (2, 60)])
def test_message_trouble_waits_by_the_schedule_give_or_take_a_fifth(
    tries: int, minutes: int
) -> None:
    for seed in range(50):
        step = next_step(delivery(tries), GREYLISTED, CONFIG, NOW, dice=random.Random(seed))
        assert (step.state, step.charged) == (State.QUEUED, True)
        assert 0.8 * minutes <= (step.due_at - NOW) / timedelta(minutes=1) <= 1.2 * minutes


def test_it_is_given_up_when_it_has_waited_long_enough_itself() -> None:
    assert next_step(delivery(2), GREYLISTED, CONFIG, NOW).state == State.QUEUED
    assert next_step(delivery(3), GREYLISTED, CONFIG, NOW).state == State.FAILED


def test_the_servers_own_hint_is_obeyed() -> None:
    step = next_step(delivery(), GREYLISTED, CONFIG, NOW, hint=timedelta(minutes=7))
    assert step.due_at == NOW + timedelta(minutes=7)


def test_a_mail_with_a_link_is_not_sent_after_the_link_ends() -> None:
    reset = delivery()
    reset.expires_at = NOW + timedelta(minutes=30)
    assert next_step(reset, GREYLISTED, CONFIG, NOW).state == State.QUEUED
    reset.tries = 1
    assert next_step(reset, GREYLISTED, CONFIG, NOW).state == State.FAILED


@pytest.mark.parametrize("scope", [Scope.ACCOUNT, Scope.DOMAIN])
@pytest.mark.parametrize("klass", [Klass.TRANSIENT, Klass.CONFIG])
def test_trouble_of_the_account_or_domain_charges_no_message(klass: Klass, scope: Scope) -> None:
    step = next_step(delivery(), Verdict(klass, scope, "x"), CONFIG, NOW)
    assert (step.state, step.charged, step.due_at) == (State.QUEUED, False, NOW)


@pytest.mark.parametrize("klass", [Klass.TRANSIENT, Klass.CONFIG, Klass.PERMANENT])
def test_a_test_mail_is_tried_once(klass: Klass) -> None:
    step = next_step(delivery(kind="test"), Verdict(klass, Scope.ACCOUNT, "x"), CONFIG, NOW)
    assert step.state == State.FAILED


def test_a_full_mailbox_gets_three_tries_in_a_day() -> None:
    full = Verdict(Klass.TRANSIENT, Scope.MESSAGE, "mailbox_full", None, 3, timedelta(hours=24))
    first = next_step(delivery(), full, CONFIG, NOW)
    assert (first.state, first.due_at) == (State.QUEUED, NOW + timedelta(hours=8))
    assert next_step(delivery(2), full, CONFIG, NOW).state == State.FAILED


def test_an_unanswered_dot_rests_before_it_repeats() -> None:
    lost = Verdict(Klass.UNCERTAIN, Scope.MESSAGE, "no_answer_after_data")
    step = next_step(delivery(), lost, CONFIG, NOW)
    assert (step.state, step.due_at) == (State.UNCERTAIN, NOW + timedelta(minutes=15))
