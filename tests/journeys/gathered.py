"""A summary that fills, for looking at its page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from sysmail.notifications import expand_next, strike, turn_summaries
from sysmail.people import Person
from sysmail.portal import App, add_comment, add_record
from sysmail.preferences import choice_of, store_whole_choice
from tests.support.summaries import items

if TYPE_CHECKING:
    from tests.journeys.furnished import House

_TEXT = "Twelve per cent is fine, no more than that. Can you write to them before Friday?"


@contextmanager
def gathering(house: House) -> Iterator[None]:
    """Bob is told hourly, and things happened that Alice did."""
    bob, alice = house.people["bob"], house.people["alice"]
    with house.session() as session:
        before = choice_of(session, bob.id)
        hourly = replace(before, frequency="hourly", mentions_at_once=False)
        store_whole_choice(session, bob.id, hourly)
        _happen(house, session, alice, bob)
        while expand_next(session) or turn_summaries(session):
            session.commit()
    yield
    with house.session() as session:
        for item in items(session, bob):
            strike(session, bob.id, item.id)
        store_whole_choice(session, bob.id, before)


def _happen(house: House, session: Session, alice: Person, bob: Person) -> None:
    leads = session.get_one(App, house.places["leads"])
    record = add_record(session, alice, leads, "Beta GmbH: first call", _TEXT).thing
    add_comment(session, alice, leads, record, f"@[{bob.email}] {_TEXT}")
    add_record(session, alice, leads, "W" * 120, "x" * 200)
