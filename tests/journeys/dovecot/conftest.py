"""An authorization server, a Dovecot that asks it about tokens, and an installation."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from sysmail.people import Person
from tests.journeys.dovecot.steps import MECHANISMS, NAME, PASSWORD
from tests.support import smtp_tls
from tests.support.dovecot import Dovecot
from tests.support.instance import make_app
from tests.support.oauth_server import AuthorizationServer
from tests.support.page import Page


@pytest.fixture
def granting() -> Iterator[AuthorizationServer]:
    with AuthorizationServer() as server:
        yield server


@pytest.fixture
def dovecot(granting: AuthorizationServer) -> Iterator[Dovecot]:
    with Dovecot(
        {NAME: PASSWORD},
        tls="starttls",
        mechanisms=MECHANISMS,
        introspection_url=granting.introspection_url,
    ) as server:
        yield server


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    return make_app(tmp_path / "instance", CA_FILE=smtp_tls.ca_file())


@pytest.fixture
def page(app: Flask, alice: Person) -> Page:
    return Page(app).sign_in(alice)
