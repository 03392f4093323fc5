"""Why did or didn't somebody get a mail? The chain, and the link of it that is red."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import time_machine
from flask import Flask
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from sysmail import clock, portal
from sysmail.account import Incident, note_trouble
from sysmail.events import Event
from sysmail.notifications import apply_choice, apply_record_mode, expand_next, post_account_mail
from sysmail.outbox import Attempt, Delivery, State, Worker, cancel_delivery
from sysmail.people import Person
from sysmail.portal import App, Comment, Membership, Record
from sysmail.preferences import Choice
from tests.support.page import Page
from tests.support.post_office import work
from tests.support.troubles import UNKNOWN_USER

LINKS = ["account", "address", "kind", "preference", "permission", "queue", "attempts"]
TO_BOB = "@[bob@example.com] look!"


class Desk:
    """alice looks at what happened to bob's mail about a comment of hers."""

    def __init__(self, app: Flask, session: Session, alice: Person, bob: Person) -> None:
        self.app, self.session, self.alice, self.bob = app, session, alice, bob
        place = portal.add_app(session, alice, "Leads", {bob.id})
        self.place: App = place
        self.record: Record = portal.add_record(session, alice, place, "ACME", "").thing
        session.add(Worker(id="w", boot_id="b", pid=7, started_at=clock.now(), seen_at=clock.now()))
        session.commit()

    def comment(self, text: str = TO_BOB, by: Person | None = None) -> None:
        portal.add_comment(self.session, by or self.alice, self.place, self.record, text)
        self.session.commit()

    def expand(self) -> None:
        while expand_next(self.session):
            self.session.commit()

    def event(self) -> Event:
        newest = select(Event).where(Event.kind == "comment_posted").order_by(Event.id.desc())
        return self.session.scalars(newest.limit(1)).one()

    def mail(self) -> Delivery:
        self.session.expire_all()
        return self.session.scalars(select(Delivery).order_by(Delivery.id.desc())).all()[0]

    def page(self) -> Page:
        self.session.commit()
        url = f"/admin/users/{self.bob.id}/mail/{self.event().id}"
        return Page(self.app).sign_in(self.alice).get(url)


def red(page: Page) -> dict[str, str]:
    """The links that are red, with their sentences."""
    links = page.select("[data-link]")
    assert [link["data-link"] for link in links] == LINKS
    return {
        link["data-link"]: link.text.removeprefix("This is where it ended. ")
        for link in links
        if link["data-outcome"] == "failed"
    }


def verdict(page: Page) -> tuple[str, str]:
    return page.one("[data-verdict]")["data-verdict"], page.one(".outcome-title").text


@pytest.fixture
def desk(app: Flask, session: Session, alice: Person, bob: Person) -> Desk:
    return Desk(app, session, alice, bob)


def test_a_mail_that_was_accepted_has_no_red_link(desk: Desk) -> None:
    desk.comment()
    work(desk.app)
    page = desk.page()
    assert red(page) == {}
    assert verdict(page) == ("sent", "Bob was sent this mail")
    assert "Bob was mentioned." in page.text


def test_a_mail_that_waits_its_turn_is_not_red(desk: Desk) -> None:
    desk.comment()
    desk.expand()
    page = desk.page()
    assert red(page) == {}
    assert verdict(page) == ("queued", "Bob has not been sent this mail yet")


def _mute(desk: Desk) -> None:
    apply_record_mode(desk.session, desk.bob, desk.record.id, "mute")
    desk.comment("Nobody in particular")


def _not_to_him(desk: Desk) -> None:
    desk.comment("Nobody in particular")


def _switched_off(desk: Desk) -> None:
    apply_choice(desk.session, desk.bob, Choice(receive="none"))
    desk.comment()


def _kind_off(desk: Desk) -> None:
    apply_choice(desk.session, desk.bob, Choice(receive="all", kinds=1))
    desk.comment()


def _his_own(desk: Desk) -> None:
    desk.comment("Mine", by=desk.bob)


def _disabled(desk: Desk) -> None:
    desk.comment()
    desk.bob.active = False


def _no_member(desk: Desk) -> None:
    desk.session.execute(delete(Membership).where(Membership.person_id == desk.bob.id))
    desk.comment()


def _no_member_any_more(desk: Desk) -> None:
    desk.comment()
    desk.expand()
    desk.session.execute(delete(Membership).where(Membership.person_id == desk.bob.id))
    desk.session.commit()
    work(desk.app)


def _deleted(desk: Desk) -> None:
    desk.comment()
    desk.expand()
    desk.session.execute(delete(Comment))


@pytest.mark.parametrize(
    ("happens", "link", "sentence"),
    [
        (_not_to_him, "preference", "Bob receives only what concerns them."),
        (_mute, "preference", "Bob has muted the record."),
        (_switched_off, "preference", "Bob receives no e-mail."),
        (_his_own, "preference", "Bob did it themselves."),
        (_kind_off, "kind", "Bob does not receive: A user posts a comment."),
        (_disabled, "account", "Bob is disabled: nothing is mailed."),
        (_no_member, "permission", "Bob may not see what it is about."),
        (_no_member_any_more, "permission", "Bob may not see what it is about."),
        (_deleted, "permission", "What it was about has been deleted."),
    ],
)
def test_the_red_link_says_what_stopped_it(
    desk: Desk, happens: Callable[[Desk], None], link: str, sentence: str
) -> None:
    happens(desk)
    desk.session.commit()
    desk.expand()
    page = desk.page()
    assert red(page) == {link: sentence}
    assert verdict(page) == ("failed", "Bob did not get this mail")


def test_a_paused_account_is_a_red_queue(desk: Desk) -> None:
    desk.comment()
    desk.expand()
    incident = Incident("config", "account", "login_rejected", "auth", "535 no", "smtp.a")
    note_trouble(desk.session, desk.app.extensions["sysmail.config"], incident, clock.now())
    page = desk.page()
    assert red(page) == {"queue": "The System Mail Account is paused, so the mail waits."}


def test_without_a_worker_the_queue_is_red(desk: Desk) -> None:
    desk.session.execute(delete(Worker))
    desk.comment()
    assert red(desk.page()) == {"queue": "Who is told is not worked out yet: no worker is running."}
    desk.expand()
    assert red(desk.page()) == {"queue": "No worker is running, so the mail waits."}


def test_what_an_administrator_cancelled_is_a_red_queue(desk: Desk) -> None:
    desk.comment()
    desk.expand()
    assert cancel_delivery(desk.session, desk.mail().id, desk.alice.actor)
    page = desk.page()
    assert red(page) == {"queue": "Withdrawn: an administrator cancelled the mail."}


def test_an_address_that_was_refused_is_red_with_the_servers_words(desk: Desk) -> None:
    desk.comment()
    desk.expand()
    mail = desk.mail()
    mail.state, mail.cause, mail.trouble_at = State.FAILED, "recipient_unknown", clock.now()
    desk.session.add(Attempt(delivery_id=mail.id, at=clock.now(), **UNKNOWN_USER))
    page = desk.page()
    assert set(red(page)) == {"address", "attempts"}
    assert "550 5.1.1 user unknown" in page.text
    page.click("The mail and all its tries").click("Why did or didn’t they get this mail?")
    assert page.title == "Why did or didn’t Bob get this mail?"


def test_a_summary_that_fills_is_where_it_waits(desk: Desk) -> None:
    apply_choice(desk.session, desk.bob, Choice(receive="all", frequency="daily"))
    desk.comment("Nobody in particular")
    desk.expand()
    page = desk.page()
    assert red(page) == {}
    assert "It waits in the summary that is filling." in page.text


def test_a_mail_about_ones_own_account_has_a_chain_too(
    desk: Desk, app: Flask, session: Session, bob: Person
) -> None:
    mail = post_account_mail(session, app.extensions["sysmail.vault"], bob, "reset", "http://x/1")
    session.commit()
    page = Page(app).sign_in(desk.alice).get(f"/admin/system-mail/failures/{mail.id}/why")
    assert red(page) == {}
    assert "cannot be switched off" in page.text
    session.execute(update(Delivery).values(person_id=None))
    session.commit()
    page.get(f"/admin/system-mail/failures/{mail.id}/why", status=404)


@pytest.mark.parametrize("htmx", [False, True])
def test_from_the_users_page_one_asks_about_what_never_came(desk: Desk, htmx: bool) -> None:
    _no_member(desk)
    desk.expand()
    page = Page(desk.app, htmx).sign_in(desk.alice).get(f"/admin/users/{desk.bob.id}")
    page.click("Why did or didn’t Bob get a mail?")
    assert page.title == "Mail to Bob"
    page.submit("about", about="http://elsewhere/", status=422)
    assert "not the address of a record" in page.one("#about-error").text
    address = f"https://x/apps/{desk.place.id}/records/{desk.record.id}?before=9#comment-1"
    page.submit("about", about=address)
    assert page.title == "Why did or didn’t Bob get this mail?"
    assert red(page) == {"permission": "Bob may not see what it is about."}


def test_the_list_of_a_person_leads_to_each_chain(desk: Desk) -> None:
    desk.comment()
    desk.expand()
    page = Page(desk.app).sign_in(desk.alice).get(f"/admin/users/{desk.bob.id}/mail")
    assert len(page.select("tr[data-event]")) == 2
    page.click("A comment was posted: “ACME”")
    assert verdict(page)[0] == "queued"


def test_the_chain_is_for_administrators_and_of_what_there_is(desk: Desk) -> None:
    desk.comment()
    desk.expand()
    base = f"/admin/users/{desk.bob.id}/mail"
    Page(desk.app).sign_in(desk.bob).get(f"{base}/{desk.event().id}", status=403)
    page = Page(desk.app).sign_in(desk.alice)
    for path in (f"{base}/99999", f"{base}/{'9' * 30}", f"/admin/users/{'9' * 30}/mail"):
        page.get(path, status=404)
    for number in ("99999", "9" * 30):
        page.get(f"/admin/system-mail/failures/{number}/why", status=404)


def test_quiet_hours_are_named_while_they_hold_the_mail(desk: Desk) -> None:
    night = Choice("all", quiet_from="22:00", quiet_until="07:00", timezone="UTC")
    with time_machine.travel(datetime(2026, 5, 4, 23, 0, tzinfo=UTC)):
        apply_choice(desk.session, desk.bob, night)
        desk.session.execute(update(Worker).values(seen_at=clock.now()))
        desk.comment()
        desk.expand()
        page = desk.page()
    assert "Bob has quiet hours: it goes when they end." in page.text
    assert red(page) == {}


def test_of_a_mail_that_is_not_kept_any_more_no_outcome_is_made_up(desk: Desk) -> None:
    desk.comment()
    desk.expand()
    desk.session.execute(delete(Delivery))
    for active in (True, False):
        desk.session.execute(update(Person).where(Person.id == desk.bob.id).values(active=active))
        page = desk.page()
        assert verdict(page)[0] == "withdrawn"
        assert "is not known any more" in page.text
        assert "not been tried" not in page.text
