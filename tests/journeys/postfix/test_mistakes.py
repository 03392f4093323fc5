"""Each mistake in the account or an address ends on the right page in the right words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from sysmail.diagnosis import explain
from sysmail.outbox import Delivery, State
from tests.journeys.postfix.steps import set_up
from tests.support.instance import make_app
from tests.support.page import Page
from tests.support.ports import closed_port
from tests.support.post_office import assert_balanced, deliveries
from tests.support.postfix import Postfix
from tests.support.postfix_config import BANNED
from tests.support.smtp_script import Raw
from tests.support.smtpd import ScriptedSmtp

pytestmark = pytest.mark.xdist_group("postfix")

HISTORY = "/admin/system-mail/failures"


@dataclass(frozen=True)
class Mistake:
    """How the account is set up, what is typed otherwise, and the cause it must end with."""

    cause: str
    service: str
    encryption: str
    login: bool = False
    typed: dict[str, Any] = field(default_factory=dict)


MISTAKES = {
    "wrong password": Mistake(
        "login_rejected", "tls-only", "starttls", True, {"password": "not the right one"}
    ),
    "closed port": Mistake("connection_refused", "closed", "starttls"),
    "port of something else": Mistake("not_smtp", "something else", "starttls"),
    "SSL at the STARTTLS port": Mistake("encryption_mismatch", "open", "ssl"),
    "STARTTLS at the SSL port": Mistake("encryption_mismatch", "open-ssl", "starttls"),
    "STARTTLS where there is none": Mistake("starttls_not_offered", "no-tls", "starttls"),
    "Plain where TLS is due": Mistake("encryption_required", "tls-only", "plain"),
    "login in the clear": Mistake("auth_not_offered", "tls-only", "plain", True),
    "login where there is none": Mistake("auth_not_offered", "open", "starttls", True),
    "refused recipient": Mistake(
        "recipient_unknown", "open", "plain", typed={"test_address": "ghost@example.com"}
    ),
    "recipient elsewhere": Mistake(
        "relay_denied", "open", "plain", typed={"test_address": "carol@elsewhere.example"}
    ),
    "sender of another login": Mistake(
        "sender_not_allowed", "login", "plain", True, {"email_address": "other@example.com"}
    ),
    "banned sender": Mistake(
        "sender_not_allowed", "open", "plain", typed={"email_address": BANNED}
    ),
}


@pytest.fixture
def ports(server: Postfix) -> Iterator[dict[str, int]]:
    """Of Postfix's services, of nobody, and of a server that is no mail server."""
    with ScriptedSmtp() as other:
        other.script("greeting", Raw(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"))
        yield server.ports | {"closed": closed_port(), "something else": other.port}


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_told_on_the_tests_page_and_in_the_history(
    page: Page, session: Session, ports: dict[str, int], mistake: Mistake
) -> None:
    port = ports[mistake.service]
    set_up(page, port, mistake.encryption, mistake.login, **mistake.typed)
    assert_told(page, deliveries(session), mistake.cause, port)
    assert_balanced(session)


class TestWithoutItsAuthority:
    """An installation that nobody told of Postfix's authority."""

    @pytest.fixture
    def app(self, tmp_path: Path) -> Flask:
        return make_app(tmp_path / "instance")

    @pytest.mark.parametrize(("service", "encryption"), [("open", "starttls"), ("open-ssl", "ssl")])
    def test_its_certificate_is_not_trusted(
        self, page: Page, session: Session, server: Postfix, service: str, encryption: str
    ) -> None:
        port = server.ports[service]
        set_up(page, port, encryption)
        assert_told(page, deliveries(session), "certificate_untrusted", port)


def assert_told(page: Page, posted: list[Delivery], cause: str, port: int) -> None:
    """By the page of the test, which is open, and by a row in the failure history."""
    [delivery] = posted
    assert (delivery.state, delivery.cause) == (State.FAILED, cause)
    words = explain(cause, host=Postfix.host, address=delivery.address, will_repeat=False)
    told = page.one("[data-test-state]")
    assert (told["data-test-state"], told["data-cause"]) == ("failed", cause)
    for part in (words.happened, words.todo, words.who):
        assert part in told.text
    row = page.get(HISTORY).one(f'tr[data-delivery="{delivery.id}"]')
    assert (row["data-state"], row["data-cause"]) == ("failed", cause)
    for part in (delivery.address, words.happened, words.who, f"{Postfix.host}:{port}"):
        assert part in row.text
