"""Events to expand and mails to read, without a portal or a worker around them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.events import COMMENT_POSTED, Event, Kind, Snapshot, Subject, publish
from sysmail.notifications import composer, expand_next
from sysmail.outbox import Claimant, Claimed, Composer, Delivery, State, claim
from sysmail.people import Person, ensure_installation
from sysmail.portal import App, Comment, Membership, Record
from tests.notifications.reading import TEXT, TITLE, Read, told_of


@pytest.fixture
def leads(session: Session, alice: Person, bob: Person) -> App:
    """A closed app that bob may see as a member, alice as an administrator, eve not at all."""
    leads = App(name="Leads", is_open=False, created_at=clock.now(), created_by=alice.id)
    session.add(leads)
    session.flush()
    session.add(Membership(app_id=leads.id, person_id=bob.id))
    session.commit()
    return leads


@pytest.fixture
def record(session: Session, leads: App, alice: Person) -> Record:
    now = clock.now()
    record = Record(
        app_id=leads.id,
        title=TITLE,
        body="",
        created_at=now,
        created_by=alice.id,
        updated_at=now,
        updated_by=alice.id,
    )
    session.add(record)
    session.commit()
    return record


@pytest.fixture
def happen(session: Session, record: Record) -> Callable[..., Event]:
    """Publishes an event about the record, by default a comment of `by`."""

    def published(
        by: Person,
        kind: Kind = COMMENT_POSTED,
        mentioned: tuple[Person, ...] = (),
        **values: object,
    ) -> Event:
        comment_id = None
        if kind is COMMENT_POSTED:
            now = clock.now()
            comment = Comment(record_id=record.id, text=TEXT, created_at=now, created_by=by.id)
            session.add(comment)
            session.flush()
            comment_id = comment.id
        snapshot = told_of(by.name, [person.id for person in mentioned])
        subject = Subject(record.app_id, record.id, comment_id)
        event = publish(session, kind, by.id, subject, Snapshot({**snapshot, **values}))
        session.commit()
        return event

    return published


@pytest.fixture
def expand(session: Session) -> Callable[..., list[Delivery]]:
    """Expands all there is; the deliveries of the last event."""

    def expanded(slice_size: int = 5000) -> list[Delivery]:
        while expand_next(session, slice_size):
            session.commit()
        last = select(Event.id).order_by(Event.id.desc()).limit(1).scalar_subquery()
        made = select(Delivery).where(Delivery.event_id == last).order_by(Delivery.person_id)
        return list(session.scalars(made))

    return expanded


@pytest.fixture
def desk(app: Flask, session: Session) -> Composer:
    vault = app.extensions["sysmail.vault"]
    ensure_installation(session, vault)
    session.commit()
    return composer(app.extensions["sysmail.config"], vault)


@pytest.fixture
def take(session: Session, desk: Composer) -> Callable[[Delivery], Claimed]:
    """Claims a delivery as a worker does, again if it was claimed before."""

    def taken(delivery: Delivery) -> Claimed:
        delivery.state = State.QUEUED
        session.flush()
        claims = claim(session, Claimant("worker", 3), desk, 100)
        session.refresh(delivery)
        return next(found for found in claims.deliveries if found.id == delivery.id)

    return taken


@pytest.fixture
def prepare(
    session: Session, desk: Composer, take: Callable[[Delivery], Claimed]
) -> Callable[[Delivery], object]:
    return lambda delivery: desk.prepare(session, [take(delivery)])[0]


@pytest.fixture
def read(prepare: Callable[[Delivery], object]) -> Callable[[Delivery], Read]:
    return lambda delivery: Read(prepare(delivery))
