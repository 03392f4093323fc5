"""A used-up quota: the next probe comes when the window ends, where anybody told when that is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from sysmail.account import Incident, health, note_reached, note_trouble, probe_failed
from sysmail.config import Config

pytestmark = pytest.mark.both_engines

NOW = datetime(2025, 5, 3, 10, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
SCHEDULE = (HOUR / 4, HOUR, 4 * HOUR)


def used_up(words: str, hint: timedelta | None = None) -> Incident:
    return Incident("config", "account", "quota_exceeded", "rcpt", words, hint=hint)


DAILY = used_up("550 5.4.5 Daily user sending limit exceeded")


@pytest.mark.parametrize(
    ("trouble", "wait"),
    [
        (DAILY, 24 * HOUR),
        (used_up("454 Throttling failure: Daily message quota exceeded"), 24 * HOUR),
        (used_up("too many messages in 24 hours"), 24 * HOUR),
        (used_up("more than 500 mails per hour"), HOUR),
        (used_up("quota exceeded, try again in 3 hours", 3 * HOUR), 3 * HOUR),
        (used_up("daily quota exceeded, try again in 3 hours", 3 * HOUR), 3 * HOUR),
        (used_up("550 5.4.5 quota exceeded"), SCHEDULE[0]),
    ],
    ids=lambda it: it.words if isinstance(it, Incident) else "",
)
def test_the_first_probe_comes_when_the_window_ends(
    session: Session, config: Config, trouble: Incident, wait: timedelta
) -> None:
    note_trouble(session, config, trouble, NOW)
    assert health(session).next_probe_at == NOW + wait


def test_a_probe_before_the_window_ends_does_not_bring_the_next_one_nearer(
    session: Session, config: Config
) -> None:
    note_trouble(session, config, DAILY, NOW)
    probe_failed(session, config, DAILY, NOW + 2 * HOUR)
    assert health(session).next_probe_at == NOW + 24 * HOUR


def test_once_the_window_is_over_probes_follow_their_schedule(
    session: Session, config: Config
) -> None:
    note_trouble(session, config, DAILY, NOW)
    now = NOW + 24 * HOUR
    for wait in SCHEDULE[1:]:
        probe_failed(session, config, DAILY, now)
        assert health(session).next_probe_at == now + wait
        now += wait


def test_a_daily_limit_named_by_another_cause_moves_no_probe(
    session: Session, config: Config
) -> None:
    refused = Incident("config", "account", "login_rejected", "auth", "535 no daily logins")
    note_trouble(session, config, refused, NOW)
    assert health(session).next_probe_at == NOW + SCHEDULE[0]


def test_a_new_quota_trouble_has_a_window_of_its_own(session: Session, config: Config) -> None:
    note_trouble(session, config, DAILY, NOW)
    note_reached(session, NOW + 25 * HOUR)
    note_trouble(session, config, DAILY, NOW + 30 * HOUR)
    assert health(session).next_probe_at == NOW + 54 * HOUR
