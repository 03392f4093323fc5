"""Check connection with an OAuth log-in just typed: a token for the check alone, none kept."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from sysmail import clock
from sysmail.account import Authorization, Granted, TokenKeeper, current
from sysmail.account.authorization import keep_consent
from sysmail.db import db
from sysmail.jobs import Job, JobRunner
from sysmail.people import Person
from tests.support import smtp_tls
from tests.support.checking import await_check, checks
from tests.support.instance import make_app
from tests.support.oauth_server import AuthorizationServer
from tests.support.page import Page
from tests.support.ports import closed_port
from tests.support.smtpd import ScriptedSmtp
from tests.support.token_mail import NAME, application, mail_by_token

ACCOUNT = "/admin/system-mail"


@pytest.fixture
def app(tmp_path: Path, database: dict[str, str]) -> Flask:
    return make_app(tmp_path / "instance", CA_FILE=smtp_tls.ca_file(), **database)


@pytest.fixture
def granting() -> Iterator[AuthorizationServer]:
    with AuthorizationServer() as server:
        yield server


@pytest.fixture
def mail(granting: AuthorizationServer) -> Iterator[ScriptedSmtp]:
    with mail_by_token(granting, tls="starttls") as server:
        yield server


@pytest.fixture
def runner(app: Flask) -> Iterator[JobRunner]:
    with checks(app) as runner:
        yield runner


@pytest.fixture
def page(app: Flask, alice: Person) -> Page:
    return Page(app).sign_in(alice)


@pytest.fixture
def typed(mail: ScriptedSmtp, granting: AuthorizationServer) -> dict[str, Any]:
    return {
        "mail_server": "external",
        "email_address": NAME,
        "smtp_host": mail.host,
        "smtp_port": str(mail.port),
        "encryption": "starttls",
        **application(granting),
    }


def _form(page: Page, grant: str = "client_credentials") -> Page:
    asked = f"login_method=oauth&oauth_provider=other&oauth_grant={grant}"
    return page.get(f"{ACCOUNT}/auth?use_smtp_auth=1&encryption=starttls&{asked}")


def _check(page: Page, runner: JobRunner, typed: dict[str, Any], **changes: Any) -> Page:
    return await_check(_form(page).press("Check connection", **typed | changes), runner)


def _again(page: Page, typed: dict[str, Any], check: str, **changes: Any) -> int:
    """Checks once more with a blank client secret that may stand for that of `check`."""
    token = page.select('[name="csrf_token"]')[0]["value"]
    chosen = {"login_method": "oauth", "oauth_provider": "other", "use_smtp_auth": "y"}
    chosen |= {"oauth_grant": "client_credentials", "check": check, "csrf_token": token}
    fields = typed | chosen | {"client_secret": ""} | changes
    return page.send("POST", f"{ACCOUNT}/check", data=fields).status_code


def _outcomes(page: Page) -> dict[str, str]:
    return {e["data-step"]: e["data-outcome"] for e in page.select("[data-step]")}


def _state(page: Page) -> str:
    return page.one("#check")["data-check-state"]


@pytest.fixture
def checked(page: Page, runner: JobRunner, typed: dict[str, Any]) -> str:
    """The number of a check that went well, with the page at its outcome."""
    _check(page, runner, typed)
    return str(page.one('[name="check"]')["value"])


@pytest.mark.both_engines
def test_a_typed_log_in_is_tried_with_a_token_that_nobody_keeps(
    page: Page,
    checked: str,
    session: Session,
    granting: AuthorizationServer,
    mail: ScriptedSmtp,
) -> None:
    assert _state(page) == "ok"
    assert set(_outcomes(page).values()) == {"ok"}
    login = page.one("[data-step=auth]").text
    assert f"Token from {granting.token_url.split('/')[2]}: granted" in login
    assert login.count(" ms") == 2
    assert "The mail server takes the token." in login
    assert (mail.logins, len(granting.asked), mail.ledger) == (1, 1, [])
    assert granting.client_secret not in page.response.text
    assert session.scalar(select(func.count(Authorization.account_id))) == 0
    assert current(session).client_secret_sealed is None
    report = session.scalar(select(Job.report).where(Job.id == int(checked)))
    assert not any(granting.knows(word) for word in str(report).replace("'", " ").split())


def test_save_goes_on_from_the_check_without_the_secret_typed_again(
    page: Page, app: Flask, checked: str, session: Session, granting: AuthorizationServer
) -> None:
    assert "The client secret typed for the check is still known." in page.text
    page.press("Save")
    assert "Saved." in page.text
    config, vault = app.extensions["sysmail.config"], app.extensions["sysmail.vault"]
    assert TokenKeeper(sessionmaker(db.engine), vault, config).look()
    assert granting.asked[-1]["client_secret"] == granting.client_secret


@pytest.mark.parametrize(
    ("error", "cause", "sentence"),
    [
        ("invalid_client", "authorization_refused", "client secret has expired"),
        ("temporarily_unavailable", "authorization_unreachable", "cannot be reached at the moment"),
    ],
)
def test_a_refused_token_fails_the_login_with_its_cause_and_the_servers_words(
    page: Page,
    runner: JobRunner,
    typed: dict[str, Any],
    granting: AuthorizationServer,
    mail: ScriptedSmtp,
    error: str,
    cause: str,
    sentence: str,
) -> None:
    granting.refuse(error, "AADSTS7000222: <b>expired</b>", 401)
    _check(page, runner, typed)
    failed = page.one("[data-step=auth]")
    assert (failed["data-outcome"], failed["data-cause"]) == ("failed", cause)
    assert "not granted" in failed.text
    assert sentence in page.one("#check").text
    assert f"{error}: AADSTS7000222: <b>expired</b>" in page.one("#check .words").text
    assert _outcomes(page)["sender"] == "skipped"
    assert mail.login_attempts == 0


def test_a_sign_in_service_that_does_not_answer_is_given_up_with_the_time_of_the_phase(
    page: Page,
    runner: JobRunner,
    typed: dict[str, Any],
    granting: AuthorizationServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    over = threading.Event()
    monkeypatch.setattr(granting, "token", lambda asked: (200 + 300 * over.wait(9), b"", {}))
    _check(page, runner, typed)
    over.set()
    assert page.one("[data-step=auth]")["data-cause"] == "authorization_unreachable"
    assert "no answer in time" in page.text


def test_a_token_that_the_mail_server_does_not_take_is_a_refused_login(
    page: Page, runner: JobRunner, typed: dict[str, Any], mail: ScriptedSmtp
) -> None:
    mail.options.accepts_token = lambda name, token: False
    _check(page, runner, typed)
    failed = page.one("[data-step=auth]")
    assert failed["data-cause"] == "login_rejected"
    assert "granted" in failed.text
    assert "use this mailbox with the token" in page.text
    assert "password is wrong" not in page.text


@pytest.mark.parametrize(
    "changes",
    [{}, {"smtp_port": "2525"}, {"email_address": "news@example.com"}, {"oauth_scope": "mail"}],
)
def test_port_sender_and_scope_may_change_without_typing_the_secret_again(
    page: Page, checked: str, typed: dict[str, Any], changes: dict[str, str]
) -> None:
    assert _again(page, typed, checked, **changes) == 303


@pytest.mark.parametrize(
    "changes",
    [
        {"smtp_host": "mail.localhost"},
        {"account_name": "admin@example.com"},
        {"encryption": "plain"},
        {"trust_fingerprint": "ab" * 32},
        {"client_id": "another"},
        {"token_url": f"http://127.0.0.1:{closed_port()}/token"},
        {"oauth_grant": "authorization_code", "authorize_url": "https://login.example.com/a"},
        {"remove_client_secret": "y"},
    ],
)
def test_another_host_name_trust_client_address_or_plain_ask_for_the_secret(
    page: Page,
    checked: str,
    typed: dict[str, Any],
    granting: AuthorizationServer,
    runner: JobRunner,
    changes: dict[str, str],
) -> None:
    answered = _again(page, typed, checked, **changes)
    if "authorize_url" in changes:
        # There a secret is not demanded, so the check goes without one, up to the consent.
        assert answered == 303
        page.get(f"{ACCOUNT}/checks/{int(checked) + 1}")
        assert _state(await_check(page, runner)) == "ok"
    else:
        assert answered == 422
    assert len(granting.asked) == 1


def test_somebody_elses_check_or_one_of_a_quarter_of_an_hour_ago_gives_no_secret_away(
    app: Flask, page: Page, bob: Person, session: Session, checked: str, typed: dict[str, Any]
) -> None:
    bob.is_administrator = True
    session.commit()
    assert _again(Page(app).sign_in(bob).get(ACCOUNT), typed, checked) == 422
    with time_machine.travel(clock.now() + timedelta(minutes=15, seconds=1), tick=True):
        assert _again(page.get(ACCOUNT), typed, checked) == 422


def test_the_reason_why_the_secret_is_asked_again_is_told(
    page: Page, checked: str, typed: dict[str, Any]
) -> None:
    page.press("Save", status=422, client_id="another")
    assert (
        "The one typed for the check belongs to the mail server"
        in page.one("#client_secret-error").text
    )


def test_the_secret_is_sealed_while_it_waits(
    page: Page, checked: str, app: Flask, granting: AuthorizationServer, database: dict[str, str]
) -> None:
    values = db.session.scalar(select(Job.values).where(Job.id == int(checked)))
    assert values
    assert granting.client_secret not in values


# Where a person consents.


def _for_person(page: Page, typed: dict[str, Any], granting: AuthorizationServer) -> Page:
    _form(page, "authorization_code")
    return page.press("Check connection", **typed | {"authorize_url": granting.authorize_url})


def test_a_persons_consent_comes_after_save_so_the_check_ends_before_the_login(
    page: Page,
    runner: JobRunner,
    typed: dict[str, Any],
    granting: AuthorizationServer,
    mail: ScriptedSmtp,
) -> None:
    await_check(_for_person(page, typed, granting), runner)
    assert _state(page) == "ok"
    left_out = [step for step, outcome in _outcomes(page).items() if outcome == "skipped"]
    assert left_out == ["auth", "sender", "recipient"]
    assert "a person consents to it after you click Save" in page.one("[data-step=auth]").text
    assert "It works" not in page.text
    assert (granting.asked, mail.login_attempts) == ([], 0)


def _consented(app: Flask, session: Session, granting: AuthorizationServer) -> None:
    token = granting.token({"grant_type": "client_credentials", **_client(granting)})[1].decode()
    access = token.split('"access_token": "')[1].split('"')[0]
    granted = Granted(access, timedelta(hours=1), "rt-1")
    keep_consent(session, app.extensions["sysmail.vault"], granted, "Alice")
    session.commit()


def _client(granting: AuthorizationServer) -> dict[str, str]:
    return {"client_id": granting.client_id, "client_secret": granting.client_secret}


@pytest.mark.both_engines
def test_what_was_granted_is_used_for_the_stored_settings_and_for_no_others(
    app: Flask,
    page: Page,
    session: Session,
    runner: JobRunner,
    typed: dict[str, Any],
    granting: AuthorizationServer,
    mail: ScriptedSmtp,
) -> None:
    _form(page, "authorization_code")
    page.press("Save", **typed | {"authorize_url": granting.authorize_url})
    session.expire_all()
    _consented(app, session, granting)
    page.get(ACCOUNT).press("Check connection", email_address="news@example.com")
    assert _outcomes(await_check(page, runner))["auth"] == "ok"
    assert "Token from" not in page.text
    assert mail.logins == 1
    page.get(ACCOUNT).press("Check connection", client_secret="another")
    assert _outcomes(await_check(page, runner))["auth"] == "skipped"
    page.get(ACCOUNT).press("Check connection", account_name="x@example.com", status=422)
    assert mail.logins == 1


def test_a_token_that_ended_is_left_to_the_worker(
    app: Flask,
    page: Page,
    session: Session,
    runner: JobRunner,
    typed: dict[str, Any],
    granting: AuthorizationServer,
) -> None:
    _form(page, "authorization_code")
    page.press("Save", **typed | {"authorize_url": granting.authorize_url})
    session.expire_all()
    _consented(app, session, granting)
    session.get_one(Authorization, 1).access_token_expires_at = clock.now()
    session.commit()
    await_check(page.get(ACCOUNT).press("Check connection"), runner)
    assert "The worker fetches a new one" in page.one("[data-step=auth]").text
    assert len(granting.asked) == 1


# Removing the stored secret.


def _password_form(page: Page) -> Page:
    return page.get(f"{ACCOUNT}/auth?use_smtp_auth=1&login_method=password")


@pytest.mark.both_engines
def test_the_stored_secret_is_removed_and_what_follows_is_said(
    page: Page, session: Session, checked: str
) -> None:
    page.press("Save")
    page.get(ACCOUNT)
    assert "To log in as an application, enter another one above" in page.text
    page.press("Save", status=422, remove_client_secret=True)
    assert [e["id"] for e in page.select(".field-error")] == ["client_secret-error"]
    _password_form(page).press("Save", password="hunter22", remove_client_secret=True)
    session.expire_all()
    account = current(session)
    assert (account.client_secret_sealed, account.client_secret_changed_by) == (None, "")
    assert not page.get(ACCOUNT).select('[name="remove_client_secret"]')
    assert "The client secret was removed." in page.get("/admin/audit-log").text


def test_a_secret_left_from_an_earlier_log_in_can_be_removed_beside_the_password(
    page: Page, session: Session, checked: str
) -> None:
    page.press("Save")
    _password_form(page).press("Save", password="hunter22")
    session.expire_all()
    assert current(session).client_secret_sealed
    page.get(ACCOUNT).press("Save", remove_client_secret=True)
    session.expire_all()
    account = current(session)
    assert (account.client_secret_sealed, bool(account.password_sealed)) == (None, True)
