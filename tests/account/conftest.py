"""One call that saves settings as an administrator would."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from sysmail.account import Problems, Saved, Settings, current, save
from sysmail.audit import Actor
from sysmail.config import Config
from sysmail.vault import Vault

ALICE = Actor(1, "Alice")
TYPED: dict[str, Any] = {
    "mail_server": "external",
    "email_address": "portal@example.com",
    "smtp_host": "smtp.example.com",
    "smtp_port": "587",
    "encryption": "starttls",
    "use_smtp_auth": True,
    "account_name": "portal@example.com",
}
SECRET = "correct horse 電池"

Save = Callable[..., Saved | Problems]


@pytest.fixture
def config(app: Flask) -> Config:
    return cast(Config, app.extensions["sysmail.config"])


@pytest.fixture
def vault(app: Flask) -> Vault:
    return cast(Vault, app.extensions["sysmail.vault"])


@pytest.fixture
def saving(session: Session, vault: Vault, config: Config) -> Save:
    """Saves TYPED with the fields given; `version` is the current one unless given."""

    def call(version: int | None = None, **fields: Any) -> Saved | Problems:
        version = current(session).version if version is None else version
        outcome = save(session, vault, config, ALICE, Settings(**(TYPED | fields)), version)
        if isinstance(outcome, Saved):
            session.commit()
        else:
            session.rollback()
        return outcome

    return call
