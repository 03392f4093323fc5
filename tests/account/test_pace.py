"""After "too fast" half the connections, and one more at a time while mail is accepted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from sysmail.account import (
    Health,
    Incident,
    connections,
    health,
    note_accepted,
    note_trouble,
    pull_back_waits,
)
from sysmail.config import Config
from tests.account.conftest import SECRET, Save

pytestmark = pytest.mark.both_engines

NOW = datetime(2025, 5, 3, 10, 2, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
TOO_FAST = Incident("transient", "account", "sending_too_fast", "mail", "454 throttling")
DOWN = Incident("transient", "account", "connection_refused", "connect")


def slowed(session: Session, config: Config, now: datetime, trouble: Incident = TOO_FAST) -> Health:
    """The account after that trouble, its wait over and one mail accepted."""
    note_trouble(session, config, trouble, now)
    note_accepted(session, "smtp.a", now + 2 * MINUTE)
    session.commit()
    return health(session)


def test_an_account_nobody_complained_of_uses_all_its_connections(session: Session) -> None:
    assert connections(health(session), 4) == 4


def test_too_fast_halves_the_connections_and_success_gives_them_back_one_by_one(
    session: Session, config: Config
) -> None:
    state = slowed(session, config, NOW)
    assert connections(state, 4) == 2
    for minutes, number in ((4, 2), (5, 3), (9, 3), (10, 4), (60, 4)):
        note_accepted(session, "smtp.a", NOW + minutes * MINUTE)
        assert connections(state, 4) == number


def test_without_success_nothing_is_given_back(session: Session, config: Config) -> None:
    note_trouble(session, config, TOO_FAST, NOW)
    assert connections(health(session), 4) == 2
    note_trouble(session, config, DOWN, NOW + 60 * MINUTE)
    assert connections(health(session), 4) == 2


def test_too_fast_again_halves_what_is_left_and_one_connection_stays(
    session: Session, config: Config
) -> None:
    for minutes, number in ((0, 2), (3, 1), (6, 1)):
        assert connections(slowed(session, config, NOW + minutes * MINUTE), 4) == number
    note_accepted(session, "smtp.a", NOW + 21 * MINUTE)
    assert connections(health(session), 8) == 4
    assert connections(slowed(session, config, NOW + 22 * MINUTE), 4) == 2


def test_four_complaints_in_one_moment_halve_once(session: Session, config: Config) -> None:
    for seconds in range(4):
        note_trouble(session, config, TOO_FAST, NOW + timedelta(seconds=seconds))
    assert connections(health(session), 4) == 2


def test_other_trouble_slows_nothing(session: Session, config: Config) -> None:
    assert connections(slowed(session, config, NOW, DOWN), 4) == 4


def test_new_settings_begin_with_all_connections(
    session: Session, config: Config, saving: Save
) -> None:
    slowed(session, config, NOW)
    saving(password=SECRET)
    assert connections(health(session), 4) == 4


def test_a_slowing_down_noted_by_a_clock_that_was_ahead_ends(
    session: Session, config: Config
) -> None:
    slowed(session, config, NOW + timedelta(days=365))
    pull_back_waits(session, config, NOW)
    note_accepted(session, "smtp.a", NOW + 30 * MINUTE)
    assert connections(health(session), 4) == 4
