"""The System Mail Account, its health, and the domains that wait."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from sysmail.db import Base, UtcTime


class Account(Base):
    """One row (id 1). `mail_server` builtin | external; `encryption` plain | ssl | starttls.

    `password_sealed` opens only with the host, port, encryption and account name it was
    typed for. `version` rises with each save: the compare-and-set of two administrators.
    """

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
    mail_server: Mapped[str] = mapped_column(String(10), default="builtin")
    email_address: Mapped[str] = mapped_column(String(254), default="")
    smtp_host: Mapped[str] = mapped_column(String(255), default="")
    smtp_port: Mapped[int | None]
    encryption: Mapped[str] = mapped_column(String(10), default="starttls")
    use_smtp_auth: Mapped[bool] = mapped_column(default=False)
    account_name: Mapped[str] = mapped_column(String(255), default="")
    allow_clear_login: Mapped[bool] = mapped_column(default=False)
    password_sealed: Mapped[str | None] = mapped_column(Text)
    password_changed_at: Mapped[datetime | None] = mapped_column(UtcTime)
    password_changed_by: Mapped[str] = mapped_column(String(200), default="")
    changed_at: Mapped[datetime] = mapped_column(UtcTime)


class Health(Base):
    """One row (id 1). `state` active | paused; paused is for config trouble alone.

    `waits_until` is transient trouble of the whole account: nothing is tried before it.
    `probes` and `waits` count what came since the trouble began.
    """

    __tablename__ = "account_health"

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(String(10), default="active")
    since: Mapped[datetime] = mapped_column(UtcTime)
    cause: Mapped[str | None] = mapped_column(String(40))
    phase: Mapped[str | None] = mapped_column(String(10))
    words: Mapped[str] = mapped_column(Text, default="")
    probes: Mapped[int] = mapped_column(default=0)
    next_probe_at: Mapped[datetime | None] = mapped_column(UtcTime)
    waits: Mapped[int] = mapped_column(default=0)
    waits_until: Mapped[datetime | None] = mapped_column(UtcTime)
    last_accepted_at: Mapped[datetime | None] = mapped_column(UtcTime)
    last_accepted_host: Mapped[str] = mapped_column(String(255), default="")


class DomainWait(Base):
    """A recipient's domain that cannot be reached now (direct delivery)."""

    __tablename__ = "domain_wait"

    domain: Mapped[str] = mapped_column(String(255), primary_key=True)
    cause: Mapped[str] = mapped_column(String(40))
    waits: Mapped[int]
    until: Mapped[datetime] = mapped_column(UtcTime)
