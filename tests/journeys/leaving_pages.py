"""Erasing somebody, an address that refuses mail, and how mails look."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import delete

from sysmail import clock
from sysmail.leaving import Erasure
from sysmail.people import Person, trust_address
from tests.journeys.furnished import House
from tests.journeys.looks import Look, press

MAILS = "/admin/mails"
USERS = "/admin/users"


@contextmanager
def _bouncing(house: House) -> Iterator[None]:
    with house.session() as session:
        bob = session.get_one(Person, house.places["bob"])
        bob.refused_on, bob.bouncing_since = clock.now().date(), clock.now()
    yield
    with house.session() as session:
        trust_address(session.get_one(Person, house.places["bob"]))


@contextmanager
def _erased(house: House, ended: bool = True) -> Iterator[None]:
    """As if carol had been, though her name is still there for the looks that follow."""
    now, carol = clock.now(), house.places["carol"]
    with house.session() as session:
        session.get_one(Person, carol).erased_at = now
        session.add(Erasure(person_id=carol, asked_at=now, ended_at=now if ended else None))
    yield
    with house.session() as session:
        session.get_one(Person, carol).erased_at = None
        session.execute(delete(Erasure))


LEAVING = [
    Look(USERS + "/{bob}/erasure"),
    Look(USERS + "/{alice}/erasure", name="oneself"),
    Look(USERS + "/{carol}/erasure", name="done", state=_erased),
    Look(USERS + "/{carol}/erasure", name="under way", state=lambda house: _erased(house, False)),
    Look("/", "bob", "address refuses mail", state=_bouncing),
    Look(USERS, name="some refuse mail", state=_bouncing),
    Look(USERS + "?state=bouncing", name="refuse mail", state=_bouncing),
    Look(USERS + "?state=bouncing", name="nobody refuses mail"),
    Look(USERS + "/{bob}", name="refuses mail", state=_bouncing),
    Look("/unsubscribe/{unsubscribe_record}", "", "or mute the record"),
    Look(MAILS),
    Look(MAILS, name="refused", act=press("Save", portal=" "), answers=(422,)),
    Look(MAILS + "/comment_posted"),
    Look(MAILS + "/digest?language=ja"),
]
