"""Log-ins by OAuth 2.0 that fail: the check, the test and the history name why, and never advise
about a password, since nobody typed one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from sysmail.people import Person
from tests.support import smtp_tls
from tests.support.checking import await_check, checks
from tests.support.instance import make_app
from tests.support.oauth_server import AuthorizationServer
from tests.support.page import Page
from tests.support.post_office import deliveries, work
from tests.support.smtpd import ScriptedSmtp
from tests.support.token_mail import NAME, application, mail_by_token

ACCOUNT = "/admin/system-mail"


@dataclass(frozen=True)
class Broken:
    """`breaks` takes the mail server and the authorization server; `tells` is what is read."""

    name: str
    cause: str
    tells: str
    breaks: Callable[[ScriptedSmtp, AuthorizationServer], Any]


def at_login(reply: str) -> Callable[[ScriptedSmtp, AuthorizationServer], Any]:
    return lambda mail, _granting: mail.script("auth", reply)


def at_grant(
    error: str, words: str = "", status: int = 400
) -> Callable[[ScriptedSmtp, AuthorizationServer], Any]:
    return lambda _mail, granting: granting.refuse(error, words, status)


def offering(*mechanisms: str) -> Callable[[ScriptedSmtp, AuthorizationServer], Any]:
    return lambda mail, _granting: setattr(mail.options, "mechanisms", mechanisms)


BROKEN = (
    Broken("google", "login_rejected", "use this mailbox with the token",
           at_login("535 5.7.8 Username and Password not accepted. For more information, go to "
                    "https://support.google.com/mail/?p=BadCredentials a1-gsmtp")),
    Broken("a token for another mailbox", "login_rejected", "use this mailbox with the token",
           lambda mail, _granting: setattr(mail.options, "accepts_token", lambda *_: False)),
    Broken("microsoft", "login_rejected", "use this mailbox with the token",
           at_login("535 5.7.3 Authentication unsuccessful [AM0PR01.prod.outlook.com]")),
    Broken("microsoft: smtp auth is off", "basic_login_disabled", "off for this mailbox",
           at_login("535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is "
                    "disabled for the Tenant.")),
    Broken("passwords only", "no_common_mechanism", "offers no log-in by OAuth 2.0",
           offering("PLAIN", "LOGIN")),
    Broken("no log-in at all", "auth_not_offered", "offers no log",
           lambda mail, _granting: setattr(mail.options, "mechanisms", ())),
    Broken("not a log-in after all", "login_required", "the token does not count as one",
           lambda mail, _granting: mail.script("mail", "530 5.7.57 Client not authenticated")),
    Broken("google wants a browser", "refused", "use this mailbox with the token",
           at_login("534 5.7.14 Please log in via your web browser and then try again. a1-gsmtp")),
    Broken("google asks for an app's own", "app_password_required",
           "use this mailbox with the token",
           at_login("534 5.7.9 Application-specific password required a1-gsmtp")),
    Broken("busy", "login_try_later", "at the moment",
           at_login("454 4.7.0 Temporary authentication failure")),
    Broken("the secret has expired", "authorization_refused",
           "client secret has expired",
           at_grant("invalid_client", "AADSTS7000222: The provided client secret keys for app "
                    "'11111111' are expired.", 401)),
    Broken("a wrong secret", "authorization_refused", "the client ID with this client secret",
           at_grant("invalid_client", "AADSTS7000215: Invalid client secret provided.", 401)),
    Broken("no sign-in service", "authorization_refused", "is no sign-in service",
           lambda _mail, granting: granting.answer(404)),
    Broken("a permission is missing", "authorization_refused", "permits it too little",
           at_grant("unauthorized_client", "AADSTS700016: Application was not found", 400)),
    Broken("a wrong scope", "authorization_refused", "(its scope)",
           at_grant("invalid_scope", "AADSTS70011: the scope is not valid")),
    Broken("the sign-in service is down", "authorization_unreachable", "cannot be reached",
           at_grant("temporarily_unavailable", "", 503)),
)  # fmt: skip
every = pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.name)


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


def _typed(page: Page, mail: ScriptedSmtp, granting: AuthorizationServer) -> dict[str, Any]:
    asked = "login_method=oauth&oauth_provider=other&oauth_grant=client_credentials"
    page.get(f"{ACCOUNT}/auth?use_smtp_auth=1&encryption=starttls&{asked}")
    return {
        "mail_server": "external",
        "email_address": NAME,
        "smtp_host": mail.host,
        "smtp_port": str(mail.port),
        "encryption": "starttls",
        **application(granting),
        "test_address": "bob@example.com",
    }


def _advice(page: Page) -> str:
    """What happened, who must act and what to do."""
    return page.one(".outcome-body").text


@every
def test_it_is_told_as_a_log_in_without_a_password(
    app: Flask,
    session: Session,
    alice: Person,
    broken: Broken,
    mail: ScriptedSmtp,
    granting: AuthorizationServer,
) -> None:
    broken.breaks(mail, granting)
    page = Page(app).sign_in(alice)
    typed = _typed(page, mail, granting)
    with checks(app) as runner:
        await_check(page.press("Check connection", **typed), runner)
    assert page.one("[data-outcome=failed]")["data-cause"] == broken.cause
    _assert_told(broken, _advice(page))
    page.press("Save", **typed)
    work(app)
    [test] = deliveries(session)
    assert test.cause == broken.cause
    page.get(page.url)
    _assert_told(broken, _advice(page))
    page.get(f"{ACCOUNT}/failures/{test.id}")
    _assert_told(broken, _advice(page))


def _assert_told(broken: Broken, text: str) -> None:
    assert broken.tells in text
    assert "No rule matched" not in text
    # What Google says itself, and the other way to log in that may be advised.
    said = ("Username and Password not accepted", "Application-specific password required")
    for known in (*said, "choose Password"):
        text = text.replace(known, "")
    assert "password" not in text.lower()
