"""Mails to one person that no event makes: account mails and the test of a mail account."""

from __future__ import annotations

import json
from datetime import timedelta, tzinfo
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.outbox import Delivery, Priority, State, post
from sysmail.people import Person
from sysmail.preferences import manner_of, zone_of
from sysmail.vault import Vault
from sysmail.words import language, zone

ACCOUNT = "account"
TEST = "test"

# A mail lives as long as the link it carries; the notice of a change needs no longer either.
LIFETIMES = {
    "invitation": timedelta(hours=48),
    "reset": timedelta(hours=1),
    "password_changed": timedelta(hours=48),
    "new_address": timedelta(hours=48),
    "address_changed": timedelta(hours=48),
}
# In place of a reason: the mail goes to the address it was posted for, not to the person's own.
AS_POSTED = "as_posted"
_SEALED_FOR = {"purpose": "account mail"}


def post_account_mail(
    session: Session,
    vault: Vault,
    person: Person,
    purpose: str,
    link: str | None = None,
    address: str | None = None,
    spoken: str | None = None,
) -> Delivery:
    """Queues a mail about the person's own account; `purpose` is one of LIFETIMES.

    `link` is a whole URL; it holds a token, so it is sealed until the mail is sent. `address`
    is one that is not the person's yet, or not any more. `spoken` is the language of the page where
    the person asked for it: it counts where none was chosen.
    """
    delivery = post(
        session,
        ACCOUNT,
        Priority.ACCOUNT,
        address or person.email,
        person.name,
        person.id,
        seal(vault, {"purpose": purpose, "link": link, **_manner(session, person.id, spoken)}),
        expires_at=clock.now() + LIFETIMES[purpose],
    )
    delivery.because = AS_POSTED if address else None
    return delivery


def send_test(
    session: Session, vault: Vault, account_version: int, address: str, name: str = ""
) -> Delivery:
    """Queues the test of the settings just saved; tests of earlier ones are withdrawn.

    It speaks as the page does where it was asked for.
    """
    withdraw_tests(session)
    spoken = {"language": language.get(None), "zone": str(zone.get() or "UTC")}
    snapshot = seal(vault, {"account_version": account_version, **spoken})
    return post(session, TEST, Priority.TEST, address, name, None, snapshot)


def withdraw_tests(session: Session) -> None:
    """Withdraws every test that is not on its way."""
    session.execute(
        update(Delivery)
        .where(Delivery.kind == TEST, Delivery.state.in_((State.QUEUED, State.UNCERTAIN)))
        .values(state=State.WITHDRAWN, reason="superseded", settled_at=clock.now(), snapshot=None)
    )


def manner_in(snapshot: dict[str, Any], default: str) -> tuple[str, tzinfo]:
    """In which language and by whose clock a single mail speaks."""
    return snapshot.get("language") or default, zone_of(snapshot.get("zone", "UTC"))


def _manner(session: Session, person_id: int, spoken: str | None) -> dict[str, Any]:
    manner = manner_of(session, person_id)
    return {"language": manner.language or spoken, "zone": manner.timezone}


def seal(vault: Vault, values: dict[str, Any]) -> str:
    """A single mail's content as it is kept in the database."""
    return vault.seal(json.dumps(values), _SEALED_FOR)


def unseal(vault: Vault, snapshot: str) -> dict[str, Any]:
    """What `seal` was given. Raises CannotOpen when the vault's key is lost."""
    values: dict[str, Any] = json.loads(vault.open(snapshot, _SEALED_FOR))
    return values
