"""DKIM keys of the sender's domain: made, put to use, replaced and withdrawn."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from sqlalchemy import String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from sysmail import clock
from sysmail.account.account import EXTERNAL, current, fresh, sender
from sysmail.account.hosts import BadHost, normalise
from sysmail.account.models import Account
from sysmail.audit import Actor, record
from sysmail.config import Config
from sysmail.db import Base, UtcTime
from sysmail.mime import ED25519, RSA, SigningKey, key_record, load_key, make_key
from sysmail.vault import CannotOpen, Context, Vault


class KeyState(StrEnum):
    """Made: its record is to be published. Active: it signs. Retired: it no longer signs, but
    mails it signed are still under way. Withdrawn: its record may go."""

    MADE = "made"
    ACTIVE = "active"
    RETIRED = "retired"
    WITHDRAWN = "withdrawn"


PUBLISHED = (KeyState.MADE, KeyState.ACTIVE, KeyState.RETIRED)


class DkimKey(Base):
    """`domain` in A-labels; `public` is base64. The private half stays when the key is
    withdrawn: a repeat of what it signed must be equal."""

    __tablename__ = "dkim_key"

    id: Mapped[int] = mapped_column(primary_key=True)
    domain: Mapped[str] = mapped_column(String(255))
    selector: Mapped[str] = mapped_column(String(63), unique=True)
    algorithm: Mapped[str] = mapped_column(String(10))
    private_sealed: Mapped[str] = mapped_column(Text)
    public: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10))
    made_at: Mapped[datetime] = mapped_column(UtcTime)
    changed_at: Mapped[datetime] = mapped_column(UtcTime)

    @property
    def place(self) -> str:
        """The host of its TXT record."""
        return f"{self.selector}._domainkey.{self.domain}"

    @property
    def value(self) -> str:
        """The text of its TXT record."""
        return key_record(self.algorithm, self.public)


def sender_domain(account: Account, config: Config) -> str:
    """What follows the @ of the From address, in A-labels; "" where that is no host name."""
    try:
        return normalise(sender(account, config).rpartition("@")[2])
    except BadHost:
        return ""


def signs_here(account: Account) -> bool:
    """Mails of the built-in server are signed, those of an external one on wish."""
    return account.mail_server != EXTERNAL or bool(account.signs_external)


def keys_of(session: Session, domain: str) -> list[DkimKey]:
    """Newest pair first, RSA before Ed25519, the withdrawn left out."""
    known = select(DkimKey).where(DkimKey.domain == domain, DkimKey.state.in_(PUBLISHED))
    return sorted(session.scalars(known), key=lambda key: (-key.made_at.timestamp(), key.id))


def signing_ids(session: Session, account: Account, config: Config) -> tuple[int, ...]:
    """The keys that sign a mail of this account now, RSA first; mostly none or two."""
    if not signs_here(account):
        return ()
    active = select(DkimKey.id).where(
        DkimKey.domain == sender_domain(account, config), DkimKey.state == KeyState.ACTIVE
    )
    return tuple(session.scalars(active.order_by(DkimKey.algorithm.desc(), DkimKey.id).limit(2)))


def signing_key(session: Session, vault: Vault, key_id: int) -> SigningKey:
    """The key, ready to sign. Raises CannotOpen when it, or the vault's key, is gone."""
    key = session.get(DkimKey, key_id)
    if key is None:
        raise CannotOpen("the DKIM key is gone")
    return load_key(key.domain, key.selector, vault.open(key.private_sealed, _context(key)))


def make_keys(session: Session, vault: Vault, actor: Actor, domain: str) -> list[DkimKey]:
    """An RSA and an Ed25519 key, which sign once `start_signing` is called; others that never
    signed are withdrawn."""
    _change(_in_state(session, domain, KeyState.MADE), KeyState.WITHDRAWN)
    tag = f"sysmail-{secrets.token_hex(3)}"
    names = ((f"{tag}-rsa", RSA), (f"{tag}-ed", ED25519))
    now = clock.now()
    made = [_make(vault, domain, selector, algorithm, now) for selector, algorithm in names]
    session.add_all(made)
    session.flush()
    record(session, "dkim_keys_made", actor, {"domain": domain})
    return made


def start_signing(session: Session, actor: Actor, domain: str) -> bool:
    """Puts the keys made last to use; those in use until now are retired. False: none made."""
    made = _in_state(session, domain, KeyState.MADE)
    if not made:
        return False
    _change(_in_state(session, domain, KeyState.ACTIVE), KeyState.RETIRED)
    _change(made, KeyState.ACTIVE)
    record(session, "dkim_signing_started", actor, {"domain": domain})
    return True


def withdraw_key(session: Session, actor: Actor, key: DkimKey) -> None:
    """The key signs nothing new, and its record may go."""
    if key.state != KeyState.WITHDRAWN:
        _change([key], KeyState.WITHDRAWN)
        record(session, "dkim_key_withdrawn", actor, {"key": key.place})


def sign_external(session: Session, actor: Actor, wanted: bool) -> None:
    """Whether mails that leave by an external server are signed here."""
    account = current(session)
    if bool(account.signs_external) == wanted:
        return
    if session.get(Account, 1) is None:
        account = fresh()
        session.add(account)
    account.signs_external = wanted
    record(session, "dkim_external_changed", actor, {"change": "on" if wanted else "off"})


def _make(vault: Vault, domain: str, selector: str, algorithm: str, now: datetime) -> DkimKey:
    private, public = make_key(algorithm)
    key = DkimKey(
        domain=domain,
        selector=selector,
        algorithm=algorithm,
        public=public,
        state=KeyState.MADE,
        made_at=now,
        changed_at=now,
    )
    key.private_sealed = vault.seal(private, _context(key))
    return key


def _in_state(session: Session, domain: str, state: KeyState) -> list[DkimKey]:
    return list(
        session.scalars(select(DkimKey).where(DkimKey.domain == domain, DkimKey.state == state))
    )


def _change(keys: Iterable[DkimKey], state: KeyState) -> None:
    for key in keys:
        key.state = state
        key.changed_at = clock.now()


def _context(key: DkimKey) -> Context:
    return {"purpose": "DKIM", "domain": key.domain, "selector": key.selector}
