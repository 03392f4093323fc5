"""Pain 26 of EXPERIENCE: a user switched off by bounces, never told. Here they are told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.notifications import Notification, post_account_mail, try_address_again
from sysmail.outbox import Delivery
from sysmail.people import Person, edit_person
from sysmail.preferences import store_choice
from tests.support.page import Page
from tests.support.post_office import add_news, assert_balanced, deliveries, use_server, work
from tests.support.smtpd import ScriptedSmtp

pytestmark = pytest.mark.both_engines
UNKNOWN = "550 5.1.1 no such user"


@pytest.fixture
def server(app: Flask, session: Session, bob: Person) -> Iterator[ScriptedSmtp]:
    store_choice(session, bob.id, "all", 3, "text")
    with ScriptedSmtp() as server:
        use_server(app, server)
        yield server


def _happens(app: Flask, session: Session, by: Person, day: int = 0) -> str:
    """Something bob is told of, so many days from now; the state his mail ends in, or why none."""
    with time_machine.travel(clock.now().timestamp() + day * 86400):
        add_news(session, by, f"News {day}")
        work(app)
    session.expire_all()
    last = session.scalars(select(Notification).order_by(Notification.id.desc())).first()
    assert last is not None
    return last.skip or deliveries(session)[-1].state


def test_pain_26_two_refusals_on_different_days_flag_an_address_and_nothing_more_is_mailed_to_it(
    app: Flask, session: Session, alice: Person, bob: Person, server: ScriptedSmtp
) -> None:
    server.script("rcpt", UNKNOWN, when=lambda to: "bob" in to)
    assert _happens(app, session, alice) == "failed"
    assert _happens(app, session, alice) == "failed"
    session.refresh(bob)
    assert bob.bouncing_since is None
    assert _happens(app, session, alice, day=1) == "failed"
    session.refresh(bob)
    assert bob.bouncing_since is not None
    assert _happens(app, session, alice, day=2) == "bouncing"
    assert_balanced(session)


def test_what_waits_for_a_bouncing_address_is_withdrawn_but_account_mail_still_goes(
    app: Flask, session: Session, alice: Person, bob: Person, server: ScriptedSmtp
) -> None:
    server.script("rcpt", "450 4.2.1 try later", when=lambda to: "bob" in to)
    assert _happens(app, session, alice) == "queued"
    bob.refused_on, bob.bouncing_since = clock.now().date(), clock.now()
    session.commit()
    server.honest("rcpt")
    with time_machine.travel(clock.now().timestamp() + 3600):
        work(app)
    [mail] = deliveries(session)
    assert (mail.state, mail.reason) == ("withdrawn", "bouncing")
    post_account_mail(session, app.extensions["sysmail.vault"], bob, "password_changed")
    session.commit()
    work(app)
    assert server.wait_for(1)[0].rcpt_to == ("bob@example.com",)
    session.refresh(bob)
    assert [bob.bouncing_since, bob.refused_on] == [None, None]
    assert_balanced(session)


def test_a_success_between_two_refusals_starts_anew(
    app: Flask, session: Session, alice: Person, bob: Person, server: ScriptedSmtp
) -> None:
    refuse = server.script
    refuse("rcpt", UNKNOWN, when=lambda to: "bob" in to)
    assert _happens(app, session, alice) == "failed"
    server.honest("rcpt")
    assert _happens(app, session, alice, day=1) == "sent"
    refuse("rcpt", UNKNOWN, when=lambda to: "bob" in to)
    assert _happens(app, session, alice, day=2) == "failed"
    session.refresh(bob)
    assert bob.bouncing_since is None


def test_refusals_that_are_not_about_the_address_flag_nobody(
    app: Flask, session: Session, alice: Person, bob: Person, server: ScriptedSmtp
) -> None:
    server.script("dot", "554 5.6.0 not this content")
    for day in (0, 1):
        assert _happens(app, session, alice, day) == "failed"
    session.refresh(bob)
    assert (bob.refused_on, bob.bouncing_since) == (None, None)


def test_a_changed_address_or_another_try_clears_it(session: Session, bob: Person) -> None:
    def flag() -> None:
        bob.refused_on, bob.bouncing_since = clock.now().date(), clock.now()
        session.commit()

    flag()
    try_address_again(session, bob, bob.actor)
    session.commit()
    assert bob.bouncing_since is None
    flag()
    assert edit_person(session, bob.actor, bob, "bob@new.example", bob.name) is None
    assert (bob.bouncing_since, bob.refused_on) == (None, None)


@pytest.mark.parametrize("htmx", [False, True])
def test_pain_26_who_is_switched_off_by_bounces_is_told_on_every_page_and_can_try_again(
    app: Flask, session: Session, bob: Person, htmx: bool
) -> None:
    page = Page(app, htmx=htmx).sign_in(bob).get("/")
    assert not page.root.select("[data-bouncing]")
    bob.refused_on, bob.bouncing_since = clock.now().date(), clock.now()
    session.commit()
    page.get("/")
    assert "nobody can be reached at bob@example.com" in page.one("[data-bouncing]").text
    page.click("Change the address")
    assert page.title == "Your e-mail address"
    page.get("/").submit("/settings/address/again")
    assert "Mail goes to bob@example.com again" in page.text
    assert not page.get("/").root.select("[data-bouncing]")


def test_administrators_see_the_list_of_them(
    app: Flask, session: Session, alice: Person, bob: Person, eve: Person
) -> None:
    page = Page(app).sign_in(alice).get("/admin/users")
    assert "refuse" not in page.text
    bob.refused_on, bob.bouncing_since = clock.now().date(), clock.now()
    session.commit()
    page.get("/admin/users").click("1 address refuses mail")
    assert "bob@example.com" in page.one("#people").text
    assert "eve@example.com" not in page.one("#people").text
    page.click("Bob").submit(f"/admin/users/{bob.id}/mail")
    assert "Mail goes to bob@example.com again" in page.text
    assert session.scalar(select(Delivery.id)) is None
