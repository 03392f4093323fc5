"""What nobody wants or may have any more is withdrawn at once, not when its turn comes."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from sysmail.notifications import expand_next, ledger
from sysmail.outbox import Delivery, State
from sysmail.people import Person
from tests.support.page import Page
from tests.support.post_office import add_news, add_people, deliveries


@pytest.fixture
def page(app: Flask, alice: Person) -> Page:
    page = Page(app)
    page.sign_in(alice)
    return page


@pytest.fixture
def queued(session: Session, alice: Person) -> list[Delivery]:
    add_people(session, 2)
    add_news(session, alice)
    while expand_next(session):
        session.commit()
    session.commit()
    return [d for d in deliveries(session) if d.state == State.QUEUED]


def reasons(session: Session) -> list[str | None]:
    session.expire_all()
    withdrawn = select(Delivery.reason).where(Delivery.state == State.WITHDRAWN)
    return list(session.scalars(withdrawn))


@pytest.mark.parametrize("thing", ["/apps/1/records/1/deletion", "/apps/1/deletion"])
def test_deleting_a_thing_withdraws_its_mail(
    session: Session, page: Page, queued: list[Delivery], thing: str
) -> None:
    assert len(queued) == 2
    page.get(thing)
    page.submit(page.form(thing))
    assert reasons(session) == ["deleted", "deleted"]
    assert ledger(session).difference == 0


def test_disabling_a_person_withdraws_their_mail_alone(
    session: Session, page: Page, queued: list[Delivery]
) -> None:
    person = queued[0].person_id
    page.get(f"/admin/users/{person}")
    page.submit(page.form(f"/admin/users/{person}/disabled"))
    assert reasons(session) == ["disabled"]


def test_choosing_nothing_withdraws_what_waits(
    app: Flask, session: Session, queued: list[Delivery]
) -> None:
    person = session.get_one(Person, queued[0].person_id)
    page = Page(app)
    page.sign_in(person)
    page.get("/settings/notifications")
    page.submit(page.form("/settings/notifications"), receive="none")
    assert reasons(session) == ["switched_off"]
