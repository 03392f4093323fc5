"""What shapes a mail's bytes beside its event: fixed at the first try, the same for each copy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import JSON, ColumnElement, and_, case, func, literal, select
from sqlalchemy.orm import Session

from sysmail import account
from sysmail.config import PORTAL_NAME, Config
from sysmail.notifications.letters import TEMPLATE_VERSION
from sysmail.notifications.singles import TEST
from sysmail.outbox import Delivery
from sysmail.people import Person
from sysmail.preferences import Preference
from sysmail.words import DEFAULT_LANGUAGE

HTML = "html"


@dataclass(frozen=True)
class Shape:
    """`format` is html or text, `language` a BCP 47 tag, `link_base` the public URL.

    `through` tells a test mail which settings it tests: server, host, port, encryption, login.
    """

    from_address: str
    from_name: str
    format: str
    language: str
    link_base: str
    template: int
    through: dict[str, Any]


def freeze(session: Session, config: Config) -> dict[str, ColumnElement[Any]]:
    """SQL for a claim's address, name and shape: the recipient and the account as of now."""
    current = account.current(session)
    person = select(Person).where(Person.id == Delivery.person_id).correlate(Delivery)
    email = person.with_only_columns(Person.email).scalar_subquery()
    name = person.with_only_columns(Person.name).scalar_subquery()
    return {
        "address": func.coalesce(email, Delivery.address),
        "name": func.coalesce(name, Delivery.name),
        "shape": _shape(current, config),
    }


def _shape(current: account.Account, config: Config) -> ColumnElement[Any]:
    common = {
        "from_address": account.sender(current, config),
        "from_name": PORTAL_NAME,
        "language": DEFAULT_LANGUAGE,
        "link_base": config.public_url,
        "template": TEMPLATE_VERSION,
        "through": {},
    }

    def shaped(**more: Any) -> ColumnElement[Any]:
        return literal({**common, **more}, JSON)

    chosen = select(Preference.format).where(Preference.person_id == Delivery.person_id)
    reads_text = chosen.correlate(Delivery).scalar_subquery() == "text"
    return case(
        (Delivery.kind == TEST, shaped(format=HTML, through=_through(current, config))),
        (and_(Delivery.event_id.is_not(None), reads_text), shaped(format="text")),
        else_=shaped(format=HTML),
    )


def _through(current: account.Account, config: Config) -> dict[str, Any]:
    if current.mail_server != "external":
        host, port = config.builtin_relay or (None, None)
        return {
            "server": config.builtin,
            "host": host,
            "port": port,
            "encryption": "plain",
            "login": False,
        }
    return {
        "server": "external",
        "host": current.smtp_host,
        "port": current.smtp_port,
        "encryption": current.encryption,
        "login": current.use_smtp_auth,
    }
