"""flask mail-account: the form's rules, from a terminal."""

from __future__ import annotations

from typing import cast

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from sysmail.account import current, stored_password
from sysmail.outbox import Delivery
from sysmail.vault import Vault
from tests.support import smtp_tls

SECRET = "correct horse 電池 "
SERVER = ("--mail-server", "external", "--email-address", "portal@example.com")
HOST = (*SERVER, "--smtp-host", "smtp.example.com")
LOGIN = (*HOST, "--use-smtp-auth", "--account-name", "portal", "--password-stdin")


def _run(app: Flask, *words: str, typed: str = "") -> Result:
    return app.test_cli_runner().invoke(args=["mail-account", *words], input=typed)


def _stored(app: Flask, session: Session) -> str | None:
    session.expire_all()
    return stored_password(current(session), cast(Vault, app.extensions["sysmail.vault"]))


def test_an_external_account_is_set_with_its_usual_port(app: Flask, session: Session) -> None:
    done = _run(app, "set", *LOGIN, "--encryption", "ssl", typed=SECRET + "\r\n")
    assert done.exit_code == 0, done.output
    assert "begins or ends with a blank" in done.stderr
    assert _stored(app, session) == SECRET
    assert current(session).smtp_port == 465


@pytest.mark.parametrize(
    ("words", "is_on"),
    [
        (["--use-smtp-auth"], True),
        (["--use-smtp-auth", "1"], True),
        (["--use-smtp-auth=yes"], True),
        (["--use-smtp-auth", "no"], False),
        (["--no-use-smtp-auth"], False),
    ],
)
def test_a_tick_stands_alone_or_takes_a_value(
    app: Flask, session: Session, words: list[str], is_on: bool
) -> None:
    login = ("--account-name", "portal", "--password-stdin")
    done = _run(app, "set", *words, *HOST, *login, typed=SECRET)
    assert done.exit_code == 0, done.output
    assert current(session).use_smtp_auth is is_on


def test_what_is_not_given_stays(app: Flask, session: Session) -> None:
    _run(app, "set", *LOGIN, typed=SECRET)
    done = _run(app, "set", "--email-address", "other@example.com")
    assert done.exit_code == 0, done.output
    assert _stored(app, session) == SECRET
    assert (current(session).email_address, current(session).smtp_port) == (
        "other@example.com",
        587,
    )


def test_a_port_given_once_stays_when_the_encryption_changes(app: Flask, session: Session) -> None:
    _run(app, "set", *HOST, "--smtp-port", "2525")
    _run(app, "set", "--encryption", "ssl")
    assert (current(session).encryption, current(session).smtp_port) == ("ssl", 2525)


def test_wrong_values_are_named_on_stderr_and_nothing_is_stored(
    app: Flask, session: Session
) -> None:
    done = _run(app, "set", *SERVER, "--smtp-host", "a b", "--smtp-port", "0")
    assert done.exit_code == 1
    assert [line.split(":")[0] for line in done.stderr.splitlines()] == [
        "--smtp-host",
        "--smtp-port",
    ]
    assert current(session).version == 1


@pytest.mark.parametrize("field", ["--smtp-host", "--smtp-port", "--account-name"])
def test_another_server_asks_for_the_password_again(
    app: Flask, session: Session, field: str
) -> None:
    _run(app, "set", *LOGIN, typed=SECRET)
    done = _run(app, "set", field, "2525")
    assert done.exit_code == 1
    assert "--password: Enter the password again" in done.stderr or field == "--smtp-host"
    assert _stored(app, session) == SECRET


def test_fields_of_an_external_server_are_refused_for_the_built_in_one(app: Flask) -> None:
    done = _run(app, "set", "--smtp-host", "smtp.example.com")
    assert done.exit_code == 1
    assert "--mail-server external" in done.stderr


def test_the_name_of_the_greeting_is_set_shown_refused_and_taken_back(
    app: Flask, session: Session
) -> None:
    _run(app, "set", *HOST, "--helo-name", "portal.example.com")
    assert "helo-name            portal.example.com" in _run(app, "show").output
    done = _run(app, "set", "--helo-name", "my portal")
    assert done.exit_code == 1
    assert done.stderr.startswith("--helo-name: Enter a full host name")
    assert _run(app, "set", "--smtp-port", "2525").exit_code == 0
    session.expire_all()
    assert current(session).helo_name == "portal.example.com"
    assert _run(app, "set", "--helo-name", "").exit_code == 0
    session.expire_all()
    assert current(session).helo_name == ""


def test_the_password_can_be_removed(app: Flask, session: Session) -> None:
    _run(app, "set", *LOGIN, typed=SECRET)
    assert _run(app, "set", "--remove-password", "--no-use-smtp-auth").exit_code == 0
    assert _stored(app, session) is None


def test_show_never_shows_the_password(app: Flask) -> None:
    _run(app, "set", *LOGIN, typed=SECRET)
    shown = _run(app, "show").output
    assert SECRET.strip() not in shown
    lines = dict(line.split(maxsplit=1) for line in shown.splitlines() if " " in line)
    assert lines["password"] == "stored"
    assert lines["smtp-host"] == "smtp.example.com"
    assert lines["use-smtp-auth"] == "yes"
    assert lines["state"] == "active"


def test_a_test_address_queues_a_test(app: Flask, session: Session) -> None:
    done = _run(app, "set", *HOST, "--test-address", "bob@example.com")
    assert "bob@example.com" in done.output
    assert session.scalars(select(Delivery.kind)).all() == ["test"]


def test_trust_is_given_by_a_file_or_a_fingerprint_and_taken_back(
    app: Flask, session: Session
) -> None:
    _run(app, "set", *LOGIN, typed=SECRET)
    trust = ("--password-stdin", "--trust-ca-file", smtp_tls.ca_file())
    done = _run(app, "set", *trust, typed=SECRET)
    assert done.exit_code == 0, done.output
    session.expire_all()
    assert "BEGIN CERTIFICATE" in current(session).trust_ca
    assert "Testing CA" in _run(app, "show").output
    refused = _run(app, "set", "--no-trust", "--trust-fingerprint", "0")
    assert refused.exit_code == 1
    assert "--password: Enter the password again." in refused.stderr
    done = _run(app, "set", "--no-trust", "--password-stdin", typed=SECRET)
    assert done.exit_code == 0, done.output
    session.expire_all()
    assert current(session).trust_ca == ""


def test_an_oauth_log_in_is_set(app: Flask, session: Session) -> None:
    words = (
        *(*HOST, "--use-smtp-auth", "--account-name", "portal", "--login-method", "oauth"),
        *("--oauth-provider", "microsoft", "--oauth-grant", "client_credentials"),
        *("--tenant", "corp.example", "--client-id", "abc", "--client-secret-stdin"),
        *("--client-secret-expires-on", "2027-05-03"),
    )
    done = _run(app, "set", *words, typed="s3cret\n")
    assert done.exit_code == 0, done.output
    shown = _run(app, "show").output
    assert "client-secret-expires-on 2027-05-03" in shown
    assert "s3cret" not in shown
    assert "Nothing changed." in _run(app, "set", "--client-id", "abc").output
    refused = _run(app, "set", "--tenant", "evil.example")
    assert "--client-secret-stdin: Enter the client secret again." in refused.stderr
    asked = _run(app, "set", "--oauth-provider", "google", "--client-secret-stdin", typed="x")
    assert "One step is left" in asked.output
