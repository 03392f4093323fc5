"""CONTRACT's table "Who is told", row by row."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from sysmail import audit
from sysmail.events import COMMENT_POSTED, RECORD_ADDED, Event
from sysmail.notifications import Notification
from sysmail.outbox import Delivery
from sysmail.people import Person
from sysmail.portal import App
from sysmail.preferences import store_choice

pytestmark = pytest.mark.both_engines
Happen = Callable[..., Event]
Expand = Callable[..., list[Delivery]]
ALL_KINDS = 7


def decided(session: Session, person: Person) -> tuple[str, str | None] | None:
    """(because, skip) of the person's notification of the last event."""
    notification = session.scalars(
        select(Notification)
        .where(Notification.person_id == person.id)
        .order_by(Notification.event_id.desc())
    ).first()
    return (notification.because, notification.skip) if notification else None


CONCERNED = [
    ("mentioned", lambda id_: {"mentioned": [id_]}),
    ("creator", lambda id_: {"concerned": {"creator": id_}}),
    ("editor", lambda id_: {"concerned": {"editor": id_}}),
    ("commenter", lambda id_: {"concerned": {"commenters": [id_]}}),
    ("follows", lambda id_: {}),
]


@pytest.mark.parametrize("receive", ["none", "to_me", "all", None])
@pytest.mark.parametrize(("because", "values"), CONCERNED)
def test_the_table_of_who_is_told_of_a_comment(
    session: Session,
    alice: Person,
    bob: Person,
    happen: Happen,
    expand: Expand,
    because: str,
    values: Callable[[int], dict[str, object]],
    receive: str | None,
) -> None:
    if receive:
        store_choice(session, bob.id, receive, ALL_KINDS, "html")
    happen(alice, **{"mentioned": (), **values_for(values, bob)})
    told = [delivery.address for delivery in expand()]
    skip = {"none": "switched_off", "all": None}.get(
        receive or "to_me", "only_to_me" if because == "follows" else None
    )
    assert decided(session, bob) == (because, skip)
    assert told == ([] if skip else ["bob@example.com"])


def values_for(values: Callable[[int], dict[str, object]], person: Person) -> dict[str, object]:
    given = values(person.id)
    return {**given, "mentioned": (person,)} if "mentioned" in given else given


def test_a_mention_in_a_record_is_to_me(
    session: Session, alice: Person, bob: Person, happen: Happen, expand: Expand
) -> None:
    happen(alice, RECORD_ADDED, mentioned=(bob,))
    [delivery] = expand()
    assert (delivery.person_id, delivery.because) == (bob.id, "mentioned")


def test_being_mentioned_comes_before_every_other_reason(
    session: Session, alice: Person, bob: Person, happen: Happen, expand: Expand
) -> None:
    happen(alice, mentioned=(bob,), concerned={"creator": bob.id, "commenters": [bob.id]})
    assert [delivery.because for delivery in expand()] == ["mentioned"]


def test_who_acted_is_never_told(
    session: Session, bob: Person, happen: Happen, expand: Expand
) -> None:
    store_choice(session, bob.id, "all", ALL_KINDS, "html")
    happen(bob, mentioned=(bob,), concerned={"creator": bob.id})
    assert expand() == []
    assert decided(session, bob) == ("mentioned", "own_action")


def test_the_disabled_are_never_told(
    session: Session, alice: Person, bob: Person, happen: Happen, expand: Expand
) -> None:
    bob.active = False
    happen(alice, mentioned=(bob,))
    assert expand() == []
    assert decided(session, bob) == ("mentioned", "disabled")


def test_those_without_access_are_not_even_a_row(
    session: Session, alice: Person, eve: Person, happen: Happen, expand: Expand
) -> None:
    store_choice(session, eve.id, "all", ALL_KINDS, "html")
    happen(alice, mentioned=(eve,))
    assert expand() == []
    assert decided(session, eve) is None


def test_an_open_app_is_everyones(
    session: Session, leads: App, alice: Person, eve: Person, happen: Happen, expand: Expand
) -> None:
    leads.is_open = True
    store_choice(session, eve.id, "all", ALL_KINDS, "html")
    happen(alice, RECORD_ADDED)
    assert [delivery.address for delivery in expand()] == ["eve@example.com"]


def test_a_kind_not_ticked_is_not_told(
    session: Session, alice: Person, bob: Person, happen: Happen, expand: Expand
) -> None:
    store_choice(session, bob.id, "all", ALL_KINDS & ~COMMENT_POSTED.bit, "html")
    happen(alice, mentioned=(bob,))
    assert expand() == []
    assert decided(session, bob) == ("mentioned", "kind_off")


@pytest.mark.parametrize(
    ("receive", "kinds", "skip"),
    [
        ("all", 4, None),
        ("all", 3, "kind_off"),
        ("to_me", 7, "only_to_me"),
        ("none", 7, "switched_off"),
    ],
)
def test_the_audit_log_is_told_to_administrators_who_ticked_it(
    session: Session,
    alice: Person,
    bob: Person,
    expand: Expand,
    receive: str,
    kinds: int,
    skip: str | None,
) -> None:
    store_choice(session, alice.id, receive, kinds, "html")
    store_choice(session, bob.id, "all", ALL_KINDS, "html")
    audit.record(session, "mail_account_changed", bob.actor, {})
    session.commit()
    assert [delivery.person_id for delivery in expand()] == ([] if skip else [alice.id])
    assert decided(session, alice) == ("administrator", skip)
    assert decided(session, bob) is None


def test_an_administrator_who_never_chose_hears_nothing_of_the_audit_log(
    session: Session, alice: Person, expand: Expand
) -> None:
    audit.record(session, "mail_account_changed", audit.SYSTEM, {})
    session.commit()
    assert expand() == []
