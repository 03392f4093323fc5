"""Two days of one person, and exactly the mails a table written by hand says.

They live by summaries: daily at 17:00, mentions at once, quiet from 22 to 7. On Saturday they move
from Tokyo to Berlin, where the clocks go back in the night: Sunday 25 October 2026 has 25 hours
and 500 events, one every 172.8 seconds from midnight UTC; every 50th mentions them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.events import Event
from sysmail.notifications import apply_choice
from sysmail.people import Person
from sysmail.preferences import Choice
from tests.support.post_office import assert_balanced, use_server
from tests.support.smtpd import ScriptedSmtp
from tests.support.summaries import Sender, wants_summaries

pytestmark = pytest.mark.both_engines
Happen = Callable[..., Event]

IN_TOKYO = Choice(
    "all",
    3,
    "text",
    frequency="daily",
    daily_at="17:00",
    mentions_at_once=True,
    quiet_from="22:00",
    quiet_until="07:00",
    timezone="Asia/Tokyo",
)
IN_BERLIN = Choice(**{**IN_TOKYO.__dict__, "timezone": "Europe/Berlin"})

# UTC, and what comes then: a mention by itself, or how much a summary tells.
TABLE = [
    ("Sat 08:00", 3),  # 17:00 in Tokyo.
    ("Sat 18:00", "mention"),  # Held since 23:00 in Tokyo; in Berlin it is 20:00.
    ("Sun 06:00", "mention"),  # From 02:12, the second time the clocks show two: 07:00 in Berlin.
    ("Sun 06:00", "mention"),  # From 04:36.
    ("Sun 06:00", "mention"),  # From 07:00 itself.
    ("Sun 08:24", "mention"),
    ("Sun 10:48", "mention"),
    ("Sun 13:12", "mention"),
    ("Sun 15:36", "mention"),
    ("Sun 16:00", 329),  # 17:00 in Berlin's winter time: 327 of today, 2 of yesterday's evening.
    ("Sun 18:00", "mention"),
    ("Sun 20:24", "mention"),
    ("Mon 06:00", "mention"),  # From 23:48 in Berlin.
    ("Mon 16:00", 163),
]


def test_pain_21_a_day_of_500_events_across_a_change_of_the_clocks_is_these_few_mails(
    app: Flask, session: Session, alice: Person, bob: Person, happen: Happen
) -> None:
    with ScriptedSmtp() as server, time_machine.travel("2026-10-24 05:00Z") as traveller:
        use_server(app, server)
        wants_summaries(session, bob, choice=IN_TOKYO)
        with Sender(app) as sender:
            days = _Days(server, sender, traveller)
            days.upto("2026-10-24 06:00Z")
            for _ in range(3):
                happen(alice)
            days.upto("2026-10-24 14:00Z")
            happen(alice, mentioned=(bob,))
            happen(alice)
            happen(alice)
            days.upto("2026-10-24 18:00Z")
            apply_choice(session, bob, IN_BERLIN)
            session.commit()
            days.work()
            days.upto("2026-10-25 00:00Z")
            start = datetime(2026, 10, 25, tzinfo=UTC)
            for number in range(500):
                days.upto(start + number * timedelta(seconds=172.8))
                is_mention = number % 50 == 25
                happen(alice, mentioned=(bob,) if is_mention else ())
                days.work(mail=is_mention)
            days.upto("2026-10-26 17:00Z")
        assert days.mails == TABLE
    assert_balanced(session)


class _Days:
    """A worker's steps at every quarter of an hour, and when each mail came."""

    def __init__(
        self, server: ScriptedSmtp, sender: Sender, traveller: time_machine.Traveller
    ) -> None:
        self._server = server
        self._sender = sender
        self._traveller = traveller
        self.mails: list[tuple[str, int | str]] = []

    def upto(self, moment: datetime | str) -> None:
        """Works at each quarter up to then, which is now afterwards."""
        end = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
        quarter = timedelta(minutes=15)
        while (at := _floor(clock.now()) + quarter) <= end:
            self._traveller.move_to(at)
            self.work()
        self._traveller.move_to(end)
        self.work(mail=False)

    def work(self, mail: bool = True) -> None:
        if not mail:
            self._sender.gather()
            return
        self._sender.step()
        for received in self._server.ledger[len(self.mails) :]:
            self.mails.append((f"{clock.now():%a %H:%M}", _what(received.raw.decode())))


def _floor(moment: datetime) -> datetime:
    return moment.replace(minute=moment.minute // 15 * 15, second=0, microsecond=0)


def _what(mail: str) -> int | str:
    if "X-Sysmail-Event: digest" not in mail:
        return "mention"
    found = re.search(r"^Subject: Leads: (\d+) notifications", mail, re.MULTILINE)
    assert found, mail
    return int(found[1])
