"""The System Mail Account, its health, and the domains that wait."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from sysmail.db import Base, UtcTime
from sysmail.smtp import Trust


class Account(Base):
    """One row (id 1). `mail_server` builtin | external; `encryption` plain | ssl | starttls.

    `password_sealed` opens only with the host, port, encryption, account name and trust it was
    typed for, `client_secret_sealed` also with the OAuth application alone. `trust_ca` is PEM;
    `trust_pinned` that of the certificate `trust_fingerprint` stands for, where it is known.
    A blank `helo_name` is the installation's. `version` rises with each save: the
    compare-and-set of two administrators.
    """

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
    mail_server: Mapped[str] = mapped_column(String(10), default="builtin")
    email_address: Mapped[str] = mapped_column(String(254), default="")
    smtp_host: Mapped[str] = mapped_column(String(255), default="")
    smtp_port: Mapped[int | None]
    encryption: Mapped[str] = mapped_column(String(10), default="starttls")
    helo_name: Mapped[str] = mapped_column(String(255), default="")
    use_smtp_auth: Mapped[bool] = mapped_column(default=False)
    account_name: Mapped[str] = mapped_column(String(255), default="")
    allow_clear_login: Mapped[bool] = mapped_column(default=False)
    password_sealed: Mapped[str | None] = mapped_column(Text)
    password_changed_at: Mapped[datetime | None] = mapped_column(UtcTime)
    password_changed_by: Mapped[str] = mapped_column(String(200), default="")
    changed_at: Mapped[datetime] = mapped_column(UtcTime)
    signs_external: Mapped[bool] = mapped_column(default=False)
    trust_ca: Mapped[str] = mapped_column(Text, default="")
    trust_fingerprint: Mapped[str] = mapped_column(String(64), default="")
    trust_pinned: Mapped[str] = mapped_column(Text, default="")
    login_method: Mapped[str] = mapped_column(String(10), default="password")
    oauth_provider: Mapped[str] = mapped_column(String(10), default="")
    oauth_grant: Mapped[str] = mapped_column(String(20), default="")
    tenant: Mapped[str] = mapped_column(String(100), default="")
    authorize_url: Mapped[str] = mapped_column(String(500), default="")
    token_url: Mapped[str] = mapped_column(String(500), default="")
    oauth_scope: Mapped[str] = mapped_column(String(500), default="")
    client_id: Mapped[str] = mapped_column(String(500), default="")
    client_secret_sealed: Mapped[str | None] = mapped_column(Text)
    client_secret_changed_at: Mapped[datetime | None] = mapped_column(UtcTime)
    client_secret_changed_by: Mapped[str] = mapped_column(String(200), default="")
    client_secret_expires_on: Mapped[date | None]
    authorization: Mapped[Authorization | None] = relationship(viewonly=True)

    @property
    def trust(self) -> Trust:
        return Trust(self.trust_ca, self.trust_fingerprint)


class Authorization(Base):
    """What the authorization server granted for the account's OAuth log-in, or why nothing.

    `trouble` is None or a cause (authorization_refused | authorization_unreachable), `words` what
    the server said. `claim` names who asks the server now; it counts until `claimed_until`.
    """

    __tablename__ = "account_authorization"

    account_id: Mapped[int] = mapped_column(
        ForeignKey("account.id"), primary_key=True, autoincrement=False
    )
    refresh_token_sealed: Mapped[str | None] = mapped_column(Text)
    consented_at: Mapped[datetime | None] = mapped_column(UtcTime)
    consented_by: Mapped[str] = mapped_column(String(200), default="")
    access_token_sealed: Mapped[str | None] = mapped_column(Text)
    access_token_expires_at: Mapped[datetime | None] = mapped_column(UtcTime)
    fetched_at: Mapped[datetime | None] = mapped_column(UtcTime)
    trouble: Mapped[str | None] = mapped_column(String(40))
    words: Mapped[str] = mapped_column(Text, default="")
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None] = mapped_column(UtcTime)
    claim: Mapped[str | None] = mapped_column(String(32))
    claimed_until: Mapped[datetime | None] = mapped_column(UtcTime)


class Health(Base):
    """One row (id 1). `state` active | paused; paused is for config trouble alone.

    `waits_until` is transient trouble of the whole account: nothing is tried before it.
    `probes` and `waits` count what came since the trouble began. `slowed_to` is how many
    connections were left when the server last asked for fewer mails, `slowed_at` when that was.
    `encrypted_host` last took mail over an encrypted connection, and none in the clear since.
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
    encrypted_host: Mapped[str] = mapped_column(String(255), default="")
    slowed_to: Mapped[int | None]
    slowed_at: Mapped[datetime | None] = mapped_column(UtcTime)


class DomainWait(Base):
    """A recipient's domain that cannot be reached now (direct delivery)."""

    __tablename__ = "domain_wait"

    domain: Mapped[str] = mapped_column(String(255), primary_key=True)
    cause: Mapped[str] = mapped_column(String(40))
    waits: Mapped[int]
    until: Mapped[datetime] = mapped_column(UtcTime)
