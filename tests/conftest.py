"""Personas and instances: alice administers, bob is a member, eve has no rights."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import settings
from sqlalchemy.orm import Session

from sysmail.db import db
from sysmail.people import Person, new_person
from tests.support.instance import make_app
from tests.support.postgres import Postgres

# The same examples in each run, however long they take; others: --hypothesis-profile=default.
settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile("steady")

ENGINES = ("sqlite", pytest.param("postgresql", marks=pytest.mark.xdist_group("postgres")))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test marked `both_engines` that reaches a database runs once on each."""
    marked = metafunc.definition.get_closest_marker("both_engines") is not None
    if marked and "database" in metafunc.fixturenames:
        metafunc.parametrize("database", ENGINES, indirect=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with Postgres() as server:
        yield server


@pytest.fixture
def database(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """The settings for make_app that name an empty migrated database; by default SQLite's."""
    if getattr(request, "param", "sqlite") == "sqlite":
        yield {}
        return
    with request.getfixturevalue("postgres").database() as url:
        yield {"DATABASE_URL": url}


@pytest.fixture
def app(tmp_path: Path, database: dict[str, str]) -> Flask:
    return make_app(tmp_path / "instance", **database)


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """Closed by its own hand: a restore takes it out of the registry, and nobody else closes it."""
    with app.app_context(), db.session() as opened:
        yield opened


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
