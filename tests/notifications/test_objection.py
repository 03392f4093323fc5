"""What is asked once more in the statement that claims."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from sysmail import audit
from sysmail.events import COMMENT_POSTED, Event
from sysmail.notifications import apply_choice, post_account_mail, send_test
from sysmail.outbox import Composer, Delivery
from sysmail.people import Person
from sysmail.portal import App, Comment, Membership, Record
from sysmail.preferences import Choice, store_choice

pytestmark = pytest.mark.both_engines
Happen = Callable[..., Event]
Expand = Callable[..., list[Delivery]]


def objection_to(session: Session, desk: Composer, delivery: Delivery) -> str | None:
    """Asked as the claim does: in an UPDATE of the delivery itself."""
    session.execute(
        update(Delivery)
        .where(Delivery.id == delivery.id)
        .values(reason=desk.objection)
        .execution_options(synchronize_session=False)
    )
    session.refresh(delivery)
    return delivery.reason


def everything(session: Session, bob: Person, record: Record) -> dict[str, Callable[[], object]]:
    remove_comments = delete(Comment).where(Comment.record_id == record.id)
    return {
        "nothing": lambda: None,
        "switched_off": lambda: apply_choice(session, bob, Choice("none")),
        "kind_off": lambda: apply_choice(session, bob, Choice("all", 7 & ~COMMENT_POSTED.bit)),
        "disabled": lambda: setattr(bob, "active", False),
        "deleted": lambda: session.execute(remove_comments),
        "no_access": lambda: session.execute(delete(Membership)),
    }


@pytest.mark.parametrize(
    "what", ["nothing", "switched_off", "kind_off", "disabled", "deleted", "no_access"]
)
def test_what_changed_since_the_mail_was_queued_stops_it(
    session: Session,
    alice: Person,
    bob: Person,
    record: Record,
    happen: Happen,
    expand: Expand,
    desk: Composer,
    what: str,
) -> None:
    happen(alice, mentioned=(bob,))
    [delivery] = expand()
    everything(session, bob, record)[what]()
    session.flush()
    assert objection_to(session, desk, delivery) == (None if what == "nothing" else what)


def test_only_to_me_stops_what_is_not(
    session: Session, alice: Person, bob: Person, happen: Happen, expand: Expand, desk: Composer
) -> None:
    store_choice(session, bob.id, "all", 3, "html")
    happen(alice)
    [delivery] = expand()
    assert objection_to(session, desk, delivery) is None
    store_choice(session, bob.id, "to_me", 3, "html")
    assert objection_to(session, desk, delivery) == "only_to_me"


def test_a_person_who_is_gone_is_not_mailed(
    session: Session, alice: Person, bob: Person, happen: Happen, expand: Expand, desk: Composer
) -> None:
    happen(alice, mentioned=(bob,))
    [delivery] = expand()
    session.delete(bob)
    session.flush()
    assert objection_to(session, desk, delivery) == "disabled"


def test_the_audit_log_stops_for_who_is_no_administrator_any_more(
    session: Session, alice: Person, expand: Expand, desk: Composer
) -> None:
    store_choice(session, alice.id, "all", 7, "html")
    audit.record(session, "user_added", audit.SYSTEM, {})
    session.commit()
    [delivery] = expand()
    assert objection_to(session, desk, delivery) is None
    alice.is_administrator = False
    session.flush()
    assert objection_to(session, desk, delivery) == "no_access"


def test_choices_do_not_stop_tests_and_account_mails(
    app: Flask, session: Session, bob: Person, desk: Composer
) -> None:
    vault = app.extensions["sysmail.vault"]
    store_choice(session, bob.id, "none", 0, "html")
    about_account = post_account_mail(session, vault, bob, "reset", "http://x/reset/1")
    test = send_test(session, vault, 1, "bob@example.com")
    assert objection_to(session, desk, about_account) is None
    assert objection_to(session, desk, test) is None
    bob.active = False
    session.flush()
    assert objection_to(session, desk, about_account) == "disabled"


def test_each_delivery_is_asked_for_itself(
    session: Session,
    leads: App,
    alice: Person,
    bob: Person,
    eve: Person,
    happen: Happen,
    expand: Expand,
    desk: Composer,
) -> None:
    leads.is_open = True
    happen(alice, mentioned=(bob, eve))
    expand()
    store_choice(session, eve.id, "none", 3, "html")
    rows = session.execute(select(Delivery.person_id, desk.objection)).all()
    answers = {row.person_id: row[1] for row in rows}
    assert answers == {bob.id: None, eve.id: "switched_off"}
