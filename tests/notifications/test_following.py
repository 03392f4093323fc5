"""Apps and records that are followed or muted, at expansion and again at the claim."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from sysmail.events import COMMENT_POSTED, Event
from sysmail.notifications import Notification, apply_app_mode, apply_record_mode
from sysmail.outbox import Delivery
from sysmail.people import Person
from sysmail.portal import App, Record
from sysmail.preferences import (
    app_mode,
    record_mode,
    store_app_mode,
    store_choice,
    store_record_mode,
)

pytestmark = pytest.mark.both_engines
Happen = Callable[..., Event]
Expand = Callable[..., list[Delivery]]


def decided(session: Session, event: Event, person: Person) -> tuple[str, str | None]:
    row = session.execute(
        select(Notification.because, Notification.skip).where(
            Notification.event_id == event.id, Notification.person_id == person.id
        )
    ).one()
    return row[0], row[1]


@pytest.mark.parametrize(
    ("receive", "for_app", "for_record", "skip"),
    [
        ("to_me", None, None, "only_to_me"),
        ("to_me", "follow", None, None),
        ("to_me", None, "follow", None),
        ("to_me", "mute", "follow", None),
        ("to_me", "follow", "mute", "muted_record"),
        ("all", None, None, None),
        ("all", "mute", None, "muted_app"),
        ("all", None, "mute", "muted_record"),
        ("all", "mute", "follow", None),
        ("none", "follow", "follow", "switched_off"),
    ],
)
def test_a_record_outweighs_its_app_and_both_outweigh_the_rest(
    session: Session,
    alice: Person,
    bob: Person,
    leads: App,
    record: Record,
    happen: Happen,
    expand: Expand,
    receive: str,
    for_app: str | None,
    for_record: str | None,
    skip: str | None,
) -> None:
    store_choice(session, bob.id, receive, 3, "html")
    store_app_mode(session, bob.id, leads.id, for_app)
    store_record_mode(session, bob.id, record.id, for_record)
    event = happen(alice)
    expand()
    assert decided(session, event, bob) == ("follows", skip)


def test_a_mention_comes_through_what_is_muted(
    session: Session, alice: Person, bob: Person, record: Record, happen: Happen, expand: Expand
) -> None:
    store_record_mode(session, bob.id, record.id, "mute")
    event = happen(alice, mentioned=(bob,))
    assert len(expand()) == 1
    assert decided(session, event, bob) == ("mentioned", None)


def test_following_adds_no_kind_that_is_off(
    session: Session, alice: Person, bob: Person, leads: App, happen: Happen, expand: Expand
) -> None:
    store_choice(session, bob.id, "to_me", 3 & ~COMMENT_POSTED.bit, "html")
    store_app_mode(session, bob.id, leads.id, "follow")
    event = happen(alice)
    expand()
    assert decided(session, event, bob) == ("follows", "kind_off")


@pytest.mark.parametrize("what", ["app", "record"])
def test_muting_withdraws_what_waits(
    session: Session,
    alice: Person,
    bob: Person,
    leads: App,
    record: Record,
    happen: Happen,
    expand: Expand,
    what: str,
) -> None:
    store_choice(session, bob.id, "all", 3, "html")
    happen(alice)
    [delivery] = expand()
    if what == "app":
        done = apply_app_mode(session, bob, leads.id, "mute")
    else:
        done = apply_record_mode(session, bob, record.id, "mute")
    session.refresh(delivery)
    assert done.withdrawn == 1
    assert (delivery.state, delivery.reason) == ("withdrawn", f"muted_{what}")


def test_not_following_any_more_withdraws_what_came_by_it_alone(
    session: Session, alice: Person, bob: Person, leads: App, happen: Happen, expand: Expand
) -> None:
    store_app_mode(session, bob.id, leads.id, "follow")
    happen(alice)
    [delivery] = expand()
    assert apply_app_mode(session, bob, leads.id, None).withdrawn == 1
    session.refresh(delivery)
    assert delivery.reason == "only_to_me"


def test_a_mode_is_changed_and_taken_back(
    session: Session, bob: Person, leads: App, record: Record
) -> None:
    for mode in ("follow", "mute", None):
        store_app_mode(session, bob.id, leads.id, mode)
        store_record_mode(session, bob.id, record.id, mode)
        assert app_mode(session, bob.id, leads.id) == mode
        assert record_mode(session, bob.id, record.id) == mode
    with pytest.raises(ValueError, match="no such mode"):
        store_app_mode(session, bob.id, leads.id, "louder")


def test_a_deleted_record_leaves_no_mode_behind(
    session: Session, bob: Person, record: Record
) -> None:
    store_record_mode(session, bob.id, record.id, "mute")
    record_id = record.id
    session.delete(record)
    session.commit()
    assert record_mode(session, bob.id, record_id) is None
