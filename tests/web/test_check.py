"""Check connection in the browser: as plain HTML and as htmx."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.account import current, stored_password
from sysmail.jobs import Job, JobRunner, forget
from sysmail.outbox import Delivery
from sysmail.people import Person
from tests.support import smtp_tls
from tests.support.checking import await_check, checks
from tests.support.instance import make_app
from tests.support.page import Page
from tests.support.post_office import use_server
from tests.support.smtp_script import Delay, Raw
from tests.support.smtpd import ScriptedSmtp

ACCOUNT = "/admin/system-mail"
ME = "portal@example.com"
SECRET = "correct horse 電池"
HX = {"HX-Request": "true"}


@pytest.fixture
def app(tmp_path: Path, database: dict[str, str]) -> Flask:
    return make_app(tmp_path / "instance", CA_FILE=smtp_tls.ca_file(), **database)


@pytest.fixture
def server() -> Iterator[ScriptedSmtp]:
    """One that wants STARTTLS and a login."""
    with ScriptedSmtp(users={ME: SECRET}, tls="starttls") as server:
        yield server


@pytest.fixture
def runner(app: Flask) -> Iterator[JobRunner]:
    with checks(app) as runner:
        yield runner


@pytest.fixture(params=[False, True], ids=["plain", "htmx"])
def page(request: pytest.FixtureRequest, app: Flask, alice: Person) -> Page:
    return Page(app, htmx=request.param).sign_in(alice)


@pytest.fixture
def plain(app: Flask, alice: Person) -> Page:
    return Page(app).sign_in(alice)


def _typed(server: ScriptedSmtp, **changes: Any) -> dict[str, Any]:
    return {
        "mail_server": "external",
        "email_address": ME,
        "smtp_host": server.host,
        "smtp_port": str(server.port),
        "encryption": "starttls",
        "use_smtp_auth": True,
        "account_name": ME,
        "password": SECRET,
        **changes,
    }


def _press_check(page: Page, server: ScriptedSmtp, **changes: Any) -> Page:
    page.get(f"{ACCOUNT}/auth?use_smtp_auth=1&encryption=starttls")
    return page.press("Check connection", **_typed(server, **changes))


def _stored(app: Flask, session: Session) -> str | None:
    session.expire_all()
    return stored_password(current(session), app.extensions["sysmail.vault"])


def _token(page: Page) -> str:
    return str(page.select('[name="csrf_token"]')[0]["value"])


def state(page: Page) -> str:
    return page.one("#check")["data-check-state"]


def test_pain_2_the_check_uses_what_is_typed_and_changes_and_sends_nothing(
    page: Page, server: ScriptedSmtp, runner: JobRunner, session: Session
) -> None:
    await_check(_press_check(page, server), runner)
    assert state(page) == "ok"
    assert page.title == "Connection check"
    assert server.logins == 1
    assert server.ledger == []
    assert current(session).mail_server == "builtin"
    assert session.scalar(select(func.count(Delivery.id))) == 0
    assert SECRET not in page.response.text


def test_save_goes_on_from_a_check_without_typing_again(
    page: Page, server: ScriptedSmtp, runner: JobRunner, app: Flask, session: Session
) -> None:
    await_check(_press_check(page, server), runner)
    assert "The password typed for the check is still known" in page.text
    page.press("Save", test_address="bob@example.com")
    assert page.title == "Test e-mail"
    assert _stored(app, session) == SECRET


def test_the_recipient_asked_about_is_the_test_address_or_ones_own(
    plain: Page, server: ScriptedSmtp, runner: JobRunner
) -> None:
    await_check(_press_check(plain, server), runner)
    await_check(_press_check(plain, server, test_address="bob@example.com"), runner)
    asked = [line for line in server.commands if line.startswith("RCPT")]
    assert asked == ["RCPT TO:<alice@example.com>", "RCPT TO:<bob@example.com>"]


def test_the_block_polls_while_the_check_runs_and_stops_then(
    app: Flask, alice: Person, server: ScriptedSmtp, runner: JobRunner
) -> None:
    page = Page(app, htmx=True).sign_in(alice)
    server.script("ehlo", Delay(0.3))
    _press_check(page, server)
    assert state(page) in ("waiting", "running")
    assert page.poll()
    await_check(page, runner)
    assert not page.poll()


def test_without_script_a_link_looks_again(plain: Page, server: ScriptedSmtp) -> None:
    _press_check(plain, server)
    assert state(plain) == "waiting"
    plain.click("Look again")
    assert "no worker is running" in plain.text


def test_for_htmx_the_url_that_is_polled_is_the_block_alone(
    plain: Page, server: ScriptedSmtp
) -> None:
    _press_check(plain, server)
    answer = plain.send("GET", plain.url + "/steps", HX)
    assert answer.text.lstrip().startswith('<div id="check"')


@pytest.mark.parametrize("missing", ["smtp_host", "account_name", "password"])
def test_what_save_would_refuse_is_refused(
    page: Page, server: ScriptedSmtp, session: Session, missing: str
) -> None:
    page.get(f"{ACCOUNT}/auth?use_smtp_auth=1&encryption=starttls")
    page.press("Check connection", status=422, **_typed(server, **{missing: ""}))
    assert len(page.select(".field-error")) == 1
    assert session.scalar(select(func.count(Job.id))) == 0
    assert server.connections == 0


def test_a_long_ago_sign_in_is_asked_for_the_own_password(
    app: Flask, alice: Person, server: ScriptedSmtp
) -> None:
    page = Page(app).sign_in(alice)
    page.get(f"{ACCOUNT}/auth?use_smtp_auth=1&encryption=starttls")
    page.sign_in(alice, seconds_ago=91 * 60)
    # A new session has a token of its own.
    token = _token(page.get("/"))
    typed = _typed(server, use_smtp_auth="y", csrf_token=token)
    answer = page.send("POST", f"{ACCOUNT}/check", data=typed)
    assert answer.status_code == 422
    assert "own_password" in answer.text
    assert server.connections == 0


# What a typed password is good for.


def _post(page: Page, server: ScriptedSmtp, check: str, **changes: Any) -> int:
    """Checks once more with a blank password that may stand for that of `check`."""
    token = _token(page)
    typed = _typed(server, password="", use_smtp_auth="y", check=check, csrf_token=token, **changes)
    return page.send("POST", f"{ACCOUNT}/check", data=typed).status_code


def _checked(page: Page, server: ScriptedSmtp, runner: JobRunner, **changes: Any) -> str:
    await_check(_press_check(page, server, **changes), runner)
    return str(page.one('[name="check"]')["value"])


@pytest.mark.parametrize(
    "changes",
    [{}, {"smtp_port": "2525"}, {"encryption": "ssl"}, {"email_address": "news@example.com"}],
)
def test_port_encryption_and_sender_may_change_without_typing_it_again(
    plain: Page, server: ScriptedSmtp, runner: JobRunner, changes: dict[str, str]
) -> None:
    check = _checked(plain, server, runner)
    assert _post(plain, server, check, **changes) == 303


def test_a_check_with_trust_that_is_not_stored_knows_its_password_in_every_fragment(
    app: Flask, alice: Person, server: ScriptedSmtp, runner: JobRunner
) -> None:
    page = Page(app, htmx=True).sign_in(alice)
    _checked(page, server, runner, trust_ca=smtp_tls.authority().cert_pem.bytes().decode())
    page.change("encryption", "ssl").change("use_smtp_auth", False).change("use_smtp_auth", True)
    assert "The password typed for the check is still known" in page.one("#auth").text
    page.change("encryption", "plain").change("use_smtp_auth", False).change("use_smtp_auth", True)
    assert "still known" not in page.one("#auth").text


@pytest.mark.parametrize(
    "changes",
    [
        {"smtp_host": "mail.localhost"},
        {"account_name": "admin@example.com"},
        {"encryption": "plain"},
        {"trust_fingerprint": "ab" * 32},
        {"remove_password": "y"},
    ],
)
def test_another_host_name_trust_or_plain_ask_for_it(
    plain: Page, server: ScriptedSmtp, runner: JobRunner, changes: dict[str, str]
) -> None:
    check = _checked(plain, server, runner)
    attempts = server.login_attempts
    assert _post(plain, server, check, **changes) == 422
    assert server.login_attempts == attempts


def test_the_same_host_in_other_letters_is_the_same(
    plain: Page, server: ScriptedSmtp, runner: JobRunner
) -> None:
    check = _checked(plain, server, runner)
    assert _post(plain, server, check, smtp_host="LOCALHOST.") == 303


def test_another_administrators_check_is_nobody_elses(
    app: Flask, session: Session, plain: Page, server: ScriptedSmtp, runner: JobRunner, bob: Person
) -> None:
    check = _checked(plain, server, runner)
    bob.is_administrator = True
    session.commit()
    other = Page(app).sign_in(bob).get(ACCOUNT)
    assert _post(other, server, check) == 422
    assert other.send("GET", f"{ACCOUNT}/checks/{check}").status_code == 404
    assert other.send("GET", f"{ACCOUNT}/checks/{check}/steps").status_code == 404


def test_the_typed_values_are_gone_after_fifteen_minutes(
    plain: Page, server: ScriptedSmtp, runner: JobRunner, session: Session
) -> None:
    check = _checked(plain, server, runner)
    with time_machine.travel(clock.now() + timedelta(minutes=15, seconds=1), tick=True):
        plain.get(f"{ACCOUNT}/checks/{check}")
        assert "has been erased" in plain.text
        assert plain.one('[name="smtp_host"]').get("value") == ""
        assert _post(plain, server, check) == 422
        forget(session, clock.now())
        session.commit()
    assert session.scalar(select(Job.values).where(Job.id == int(check))) is None


def test_no_password_is_in_the_database_in_clear(
    plain: Page, server: ScriptedSmtp, runner: JobRunner, app: Flask
) -> None:
    _checked(plain, server, runner)
    folder = app.extensions["sysmail.config"].instance
    assert not [f for f in folder.iterdir() if f.is_file() and SECRET.encode() in f.read_bytes()]


def test_pain_3_a_blank_password_checks_the_stored_one_for_the_same_settings_only(
    app: Flask, session: Session, plain: Page, server: ScriptedSmtp, runner: JobRunner
) -> None:
    login = {"use_smtp_auth": True, "account_name": ME, "password": SECRET}
    use_server(app, server, encryption="starttls", **login)
    plain.get(ACCOUNT).press("Check connection")
    assert state(await_check(plain, runner)) == "ok"
    plain.get(ACCOUNT).press("Check connection", smtp_port="2525", status=422)
    assert "belongs to the server, port" in plain.text
    # A check without a typed password gives none away either.
    assert _post(plain, server, "1", smtp_port="2525") == 422


def test_a_repair_that_changes_what_the_stored_password_belongs_to_asks_for_it(
    app: Flask, session: Session, page: Page, server: ScriptedSmtp, runner: JobRunner
) -> None:
    login = {"use_smtp_auth": True, "account_name": ME, "password": SECRET}
    use_server(app, server, encryption="ssl", **login)
    page.get(ACCOUNT).press("Check connection")
    assert await_check(page, runner).select("[data-cause=encryption_mismatch]")
    page.press(f"Switch to STARTTLS, port {server.port}")
    assert "belongs to the server, port, encryption" in page.one("#error-summary").text
    assert page.one('[name="encryption"][value="starttls"]').get("checked") is not None
    assert server.login_attempts == 0
    page.press("Check connection", password=SECRET)
    assert state(await_check(page, runner)) == "ok"
    assert current(session).encryption == "ssl"


def test_a_repair_carries_the_typed_password_on_and_says_what_it_changed(
    page: Page, server: ScriptedSmtp, runner: JobRunner, app: Flask, session: Session
) -> None:
    await_check(_press_check(page, server, encryption="ssl"), runner)
    page.press(f"Switch to STARTTLS, port {server.port}")
    assert state(await_check(page, runner)) == "ok"
    assert "The form was changed for this check: Switch to STARTTLS" in page.text
    page.press("Save")
    assert (current(session).encryption, _stored(app, session)) == ("starttls", SECRET)


def test_a_save_by_somebody_else_meanwhile_is_not_overwritten(
    app: Flask, plain: Page, server: ScriptedSmtp, runner: JobRunner, session: Session
) -> None:
    await_check(_press_check(plain, server), runner)
    use_server(app, server)
    plain.get(plain.url).press("Save", status=422)
    assert "saved other settings meanwhile" in plain.text
    assert current(session).use_smtp_auth is False


# Never a port scanner.


def test_only_administrators_check(app: Flask, eve: Person, server: ScriptedSmtp) -> None:
    page = Page(app).sign_in(eve).get("/")
    typed = _typed(server, use_smtp_auth="y")
    typed["csrf_token"] = _token(page)
    assert page.send("POST", f"{ACCOUNT}/check", data=typed).status_code == 403
    assert page.send("GET", f"{ACCOUNT}/checks/1").status_code == 403
    assert server.connections == 0


def test_the_sixth_check_within_a_minute_is_refused(tmp_path: Path, server: ScriptedSmtp) -> None:
    from sysmail.db import db
    from sysmail.people import new_person

    app = make_app(tmp_path / "limited", RATELIMIT_ENABLED="1")
    with app.app_context():
        alice = new_person("alice@example.com", "Alice", administrator=True)
        db.session.add(alice)
        db.session.commit()
        page = Page(app).sign_in(alice)
        for _ in range(5):
            _press_check(page, server)
        page.get(f"{ACCOUNT}/auth?use_smtp_auth=1&encryption=starttls")
        page.press("Check connection", status=429, **_typed(server))


def test_a_banner_that_is_not_smtp_is_not_echoed(
    plain: Page, server: ScriptedSmtp, runner: JobRunner
) -> None:
    server.script("greeting", Raw(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"))
    await_check(_press_check(plain, server), runner)
    assert plain.select("[data-cause=not_smtp]")
    assert "OpenSSH" not in plain.response.text


def test_what_a_server_says_is_inert(page: Page, server: ScriptedSmtp, runner: JobRunner) -> None:
    server.script("rcpt", '550 5.1.1 <script>alert(1)</script> \u202e"><b>')
    await_check(_press_check(page, server), runner)
    assert page.select("[data-cause=recipient_unknown]")
    assert "<script>alert" not in page.response.text
    assert "\u202e" not in page.response.text


def test_a_newer_check_takes_the_place_of_the_one_running(
    plain: Page, server: ScriptedSmtp, runner: JobRunner
) -> None:
    server.script("mail", Delay(0.4))
    _press_check(plain, server)
    first = plain.url
    _press_check(plain, server)
    second = plain.url
    plain.get(first)
    assert state(plain) == "failed"
    assert "A newer check took the place" in plain.text
    plain.get(second)
    assert state(await_check(plain, runner)) == "ok"


def test_the_built_in_server_that_captures_is_ok_without_a_step(
    plain: Page, server: ScriptedSmtp, runner: JobRunner
) -> None:
    plain.get(ACCOUNT).press("Check connection", mail_server="builtin")
    assert state(await_check(plain, runner)) == "ok"
    assert len(plain.select("[data-step][data-outcome=skipped]")) == 8


def test_the_operators_relay_is_checked_for_the_built_in_server(
    tmp_path: Path, server: ScriptedSmtp
) -> None:
    from sysmail.db import db
    from sysmail.people import new_person

    with ScriptedSmtp() as relay:
        app = make_app(tmp_path / "relaying", BUILTIN=f"relay://127.0.0.1:{relay.port}")
        with app.app_context(), checks(app) as runner:
            alice = new_person("alice@example.com", "Alice", administrator=True)
            db.session.add(alice)
            db.session.commit()
            page = Page(app).sign_in(alice).get(ACCOUNT)
            page.press("Check connection", mail_server="builtin")
            assert state(await_check(page, runner)) == "ok"
        assert "RCPT TO:<alice@example.com>" in relay.commands
    assert page.one("[data-step=tls]")["data-outcome"] == "skipped"
