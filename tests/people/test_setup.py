"""The first administrator comes by a token that works once."""

from __future__ import annotations

import stat

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from sysmail import people
from sysmail.config import Config
from sysmail.people import Person

pytestmark = pytest.mark.both_engines


def _config(app: Flask) -> Config:
    config: Config = app.extensions["sysmail.config"]
    return config


def test_the_link_holds_a_private_token_that_stays_the_same(app: Flask, session: Session) -> None:
    config = _config(app)
    link = people.setup_link(config, session) or ""
    file = config.instance / "setup-token"
    assert link == f"{config.public_url}/setup?token={file.read_text().strip()}"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert people.setup_link(config, session) == link


def test_only_the_token_itself_opens(app: Flask, session: Session) -> None:
    config = _config(app)
    assert not people.is_setup_token(config, "")
    token = (people.setup_link(config, session) or "").rpartition("=")[2]
    assert people.is_setup_token(config, token)
    assert not people.is_setup_token(config, token[:-1])
    assert not people.is_setup_token(config, "é")


def test_set_up_makes_an_administrator_once_and_removes_the_token(
    app: Flask, session: Session
) -> None:
    config = _config(app)
    people.setup_link(config, session)
    first = people.set_up(session, config, "a@corp", "A", "hash")
    session.commit()
    assert isinstance(first, Person)
    assert first.is_administrator
    assert not (config.instance / "setup-token").exists()
    assert people.set_up(session, config, "b@corp", "B", "hash") is None
    assert people.setup_link(config, session) is None


def test_whoever_comes_second_with_the_same_token_gets_nothing(
    app: Flask, session: Session
) -> None:
    config = _config(app)
    people.setup_link(config, session)
    (config.instance / "setup-token").unlink()
    assert people.set_up(session, config, "a@corp", "A", "hash") is None
    assert not people.has_administrator(session)


def test_a_token_left_behind_goes_when_there_is_an_administrator(
    app: Flask, session: Session, alice: Person
) -> None:
    alice.password = "a hash"
    config = _config(app)
    (config.instance / "setup-token").write_text("old\n")
    assert people.setup_link(config, session) is None
    assert not (config.instance / "setup-token").exists()


def test_an_administrator_who_cannot_sign_in_does_not_close_the_link(
    app: Flask, session: Session, alice: Person
) -> None:
    assert alice.password is None
    assert people.setup_link(_config(app), session) is not None
