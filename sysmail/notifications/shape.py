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
from sysmail.config import Config
from sysmail.mime import Address
from sysmail.notifications.design import design
from sysmail.notifications.letters import TEMPLATE_VERSION, shorten
from sysmail.notifications.singles import AS_POSTED, TEST
from sysmail.outbox import Delivery, Priority
from sysmail.people import Person
from sysmail.preferences import setting
from sysmail.words import DEFAULT_LANGUAGE, LANGUAGES, _

HTML = "html"
TEXT = "text"
UTC = "UTC"
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
    `footer`, `names_actor` and `reply_to` are the installation's Design; its name is `from_name`.
    Summaries and mails about the audit log tell times by the clock of `zone` (an IANA name);
    `items` (ids of events) and how many `more` are a summary's.
    """

    from_address: str
    from_name: str
    format: str
    language: str
    link_base: str
    template: int
    through: dict[str, Any]
    dkim: Sequence[int] = ()
    zone: str = UTC
    items: Sequence[int] = ()
    more: int = 0
    footer: str = ""
    names_actor: bool = False
    reply_to: str | None = None

    @property
    def house(self) -> dict[str, str]:
        """What every letter tells of the installation."""
        return {"portal": self.from_name, "footer": self.footer}

    def sender(self, actor: str = "") -> Address:
        """From whom: in the language spoken, and naming the actor where that is wished."""
        name = self.from_name
        if self.names_actor and actor not in ("", name):
            name = _("%(name)s via %(portal)s", name=shorten(actor), portal=name)
        return _address(self.from_address, name)

    @property
    def replies(self) -> Address | None:
        return _address(self.reply_to, "") if self.reply_to else None


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
    current, wished = account.current(session), design(session)
    common = {
        "from_address": account.sender(current, config),
        "from_name": wished.portal,
        "footer": wished.footer,
        "names_actor": wished.names_actor,
        "reply_to": wished.reply_to,
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


@lru_cache(maxsize=256)
def _address(email: str, name: str) -> Address:
    return Address(email, name)


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
