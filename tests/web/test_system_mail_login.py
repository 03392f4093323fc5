"""Trust and the OAuth log-in on the page: folded away, then the whole way to a token."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from flask import Flask
from sqlalchemy.orm import Session, sessionmaker

from sysmail.account import CONSENT_JOB, current, exchanging, stored_password
from sysmail.db import db
from sysmail.jobs import JobRunner
from sysmail.people import Person
from tests.support import smtp_tls
from tests.support.oauth_server import AuthorizationServer
from tests.support.page import Page

URL = "/admin/system-mail"
ME = "portal@example.com"
COMPANY = smtp_tls.authority().cert_pem.bytes().decode()
TYPED: dict[str, Any] = {
    "mail_server": "external",
    "email_address": "portal@example.com",
    "smtp_host": "smtp.example.com",
    "smtp_port": "587",
    "encryption": "starttls",
    "account_name": "portal@example.com",
}


@pytest.fixture(params=[False, True], ids=["plain", "htmx"])
def page(request: pytest.FixtureRequest, app: Flask, alice: Person) -> Page:
    return Page(app, htmx=request.param).sign_in(alice)


@pytest.fixture
def server() -> Iterator[AuthorizationServer]:
    with AuthorizationServer() as server:
        yield server


def _with_login(page: Page) -> Page:
    page.get(URL)
    if page.htmx:
        return page.change("use_smtp_auth", True)
    return page.press("Show the fields for them")


def _choose(page: Page, **choices: str) -> Page:
    """Each choice shows the fields that go with it: as htmx at once, plain by a link."""
    for name, value in choices.items():
        if page.htmx:
            page.change(name, value)
    if not page.htmx:
        page.get(f"{URL}/auth?{urlencode({'use_smtp_auth': 1, **choices})}")
    return page


def _asked_fields(page: Page) -> set[str]:
    shown = page.one("#auth").select("input")
    return {e["name"] for e in shown if e["type"] not in ("hidden", "radio")}


def _seen(page: Page) -> str:
    """The page's forms and text, with what is folded away left out."""
    return " ".join(page.text.split())


def test_a_newcomer_is_asked_for_a_password_alone(page: Page) -> None:
    _with_login(page)
    assert _asked_fields(page) == {"account_name", "password"}
    folded = [e for e in page.select("details") if e.get("class") == "more"]
    assert len(folded) == 3
    assert not [e for e in folded if "open" in e]


@pytest.mark.parametrize(
    ("choices", "fields"),
    [
        ({"oauth_provider": "microsoft"}, {"tenant"}),
        ({"oauth_provider": "google"}, set()),
        ({"oauth_provider": "other"}, {"token_url", "oauth_scope"}),
        (
            {"oauth_provider": "other", "oauth_grant": "authorization_code"},
            {"authorize_url", "token_url", "oauth_scope"},
        ),
    ],
)
def test_each_provider_asks_for_what_it_needs(
    page: Page, choices: dict[str, str], fields: set[str]
) -> None:
    _with_login(page)
    _choose(page, login_method="oauth", **choices)
    always = {"account_name", "client_id", "client_secret", "client_secret_expires_on"}
    assert _asked_fields(page) == always | fields


def test_what_was_typed_stays_when_another_choice_shows_other_fields(
    app: Flask, alice: Person
) -> None:
    page = _with_login(Page(app, htmx=True).sign_in(alice))
    _choose(page, login_method="oauth").change("client_id", "abc").change("tenant", "corp")
    page.change("oauth_grant", "authorization_code")
    assert page.one('[name="client_id"]')["value"] == "abc"
    assert page.one('[name="tenant"]')["value"] == "corp"
    assert f"{page.app.extensions['sysmail.config'].public_url}/admin" in page.text


def test_without_javascript_too_what_was_typed_stays_and_nothing_is_saved(
    app: Flask, alice: Person, session: Session
) -> None:
    page = Page(app).sign_in(alice).get(URL)
    typed = {**TYPED, "trust_ca": "typed here", "test_address": "bob@example.com"}
    page.press(
        "Show the fields for them", **{k: v for k, v in typed.items() if k != "account_name"}
    )
    page.press("Show the fields for OAuth 2.0", account_name=ME, password="hunter22")
    page.press(
        "Show the fields that go with another choice",
        oauth_provider="other",
        client_id="abc",
        client_secret="s3cret",
        encryption="ssl",
    )
    page.press("Use port 465", token_url="https://login.example.com/token")
    shown = {e["name"]: e.get("value") for e in page.form("account-form").select("input")}
    kept = {"smtp_host", "email_address", "account_name", "test_address"}
    assert {name: shown[name] for name in kept} == {name: typed[name] for name in kept}
    assert (shown["smtp_port"], shown["client_id"]) == ("465", "abc")
    assert shown["token_url"] == "https://login.example.com/token"
    assert page.one('[name="trust_ca"]').text == "typed here"
    assert not [secret for secret in ("hunter22", "s3cret") if secret in page.response.text]
    assert current(session).mail_server == "builtin"


def test_enter_saves_though_other_buttons_come_before(page: Page) -> None:
    buttons = _with_login(page).form("account-form").select("button")
    assert (buttons[0].text, "formaction" in buttons[0]) == ("Save", False)


def test_a_log_in_as_an_application_is_saved_and_its_secret_never_shown(
    page: Page, app: Flask, session: Session
) -> None:
    _choose(_with_login(page), login_method="oauth", oauth_provider="microsoft")
    fields = {"tenant": "corp.example", "client_id": "abc", "client_secret": "s3cret"}
    page.submit("mail_server", **TYPED, **fields, use_smtp_auth=True)
    assert "Saved." in page.text
    assert "s3cret" not in page.response.text
    assert "A client secret is stored (changed" in page.text
    assert "The worker is about to fetch a token." in page.text
    account = current(session)
    assert (account.login_method, account.oauth_provider) == ("oauth", "microsoft")
    page.submit("mail_server", email_address="other@example.com")
    assert "Saved." in page.text


def test_missing_fields_are_named_and_the_secret_is_not_sent_back(page: Page) -> None:
    _choose(_with_login(page), login_method="oauth", oauth_provider="microsoft")
    fields = {"tenant": "", "client_id": "", "client_secret": "s3cret"}
    page.submit("mail_server", status=422, **TYPED, **fields, use_smtp_auth=True)
    assert {e["id"] for e in page.select(".field-error")} == {"tenant-error", "client_id-error"}
    assert "s3cret" not in page.response.text


def _save_for_consent(page: Page, server: AuthorizationServer) -> Page:
    _choose(
        _with_login(page),
        login_method="oauth",
        oauth_provider="other",
        oauth_grant="authorization_code",
    )
    return page.submit(
        "mail_server",
        **TYPED,
        use_smtp_auth=True,
        authorize_url=server.authorize_url,
        token_url=server.token_url,
        oauth_scope="smtp",
        client_id=server.client_id,
        client_secret=server.client_secret,
        test_address="bob@example.com",
    )


def _agree(page: Page, server: AuthorizationServer) -> str:
    """Where the authorization server leads a person who agrees."""
    away = urlsplit(page.one("a[rel=noreferrer]")["href"])
    assert f"{away.scheme}://{away.netloc}{away.path}" == server.authorize_url
    query = {name: values[0] for name, values in parse_qs(away.query).items()}
    back = urlsplit(server.consent(query))
    return f"{back.path}?{back.query}"


def _do_jobs(app: Flask) -> None:
    config, vault = app.extensions["sysmail.config"], app.extensions["sysmail.vault"]
    sessions = sessionmaker(db.engine)
    runner = JobRunner(sessions, vault, {CONSENT_JOB: exchanging(sessions, vault, config)})
    runner.start()
    while not runner.is_idle():
        runner.nudge()
    runner.stop()


def test_saving_leads_to_the_consent_and_the_consent_to_a_token(
    page: Page, app: Flask, session: Session, server: AuthorizationServer
) -> None:
    _save_for_consent(page, server)
    assert page.title == "Consent to the log-in"
    assert "One step is left" in page.text
    page.get(_agree(page, server))
    assert page.one("#grant")["data-grant-state"] == "waiting"
    assert "no worker is running" in page.text
    _do_jobs(app)
    assert page.poll()
    assert page.one("#grant")["data-grant-state"] == "granted"
    assert not page.poll()
    page.click("Back to System Mail Account")
    assert "Alice consented" in _seen(page)
    assert "Granted." in page.text
    session.expire_all()
    assert current(session).authorization is not None


def test_a_return_works_once(page: Page, app: Flask, server: AuthorizationServer) -> None:
    _save_for_consent(page, server)
    back = _agree(page, server)
    page.get(back)
    page.get(back, status=400)
    assert "Begin again" in page.text


def test_a_return_of_somebody_else_does_nothing(
    page: Page, app: Flask, server: AuthorizationServer, session: Session, alice: Person
) -> None:
    _save_for_consent(page, server)
    back = _agree(page, server)
    other = Page(app).sign_in(alice)
    other.get(back, status=400)
    _do_jobs(app)
    assert server.asked == []


def test_a_refusal_at_the_server_is_told(page: Page, server: AuthorizationServer) -> None:
    _save_for_consent(page, server)
    state = parse_qs(urlsplit(_agree(page, server)).query)["state"][0]
    told = {"error": "access_denied", "error_description": "<b>no</b>", "state": state}
    page.get(f"{URL}/oauth/callback?{urlencode(told)}", status=400)
    assert "access_denied: <b>no</b>" in page.text
    assert page.select("a[rel=noreferrer]")


@pytest.mark.parametrize("answer", ["error=access_denied", "code=abc"])
def test_an_answer_without_our_state_leaves_the_consent_under_way(
    page: Page, app: Flask, server: AuthorizationServer, answer: str
) -> None:
    _save_for_consent(page, server)
    back = _agree(page, server)
    for state in ("", "&state=another"):
        page.get(f"{URL}/oauth/callback?{answer}{state}", status=400)
        assert "does not belong to a consent begun here" in page.text
        assert "access_denied" not in page.text
        assert page.select(f'main a[href="{URL}/oauth/consent"]')
    page.get(back)
    _do_jobs(app)
    page.poll()
    assert page.one("#grant")["data-grant-state"] == "granted"


def test_a_refused_exchange_is_explained_with_the_servers_words(
    page: Page, app: Flask, server: AuthorizationServer
) -> None:
    _save_for_consent(page, server)
    server.refuse("invalid_client", "wrong secret")
    page.get(_agree(page, server))
    _do_jobs(app)
    page.poll()
    grant = page.one("#grant")
    assert (grant["data-grant-state"], grant["data-cause"]) == ("refused", "authorization_refused")
    assert "invalid_client: wrong secret" in page.text


@pytest.mark.parametrize("answer", ["temporarily_unavailable", ""])
def test_a_consent_that_came_to_nothing_says_what_to_do_next(
    page: Page, app: Flask, server: AuthorizationServer, answer: str
) -> None:
    _save_for_consent(page, server)
    if answer:
        server.refuse(answer, status=503)
    else:
        server.answer(200, b'{"access_token": "t", "token_type": "Bearer"}')
    page.get(_agree(page, server))
    _do_jobs(app)
    page.poll()
    assert "tried again by itself" not in page.text
    assert ("Consent again in some minutes." if answer else "offline access") in page.text


def test_a_return_after_the_log_in_was_changed_says_so(
    page: Page, app: Flask, server: AuthorizationServer
) -> None:
    _save_for_consent(page, server)
    back = _agree(page, server)
    page.get(URL).submit("mail_server", mail_server="builtin", test_address="")
    page.get(back)
    assert "or the account was changed meanwhile" in page.text


def test_there_is_no_consent_page_where_nobody_needs_to_consent(page: Page) -> None:
    page.get(f"{URL}/oauth/consent", status=404)
    page.get(f"{URL}/oauth/callback?code=a&state=b", status=404)
    page.get(f"{URL}/oauth/grants/1", status=404)


def test_members_get_nowhere_near(app: Flask, bob: Person) -> None:
    page = Page(app).sign_in(bob)
    for path in ("consent", "callback?code=a&state=b", "grants/1"):
        page.get(f"{URL}/oauth/{path}", status=403)


def test_a_companys_authority_is_pasted_shown_and_taken_back(
    page: Page, app: Flask, session: Session
) -> None:
    vault = app.extensions["sysmail.vault"]
    fields = TYPED | {"use_smtp_auth": True, "password": "hunter22"}
    _with_login(page).submit("mail_server", **fields, trust_ca=COMPANY)
    assert "expires in" in page.one(".trusted").text
    assert page.one('[name="trust_ca"]').closest("details")
    page.submit("mail_server", email_address="other@example.com")
    assert "Saved." in page.text
    assert stored_password(current(session), vault) == "hunter22"
    page.submit("mail_server", status=422, trust_ca="")
    assert [e["id"] for e in page.select(".field-error")] == ["password-error"]
    page.submit("mail_server", trust_ca="", password="hunter22")
    assert not page.select(".trusted")


def test_a_wrong_fingerprint_opens_its_part_of_the_form(page: Page) -> None:
    _with_login(page)
    page.submit("mail_server", status=422, **TYPED, trust_fingerprint="AB:CD")
    part = page.one('[name="trust_fingerprint"]').closest("details")
    assert part
    assert "open" in part
