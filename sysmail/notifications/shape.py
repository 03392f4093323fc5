"""What shapes a mail's bytes beside its event: fixed at the first try, the same for each copy."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import JSON, ColumnElement, and_, bindparam, case, func, null, select
from sqlalchemy.orm import Session

from sysmail import account
from sysmail.config import PORTAL_NAME, Config
from sysmail.notifications.letters import TEMPLATE_VERSION
from sysmail.notifications.singles import AS_POSTED, TEST
from sysmail.outbox import Delivery, Priority
from sysmail.people import Person
from sysmail.preferences import setting
from sysmail.words import DEFAULT_LANGUAGE, LANGUAGES

HTML = "html"
TEXT = "text"
# What a person may choose of a mail's looks; each is a JSON text that the claim writes.
_LOOKS = {
    f"{format}_{code}": {"format": format, "language": code}
    for format in (HTML, TEXT)
    for code in LANGUAGES
}


@dataclass(frozen=True)
class Shape:
    """`format` is html or text, `language` a BCP 47 tag, `link_base` the public URL,
    `dkim` the ids of the keys that sign.

    `through` tells a test mail which settings it tests: server, host, port, encryption, login.
    `zone` (an IANA name), `items` (ids of events) and how many `more` are a summary's.
    """

    from_address: str
    from_name: str
    format: str
    language: str
    link_base: str
    template: int
    through: dict[str, Any]
    dkim: Sequence[int] = ()
    zone: str = "UTC"
    items: Sequence[int] = ()
    more: int = 0


def shaping() -> dict[str, ColumnElement[Any]]:
    """SQL for a claim's address, name and shape; `shapes` are the values of its parameters."""
    person = select(Person).where(Person.id == Delivery.person_id).correlate(Delivery)
    email = person.with_only_columns(Person.email).scalar_subquery()
    own_email = case((Delivery.because == AS_POSTED, null()), else_=email)
    name = person.with_only_columns(Person.name).scalar_subquery()
    reads_text = setting("format", Delivery.person_id) == TEXT
    tongue = func.coalesce(setting("language", Delivery.person_id), DEFAULT_LANGUAGE)
    look = case(
        (Delivery.kind == TEST, TEST),
        (and_(Delivery.priority >= Priority.NOTIFICATION, reads_text), f"{TEXT}_" + tongue),
        else_=f"{HTML}_" + tongue,
    )
    return {
        "address": func.coalesce(own_email, Delivery.address),
        "name": func.coalesce(name, Delivery.name),
        "shape": case(
            {one: bindparam(f"shape_{one}", type_=JSON) for one in (TEST, *_LOOKS)},
            value=look,
            else_=bindparam(f"shape_{HTML}_{DEFAULT_LANGUAGE}", type_=JSON),
        ),
    }


def shapes(session: Session, config: Config) -> dict[str, Any]:
    """The recipient's choices aside, what shapes a mail that is claimed now."""
    current = account.current(session)
    common = {
        "from_address": account.sender(current, config),
        "from_name": PORTAL_NAME,
        "language": DEFAULT_LANGUAGE,
        "link_base": config.public_url,
        "template": TEMPLATE_VERSION,
        "through": {},
        "dkim": account.signing_ids(session, current, config),
    }
    return {
        f"shape_{TEST}": {**common, "format": HTML, "through": _through(current, config)},
        **{f"shape_{look}": {**common, **values} for look, values in _LOOKS.items()},
    }


@lru_cache(maxsize=64)
def read_shape(text: str) -> Shape:
    """The shape a delivery holds as JSON text."""
    return Shape(**json.loads(text))


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
