"""Connection checks in each of their states, found with real servers, for looking at."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.account import Settings, current
from sysmail.diagnosis import Asking, ask_check, errand_of, examine
from sysmail.jobs import DONE, REPLACED, RUNNING, Job
from sysmail.people import Person
from tests.support.oauth_server import AuthorizationServer
from tests.support.smtpd import ScriptedSmtp

_ME = "portal@example.com"
_LOGIN: dict[str, Any] = {"use_smtp_auth": True, "account_name": _ME, "password": "secret"}


class _Told:
    def __init__(self) -> None:
        self.reports: list[dict[str, Any]] = []

    def write(self, report: dict[str, Any]) -> None:
        self.reports.append(report)

    def cancelled(self) -> bool:
        return False


def put_checks(app: Flask, session: Session, alice: Person) -> dict[str, int]:
    """Ids of the person's checks by name; made last, since a new one ends the one before."""
    vault, config = app.extensions["sysmail.vault"], app.extensions["sysmail.config"]
    asking = Asking(alice.actor, alice.email, vault, config)

    def check(server: ScriptedSmtp, **typed: Any) -> tuple[Job, list[dict[str, Any]]]:
        host, port = server.host, str(server.port)
        settings = Settings("external", _ME, host, port, **{"encryption": "starttls", **typed})
        job = ask_check(session, asking, settings, 1)
        assert isinstance(job, Job), job
        errand, told = errand_of(vault, job), _Told()
        assert errand is not None
        job.report = examine(errand, config, told).to_json()
        job.state, job.ended_at = DONE, clock.now()
        session.commit()
        return job, told.reports

    with ScriptedSmtp(users={_ME: "secret"}, tls="starttls", certificate="company") as server:
        untrusted, _ = check(server, **_LOGIN)
        mismatched, _ = check(server, encryption="ssl", **_LOGIN)
    with ScriptedSmtp(users={_ME: "secret"}) as server:
        fine, _ = check(server, encryption="plain", **_LOGIN)
        replaced, _ = check(server, encryption="plain", **_LOGIN)
        running, reports = check(server, encryption="plain", **_LOGIN)
        refused, left = (check(server, **typed)[0] for typed in _by_oauth())
    replaced.report = {REPLACED: True}
    running.report, running.state = reports[4], RUNNING
    session.commit()
    return {
        "check_untrusted": untrusted.id,
        "check_mismatched": mismatched.id,
        "check_ok": fine.id,
        "check_replaced": replaced.id,
        "check_running": running.id,
        "check_refused": refused.id,
        "check_left": left.id,
    }


def _by_oauth() -> Iterator[dict[str, Any]]:
    """A log-in whose token is refused, and one that a person has to consent to first."""
    with AuthorizationServer() as granting:
        granting.refuse("invalid_client", "AADSTS7000222: the secret has expired", 401)
        typed = _LOGIN | {"login_method": "oauth", "oauth_provider": "other"}
        typed |= {"client_id": "sysmail", "client_secret": "secret"}
        typed |= {"token_url": granting.token_url, "authorize_url": granting.authorize_url}
        for grant in ("client_credentials", "authorization_code"):
            yield {"encryption": "plain", "oauth_grant": grant, **typed}


def put_example_check(app: Flask, session: Session, alice: Person) -> int:
    """The id of a check that met the wrong encryption, as if it had been at smtp.example.com."""
    vault, config = app.extensions["sysmail.vault"], app.extensions["sysmail.config"]
    asking = Asking(alice.actor, alice.email, vault, config)
    settings = Settings("external", _ME, "smtp.example.com", "587", "ssl", **_LOGIN)
    job = ask_check(session, asking, settings, current(session).version)
    assert isinstance(job, Job), job
    errand = errand_of(vault, job)
    with ScriptedSmtp(tls="starttls") as server:
        assert errand is not None
        assert errand.endpoint is not None
        there = replace(errand.endpoint, host=server.host, port=server.port)
        found = examine(replace(errand, endpoint=there), config, _Told())
    said = json.dumps(found.to_json())
    for here, example in {**_EXAMPLES, str(server.port): "587"}.items():
        said = said.replace(here, example)
    job.report, job.state, job.ended_at = json.loads(said), DONE, clock.now()
    session.commit()
    return job.id


_EXAMPLES = {
    "localhost": "smtp.example.com",
    "127.0.0.1": "203.0.113.25",
    "::1": "2001:db8::25",
}
