"""What shapes a mail's bytes beside its event: fixed at the first try, the same for each copy."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy.orm import Session

from sysmail import account
from sysmail.config import Config
from sysmail.notifications.letters import PORTAL, TEMPLATE_VERSION
from sysmail.notifications.singles import TEST
from sysmail.outbox import Delivery
from sysmail.preferences import choice_of
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

    def values(self) -> dict[str, Any]:
        """Plain JSON, as it is kept on the delivery."""
        return asdict(self)


def shape_of(session: Session, config: Config, delivery: Delivery) -> Shape:
    """The shape written on the delivery, or the one it gets with its first try."""
    if delivery.shape is not None:
        return Shape(**delivery.shape)
    current = account.current(session)
    reader = delivery.person_id if delivery.event_id is not None else None
    return Shape(
        from_address=account.sender(current, config),
        from_name=PORTAL,
        format=HTML if reader is None else choice_of(session, reader).format,
        language=DEFAULT_LANGUAGE,
        link_base=config.public_url,
        template=TEMPLATE_VERSION,
        through=_through(current, config) if delivery.kind == TEST else {},
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
