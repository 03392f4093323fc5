"""Three behaviours for three kinds of trouble."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from sysmail.account import (
    Incident,
    blocked,
    clear_domain,
    health,
    note_accepted,
    note_reached,
    note_trouble,
    probe_due,
    probe_failed,
    tries_alone,
    try_now,
    waiting_domains,
)
from sysmail.audit import Entry
from sysmail.config import Config
from sysmail.events import Event
from tests.account.conftest import ALICE, SECRET, Save

pytestmark = pytest.mark.both_engines

NOW = datetime(2025, 5, 3, 10, 2, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
REFUSED_LOGIN = Incident("config", "account", "login_rejected", "auth", "535 5.7.8 no", "smtp.a")
DOWN = Incident("transient", "account", "connection_refused", "connect", host="smtp.a")
GREY = Incident("transient", "domain", "server_busy", "greeting", recipient_domain="example.com")


class Exactly:
    """Dice that always fall on no jitter at all, or on one end of it."""

    def __init__(self, factor: float = 1) -> None:
        self.factor = factor

    def uniform(self, a: float, b: float) -> float:
        assert (a, b) == pytest.approx((0.8, 1.2))
        return self.factor


def _trouble(
    session: Session, config: Config, trouble: Incident, now: datetime, dice: Exactly | None = None
) -> None:
    note_trouble(session, config, trouble, now, dice or Exactly())
    session.commit()


def _mail_trouble(session: Session) -> list[str]:
    query = select(Entry.details).where(Entry.action == "mail_trouble").order_by(Entry.id)
    return [details["change"] for details in session.scalars(query)]


def test_a_new_account_is_active_and_reading_writes_nothing(session: Session) -> None:
    assert health(session).state == "active"
    assert not blocked(health(session), NOW)
    assert not session.new


def test_trouble_of_the_configuration_pauses_at_once(session: Session, config: Config) -> None:
    _trouble(session, config, REFUSED_LOGIN, NOW)
    state = health(session)
    assert (state.state, state.cause, state.since) == ("paused", "login_rejected", NOW)
    assert blocked(state, NOW + timedelta(days=9))
    assert not probe_due(state, NOW + 14 * MINUTE)
    assert probe_due(state, NOW + 15 * MINUTE)


def test_the_same_trouble_on_other_connections_does_not_move_the_probe(
    session: Session, config: Config
) -> None:
    _trouble(session, config, REFUSED_LOGIN, NOW)
    _trouble(session, config, REFUSED_LOGIN, NOW + MINUTE)
    assert health(session).next_probe_at == NOW + 15 * MINUTE
    assert _mail_trouble(session) == ["paused"]


def test_probes_follow_their_schedule_whose_last_step_repeats(
    session: Session, config: Config
) -> None:
    _trouble(session, config, REFUSED_LOGIN, NOW)
    for hours in (1, 4, 4):
        probe_failed(session, config, REFUSED_LOGIN, NOW)
        assert health(session).next_probe_at == NOW + timedelta(hours=hours)


def test_a_probe_that_finds_the_server_down_keeps_the_reason(
    session: Session, config: Config
) -> None:
    _trouble(session, config, REFUSED_LOGIN, NOW)
    probe_failed(session, config, DOWN, NOW)
    assert (health(session).state, health(session).cause) == ("paused", "login_rejected")


BLOCKED = Incident("config", "account", "port_25_blocked", "connect")


@pytest.mark.parametrize(
    ("phase", "state"), [("resolve", "paused"), ("connect", "paused"), ("greeting", "active")]
)
def test_a_probe_that_gets_further_than_the_trouble_resumes_whatever_the_domain_says_then(
    session: Session, config: Config, phase: str, state: str
) -> None:
    _trouble(session, config, BLOCKED, NOW)
    probe_failed(session, config, replace(GREY, phase=phase), NOW)
    assert health(session).state == state


@pytest.mark.parametrize("by_probe", [True, False])
def test_success_resumes_a_paused_account_once_and_silently(
    session: Session, config: Config, by_probe: bool
) -> None:
    _trouble(session, config, REFUSED_LOGIN, NOW)
    for _again in range(2):
        if by_probe:
            note_reached(session, NOW + MINUTE)
        else:
            note_accepted(session, "smtp.a", NOW + MINUTE)
        session.commit()
    state = health(session)
    assert (state.state, state.cause, state.since) == ("active", None, NOW + MINUTE)
    assert not blocked(state, NOW + MINUTE)
    assert _mail_trouble(session) == ["paused", "resumed"]
    assert session.scalars(select(Event)).all() == []


def test_transient_trouble_makes_the_whole_account_wait_by_the_schedule(
    session: Session, config: Config
) -> None:
    now = NOW
    for minutes in (1, 5, 15, 30, 60, 120, 240, 240):
        _trouble(session, config, DOWN, now)
        state = health(session)
        assert state.state == "active"
        assert state.waits_until == now + minutes * MINUTE
        assert blocked(state, state.waits_until - MINUTE / 60)
        assert not blocked(state, state.waits_until)
        assert tries_alone(state)
        now = state.waits_until


def test_four_connections_failing_in_one_moment_are_one_wait(
    session: Session, config: Config
) -> None:
    for seconds in range(4):
        _trouble(session, config, DOWN, NOW + timedelta(seconds=seconds))
    assert (health(session).waits, health(session).waits_until) == (1, NOW + MINUTE)


def test_waits_carry_jitter(session: Session, config: Config) -> None:
    _trouble(session, config, DOWN, NOW, Exactly(1.2))
    assert health(session).waits_until == NOW + 1.2 * MINUTE


def test_an_accepted_mail_ends_the_waits(session: Session, config: Config) -> None:
    _trouble(session, config, DOWN, NOW)
    note_accepted(session, "smtp.a", NOW + MINUTE)
    state = health(session)
    assert (state.waits, state.waits_until, state.cause) == (0, None, None)
    assert (state.last_accepted_at, state.last_accepted_host) == (NOW + MINUTE, "smtp.a")
    assert not tries_alone(state)


def test_a_domain_waits_alone(session: Session, config: Config) -> None:
    _trouble(session, config, GREY, NOW)
    assert waiting_domains(session, NOW) == {"example.com"}
    assert waiting_domains(session, NOW + MINUTE) == set()
    assert not blocked(health(session), NOW)
    _trouble(session, config, GREY, NOW + MINUTE)
    assert waiting_domains(session, NOW + 5 * MINUTE) == {"example.com"}
    clear_domain(session, "example.com")
    assert waiting_domains(session, NOW + 5 * MINUTE) == set()


def test_a_messages_own_trouble_is_not_the_accounts(session: Session, config: Config) -> None:
    unknown = Incident("permanent", "message", "recipient_unknown", "rcpt")
    _trouble(session, config, unknown, NOW)
    assert (health(session).state, health(session).waits) == ("active", 0)


def test_try_now_makes_probe_and_waits_due_and_is_audited(session: Session, config: Config) -> None:
    _trouble(session, config, REFUSED_LOGIN, NOW)
    _trouble(session, config, GREY, NOW)
    try_now(session, ALICE)
    session.commit()
    state = health(session)
    assert state.next_probe_at is not None
    assert probe_due(state, state.next_probe_at)
    assert waiting_domains(session, state.next_probe_at) == set()
    actions = list(session.scalars(select(Entry.action).order_by(Entry.id)))
    assert actions == ["mail_trouble", "mail_account_tried"]


def test_a_save_starts_anew(session: Session, config: Config, saving: Save) -> None:
    _trouble(session, config, REFUSED_LOGIN, NOW)
    _trouble(session, config, GREY, NOW)
    saving(password=SECRET)
    state = health(session)
    assert (state.state, state.cause, state.next_probe_at) == ("active", None, None)
    assert waiting_domains(session, NOW) == set()


def test_trouble_with_settings_replaced_meanwhile_does_not_pause(
    session: Session, config: Config, saving: Save
) -> None:
    saving(password=SECRET)
    _trouble(session, config, replace(REFUSED_LOGIN, version=1), NOW)
    assert health(session).state == "active"
    _trouble(session, config, replace(REFUSED_LOGIN, version=2), NOW)
    assert health(session).state == "paused"
