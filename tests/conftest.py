"""Personas and instances: alice administers, bob is a member, eve has no rights."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from sysmail.db import db
from sysmail.people import Person, new_person
from tests.support.instance import make_app


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    return make_app(tmp_path / "instance")


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    with app.app_context():
        yield db.session()


def _person(session: Session, name: str, administrator: bool = False) -> Person:
    person = new_person(f"{name.lower()}@example.com", name, administrator)
    session.add(person)
    session.commit()
    return person


@pytest.fixture
def alice(session: Session) -> Person:
    return _person(session, "Alice", administrator=True)


@pytest.fixture
def bob(session: Session) -> Person:
    return _person(session, "Bob")


@pytest.fixture
def eve(session: Session) -> Person:
    return _person(session, "Eve")
