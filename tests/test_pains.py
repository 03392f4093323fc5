"""The pains of other products, each by a test that is named after it; some of them stand here."""

from __future__ import annotations

import re
import time
from pathlib import Path

from flask import Flask
from sqlalchemy.orm import Session

from sysmail.account import health
from sysmail.db import db
from sysmail.diagnosis import explain
from sysmail.outbox import State
from sysmail.people import Person, new_person
from sysmail.preferences import store_choice
from tests.support.dnsd import ScriptedDns
from tests.support.domains import deaf, direct
from tests.support.house import ROOT
from tests.support.instance import attach, make_app
from tests.support.page import Page
from tests.support.post_office import deliveries, post_test, use_server, work
from tests.support.processes import running, wait_for
from tests.support.smtp_script import Silence
from tests.support.smtpd import ScriptedSmtp

PAINS = set(range(1, 27))

ME = "portal@example.com"
LOGIN = {"use_smtp_auth": True, "account_name": ME, "password": "secret words"}


def test_every_pain_has_a_test_named_after_it() -> None:
    named = re.compile(r"^ *def test_pain_(\d+)_\w", re.MULTILINE)
    files = (ROOT / "tests").rglob("test_*.py")
    found = {int(number) for path in files for number in named.findall(path.read_text())}
    assert sorted(PAINS - found) == []


def test_pain_13_a_refused_password_is_explained_on_every_page_in_the_providers_terms(
    app: Flask, session: Session, alice: Person
) -> None:
    refusal = (
        "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the "
        "Tenant. Visit https://aka.ms/smtp_auth_disabled for more information."
    )
    with ScriptedSmtp(users={ME: "secret words"}) as server:
        server.script("auth", refusal)
        use_server(app, server, **LOGIN)
        post_test(app)
        work(app)
    told = explain("basic_login_disabled", words=refusal)
    assert told.rule.startswith("microsoft")
    [banner] = [one.text for one in Page(app).sign_in(alice).get("/").select(".banner-bad")][:1]
    assert told.happened in banner


def test_pain_14_no_server_is_greeted_by_the_name_localhost(
    app: Flask, session: Session, alice: Person
) -> None:
    with ScriptedSmtp() as server:
        server.script("ehlo", "550 5.7.1 localhost is not your name", when=_is_localhost)
        use_server(app, server)
        post_test(app)
        work(app)
        [mail] = server.ledger
    assert "." in mail.helo


def _is_localhost(name: str) -> bool:
    return "localhost" in name.lower()


def test_pain_17_a_dead_ipv6_address_delays_mail_by_moments(tmp_path: Path) -> None:
    with ScriptedDns() as dns, ScriptedSmtp() as server, deaf("::1", server.port):
        dns.add("example.com", "MX", "10 mx.example.com.")
        dns.add("mx.example.com", "AAAA", "::1")
        dns.add("mx.example.com", "A", "127.0.0.1")
        app = make_app(tmp_path / "i", **direct(dns, server.port))
        with app.app_context():
            post_test(app)
            began = time.monotonic()
            work(app)
            assert time.monotonic() - began < 5
            assert len(server.ledger) == 1


def test_pain_18_international_addresses_get_mail_and_a_server_without_them_stops_nobody_else(
    app: Flask, session: Session, alice: Person
) -> None:
    for address in ("jürgen@example.com", "info@bücher.example"):
        person = new_person(address, "Jürgen 電池")
        session.add(person)
        session.flush()
        store_choice(session, person.id, "all", 1, "html")
    session.commit()
    page = Page(app).sign_in(alice).get("/").submit("name", name="Leads")
    with ScriptedSmtp() as modern, ScriptedSmtp(smtputf8=False) as old:
        for server in (modern, old):
            use_server(app, server)
            page.submit("title", title="ACME", body="")
            work(app)
            page.click("Leads")
        addresses = [sorted(mail.rcpt_to[0] for mail in one.ledger) for one in (modern, old)]
    everybody = ["info@xn--bcher-kva.example", "jürgen@example.com"]
    assert addresses == [everybody, everybody[:1]]
    [failed] = [one for one in deliveries(session) if one.state == State.FAILED]
    assert failed.cause == "international_address_unsupported"
    assert health(session).state == "active"


def test_pain_19_a_comment_is_saved_at_once_while_the_mail_server_hangs(tmp_path: Path) -> None:
    with running(tmp_path / "i") as sysmail, ScriptedSmtp() as server:
        app = attach(sysmail.environ)
        with app.app_context():
            alice, bob = (new_person(f"{name}@example.com", name) for name in ("alice", "bob"))
            db.session.add_all([alice, bob])
            db.session.commit()
            server.script("greeting", Silence())
            use_server(app, server)
            page = Page(app).sign_in(alice).get("/").submit("name", name="Leads")
            page.submit("title", title="ACME", body="@[bob@example.com] can you check this?")
            wait_for(lambda: server.connections, what="the worker at the hanging server")
            began = time.monotonic()
            page.submit("text", text="@[bob@example.com] are you there?")
            assert time.monotonic() - began < 2
            assert "are you there?" in page.text
            wait_for(lambda: _waiting() == 2, what="both mails in the queue")


def _waiting() -> int:
    found = deliveries(db.session())
    states = [one.state for one in found]
    db.session.rollback()
    return sum(state in (State.QUEUED, State.SENDING) for state in states)
