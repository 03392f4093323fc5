"""Consent: begun by one person, returned to once, exchanged for tokens by the worker."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from sysmail import clock
from sysmail.account import (
    Authorization,
    External,
    Incident,
    PasswordNeeded,
    Saved,
    TokenKeeper,
    begin_consent,
    current,
    exchanging,
    health,
    needs_consent,
    note_trouble,
    returned,
    route,
)
from sysmail.audit import Entry
from sysmail.config import Config
from sysmail.vault import Vault
from tests.account.conftest import Save
from tests.support.oauth_server import AuthorizationServer

ALICE_ID, EVE_ID = 1, 3


class Told:
    """The report of a job."""

    def __init__(self) -> None:
        self.report: dict[str, Any] = {}

    def write(self, report: dict[str, Any]) -> None:
        self.report = report

    def cancelled(self) -> bool:
        return False


@pytest.fixture
def server() -> Iterator[AuthorizationServer]:
    with AuthorizationServer() as server:
        yield server


@pytest.fixture
def wanted(server: AuthorizationServer, saving: Save) -> dict[str, Any]:
    """An account that waits for a consent; its fields."""
    fields = {
        "login_method": "oauth",
        "oauth_provider": "other",
        "oauth_grant": "authorization_code",
        "authorize_url": server.authorize_url,
        "token_url": server.token_url,
        "oauth_scope": "smtp offline_access",
        "client_id": server.client_id,
        "client_secret": server.client_secret,
    }
    assert isinstance(saving(**fields), Saved)
    return fields


class Consenting:
    """Goes the way of a person through a consent."""

    def __init__(self, session: Session, vault: Vault, config: Config, server: Any) -> None:
        self.session, self.vault, self.config, self.server = session, vault, config, server

    def begin(self) -> tuple[str, dict[str, str]]:
        """What our session keeps, and what the server asks the person about."""
        begun = begin_consent(current(self.session), self.vault, self.config, ALICE_ID)
        return begun.kept, _query(begun.url)

    def agree(self, query: dict[str, str]) -> dict[str, str]:
        return _query(self.server.consent(query))

    def come_back(self, kept: str, told: dict[str, str], person_id: int = ALICE_ID) -> Any:
        account = current(self.session)
        return returned(account, self.vault, person_id, kept, told["state"], told["code"])

    def exchange(self, found: Any) -> dict[str, Any]:
        told = Told()
        exchange = exchanging(sessionmaker(self.session.get_bind()), self.vault, self.config)
        exchange(vars(found) | {"name": "Alice"}, told)
        self.session.expire_all()
        return told.report

    def whole(self) -> dict[str, Any]:
        kept, query = self.begin()
        return self.exchange(self.come_back(kept, self.agree(query)))


@pytest.fixture
def consenting(
    session: Session, vault: Vault, config: Config, server: AuthorizationServer, wanted: object
) -> Consenting:
    return Consenting(session, vault, config, server)


def test_without_consent_nothing_is_asked_and_the_account_says_why(
    consenting: Consenting, session: Session, vault: Vault, config: Config
) -> None:
    assert needs_consent(current(session), vault)
    way = route(current(session), config, vault)
    assert isinstance(way, PasswordNeeded)
    assert way.trouble.kind == "authorization_refused"
    assert way.trouble.detail == "nobody has consented yet"
    assert not TokenKeeper(sessionmaker(session.get_bind()), vault, config).look()
    assert consenting.server.asked == []


def test_the_way_there_proves_who_began_it(consenting: Consenting, config: Config) -> None:
    _, query = consenting.begin()
    assert query["response_type"] == "code"
    assert query["code_challenge_method"] == "S256"
    assert query["redirect_uri"] == f"{config.public_url}/admin/system-mail/oauth/callback"
    assert query["scope"] == "smtp offline_access"
    assert query["login_hint"] == "portal@example.com"
    assert len(query["state"]) > 40
    assert "client_secret" not in query


@pytest.mark.both_engines
def test_a_consent_ends_in_a_token_that_logs_in(
    consenting: Consenting, session: Session, vault: Vault, config: Config
) -> None:
    assert consenting.whole() == {"outcome": "granted"}
    way = route(current(session), config, vault)
    assert isinstance(way, External)
    assert way.endpoint.credentials is not None
    assert consenting.server.knows(way.endpoint.credentials.password)
    assert not needs_consent(current(session), vault)
    entry = session.scalars(select(Entry).order_by(Entry.id.desc())).first()
    assert entry is not None
    assert (entry.action, entry.actor_name) == ("mail_account_consented", "Alice")


def test_each_refresh_token_replaces_the_one_before(
    consenting: Consenting, session: Session, vault: Vault, config: Config
) -> None:
    consenting.whole()
    keeper = TokenKeeper(sessionmaker(session.get_bind()), vault, config)
    for hours in (1, 2, 3):
        with time_machine.travel(clock.now() + timedelta(hours=hours)):
            assert keeper.look()
            session.expire_all()
            assert isinstance(route(current(session), config, vault), External)
    asked = [one["refresh_token"] for one in consenting.server.asked[1:]]
    assert len(set(asked)) == 3


def test_a_server_that_does_not_rotate_keeps_its_refresh_token_good(
    consenting: Consenting, session: Session, vault: Vault, config: Config
) -> None:
    consenting.server.rotates = False
    consenting.whole()
    keeper = TokenKeeper(sessionmaker(session.get_bind()), vault, config)
    for hours in (1, 2):
        with time_machine.travel(clock.now() + timedelta(hours=hours)):
            assert keeper.look()
    first, second = (one["refresh_token"] for one in consenting.server.asked[1:])
    assert first == second


def test_a_consent_taken_back_is_told_as_such(
    consenting: Consenting, session: Session, vault: Vault, config: Config
) -> None:
    consenting.whole()
    consenting.server.refuse("invalid_grant", "the consent was withdrawn")
    with time_machine.travel(clock.now() + timedelta(hours=1)):
        TokenKeeper(sessionmaker(session.get_bind()), vault, config).look()
        session.expire_all()
        way = route(current(session), config, vault)
    assert isinstance(way, PasswordNeeded)
    assert way.trouble.detail == "invalid_grant: the consent was withdrawn"


def test_a_paused_account_is_probed_at_once_after_the_consent(
    consenting: Consenting, session: Session, config: Config
) -> None:
    refused = Incident("config", "account", "authorization_refused", "auth")
    note_trouble(session, config, refused, clock.now())
    session.commit()
    consenting.whole()
    assert health(session).next_probe_at <= clock.now()  # type: ignore[operator]


def test_a_return_is_good_only_for_the_person_the_state_and_the_settings_it_began_with(
    consenting: Consenting, saving: Save
) -> None:
    kept, query = consenting.begin()
    told = consenting.agree(query)
    assert consenting.come_back(kept, told, EVE_ID) is None
    assert consenting.come_back(kept, told | {"state": "guessed"}) is None
    assert consenting.come_back(kept, told | {"code": ""}) is None
    assert consenting.come_back("", told) is None
    with time_machine.travel(clock.now() + timedelta(minutes=31)):
        assert consenting.come_back(kept, told) is None
    assert consenting.come_back(kept, told) is not None
    saving(email_address="other@example.com", login_method="password", password="x")
    assert consenting.come_back(kept, told) is None


@pytest.mark.both_engines
def test_a_code_is_exchanged_for_the_settings_it_was_meant_for_alone(
    consenting: Consenting, session: Session, wanted: dict[str, Any], saving: Save
) -> None:
    kept, query = consenting.begin()
    found = consenting.come_back(kept, consenting.agree(query))
    saving(**wanted | {"smtp_host": "evil.example"})
    assert consenting.exchange(found) == {"outcome": "outdated"}
    assert consenting.server.asked == []
    assert session.get(Authorization, 1).refresh_token_sealed is None  # type: ignore[union-attr]


def test_a_refused_exchange_is_told_in_the_servers_words(consenting: Consenting) -> None:
    kept, query = consenting.begin()
    found = consenting.come_back(kept, consenting.agree(query) | {"code": "another"})
    assert consenting.exchange(found) == {
        "outcome": "refused",
        "cause": "authorization_refused",
        "words": "invalid_grant",
    }


def _query(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
