"""A mail about the audit log tells times by its recipient's clock, and keeps to it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from sysmail import audit
from sysmail.notifications import expand_next
from sysmail.outbox import Claimant, Claimed, Composer, Delivery, State, claim
from sysmail.people import Person
from sysmail.preferences import Choice, store_default, store_whole_choice
from tests.notifications.reading import Read

pytestmark = pytest.mark.both_engines
EVENING = datetime(2026, 5, 4, 18, 30, tzinfo=UTC)
ALL = Choice("all", 7, "text")


@pytest.fixture
def mails(session: Session, desk: Composer) -> Callable[[], list[Read]]:
    """What every queued mail reads like, as a worker claims, fixes and prepares it."""

    def claimed() -> list[Claimed]:
        found = claim(session, Claimant("worker", 3), desk, 100).deliveries
        return list(desk.fix(session, found))

    return lambda: [Read(one) for one in desk.prepare(session, claimed())]


def something_happens(session: Session) -> None:
    audit.record(session, "user_erased", audit.SYSTEM, {"id": 99})
    while expand_next(session):
        pass
    session.commit()


def test_each_administrator_reads_the_time_by_their_own_clock_and_in_their_language(
    session: Session, alice: Person, bob: Person, eve: Person, mails: Callable[[], list[Read]]
) -> None:
    bob.is_administrator = eve.is_administrator = True
    store_whole_choice(
        session, alice.id, Choice("all", 7, "text", timezone="Asia/Tokyo", language="ja")
    )
    store_whole_choice(session, bob.id, Choice("all", 7, "html", timezone="America/New_York"))
    store_whole_choice(session, eve.id, ALL)
    with time_machine.travel(EVENING, tick=False):
        something_happens(session)
        tokyo, new_york, utc = mails()
    assert "2026年5月5日 03:30 UTC+09:00" in tokyo.text
    assert "4 May 2026, 14:30 UTC-04:00" in new_york.text
    assert "4 May 2026, 14:30 UTC-04:00" in new_york.html
    assert "4 May 2026, 18:30 UTC" in utc.text


def test_who_chose_no_clock_has_the_default_s(
    session: Session, alice: Person, mails: Callable[[], list[Read]]
) -> None:
    store_default(session, Choice("all", 7, "text", timezone="Asia/Kathmandu"))
    with time_machine.travel(EVENING, tick=False):
        something_happens(session)
        [mail] = mails()
    assert "5 May 2026, 00:15 UTC+05:45" in mail.text


@pytest.mark.parametrize("before", ["UTC", "Asia/Tokyo"])
def test_a_second_copy_keeps_the_clock_of_the_first(
    session: Session, alice: Person, mails: Callable[[], list[Read]], before: str
) -> None:
    store_whole_choice(session, alice.id, Choice("all", 7, "text", timezone=before))
    something_happens(session)
    [first] = mails()
    store_whole_choice(session, alice.id, Choice("all", 7, "text", timezone="Europe/Berlin"))
    mail = session.scalars(select(Delivery)).one()
    session.refresh(mail)
    mail.state, mail.uncertain_tries, mail.claim_token = State.UNCERTAIN, 1, None
    session.commit()
    [second] = mails()
    assert second.text == first.text
