"""One Postfix for all of these journeys, and an installation that trusts its authority."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from sysmail.people import Person
from sysmail.preferences import store_choice
from tests.support.instance import make_app
from tests.support.page import Page
from tests.support.postfix import Postfix


@pytest.fixture(scope="session")
def server() -> Iterator[Postfix]:
    with Postfix() as postfix:
        yield postfix


@pytest.fixture
def app(tmp_path: Path, server: Postfix) -> Flask:
    server.empty()
    return make_app(tmp_path / "instance", CA_FILE=server.ca_file)


@pytest.fixture
def page(app: Flask, alice: Person) -> Page:
    return Page(app).sign_in(alice)


@pytest.fixture
def follower(session: Session, alice: Person) -> Person:
    """Alice, who wants to hear of everything."""
    store_choice(session, alice.id, "all", 3, "html")
    session.commit()
    return alice
