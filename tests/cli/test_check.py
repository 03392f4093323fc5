"""flask mail-account test: what the check finds, without a page."""

from __future__ import annotations

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy.orm import Session

from sysmail.outbox import Delivery
from tests.support.post_office import use_server
from tests.support.smtpd import ScriptedSmtp

LOGIN = {"use_smtp_auth": True, "account_name": "portal@example.com", "password": "open sesame"}


@pytest.fixture
def server() -> ScriptedSmtp:
    return ScriptedSmtp(users={"portal@example.com": "open sesame"})


def _test(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(args=["mail-account", "test", *words])


def test_working_settings_show_every_step_and_send_nothing(
    app: Flask, session: Session, server: ScriptedSmtp
) -> None:
    with server:
        use_server(app, server, **LOGIN)
        done = _test(app, "--to", "bob@example.com")
        assert "RCPT TO:<bob@example.com>" in server.commands
        assert not [line for line in server.commands if line.startswith("DATA")]
    assert done.exit_code == 0, done.output
    steps = [line.split()[:2] for line in done.output.splitlines()[:8]]
    assert [step for step, _ in steps] == [
        *("resolve", "connect", "greeting", "ehlo", "tls", "auth", "sender", "recipient")
    ]
    assert {outcome for _, outcome in steps} == {"ok", "skipped"}
    assert done.output.splitlines()[-1] == "It works. No message was sent."
    assert session.query(Delivery).count() == 0


def test_a_refused_login_is_explained_and_is_exit_status_1(
    app: Flask, session: Session, server: ScriptedSmtp
) -> None:
    with server:
        use_server(app, server, **LOGIN | {"password": "wrong horse"})
        done = _test(app, "--transcript")
    assert done.exit_code == 1
    assert "auth       FAILED" in done.output
    assert "account name or password is wrong" in done.output
    assert "(login_rejected)" in done.output
    assert "Who must act: You, as administrator" in done.output
    assert "535" in done.output
    assert "C: AUTH CRAM-MD5" in done.output
    assert "wrong horse" not in done.output


def test_without_a_recipient_an_administrator_is_asked_about(
    app: Flask, session: Session, alice: object, server: ScriptedSmtp
) -> None:
    with server:
        use_server(app, server, **LOGIN)
        assert _test(app).exit_code == 0
        assert "RCPT TO:<alice@example.com>" in server.commands


def test_capturing_mail_needs_no_connection(app: Flask, session: Session) -> None:
    done = _test(app)
    assert done.exit_code == 0
    assert [line.split()[1] for line in done.output.splitlines()[:8]] == ["skipped"] * 8


def test_a_bad_recipient_is_refused_by_the_forms_rules(app: Flask, session: Session) -> None:
    done = _test(app, "--to", "nobody")
    assert done.exit_code == 1
    assert "--test-address: An e-mail address has an @" in done.stderr
