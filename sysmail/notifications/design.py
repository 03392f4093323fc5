"""How this installation's mails look and whom they come from, as administrators set it."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlalchemy import String
from sqlalchemy.orm import Mapped, Session, mapped_column

from sysmail import audit
from sysmail.audit import Actor
from sysmail.config import PORTAL_NAME
from sysmail.db import Base

PORTAL_LENGTH, FOOTER_LENGTH = 60, 500


@dataclass(frozen=True)
class Design:
    """`portal` is the name that mails come from and speak of; `footer` stands under each of them.
    `names_actor`: mail about what somebody did comes from "NAME via PORTAL". Replies go to
    `reply_to`, a normalised address; without one to the System Mail Account."""

    portal: str = PORTAL_NAME
    footer: str = ""
    names_actor: bool = False
    reply_to: str | None = None


class MailDesign(Base):
    """At most one row, 1: a Design as it was set."""

    __tablename__ = "mail_design"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    portal: Mapped[str] = mapped_column(String(PORTAL_LENGTH))
    footer: Mapped[str] = mapped_column(String(FOOTER_LENGTH))
    names_actor: Mapped[bool]
    reply_to: Mapped[str | None] = mapped_column(String(254))


def design(session: Session) -> Design:
    """What was set, or the default."""
    stored = session.get(MailDesign, 1)
    if stored is None:
        return Design()
    return Design(stored.portal, stored.footer, stored.names_actor, stored.reply_to)


def change_design(session: Session, actor: Actor, chosen: Design) -> None:
    """Sets it, audited; mail that no server can have seen yet is made in the new way."""
    before, after = asdict(design(session)), asdict(chosen)
    changed = [name for name in after if after[name] != before[name]]
    if not changed:
        return
    session.merge(MailDesign(id=1, **after))
    details = {
        "before": {name: before[name] for name in changed},
        "after": {name: after[name] for name in changed},
    }
    audit.record(session, "mail_design_changed", actor, details)
