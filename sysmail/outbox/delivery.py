"""What is owed to one recipient, and every try to pay it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import JSON, BindParameter, ForeignKey, Index, String, Table, Text, bindparam, text
from sqlalchemy.orm import Mapped, mapped_column

from sysmail.db import Base, Id, UtcTime


class State(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    WITHDRAWN = "withdrawn"


class Priority:
    """Lower goes first."""

    TEST = 0
    ACCOUNT = 1
    NOTIFICATION = 2
    SUMMARY = 3
    ALL = (TEST, ACCOUNT, NOTIFICATION, SUMMARY)


_DUE = text("state IN ('queued', 'uncertain')")
_TROUBLED = text("trouble_at IS NOT NULL")
_UNCERTAIN = text("outcome = 'uncertain'")
_MANY = text("notices IS NOT NULL")
LOST = text("state IN ('failed', 'withdrawn')")


class Delivery(Base):
    """One mail to one person.

    `kind` is an event's kind, "digest", "test" or "account". `address` and `name` are the
    recipient's, renewed by the first claim that reaches the dot, then kept with `shape`, which
    holds what else shapes the bytes. `because` is the notification's reason. `snapshot` is
    the sealed content of a test or account mail, erased when the delivery is terminal.
    `tries` counts charged tries, `uncertain_tries` unanswered dots, `deaths` claims that ended
    with their worker's before the dot. `trouble_at` is the time
    of the last try when that did not succeed: the failure history's order. `reason` tells why
    it was withdrawn. `notices` is how many a summary tells; any other mail is one, and has None.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        Index("ix_delivery_due", "priority", "due_at", "id", sqlite_where=_DUE),
        Index("ix_delivery_trouble", "trouble_at", "id", "state", "cause", "kind",
              sqlite_where=_TROUBLED),
        Index("ix_delivery_incident", "state", "cause", "trouble_at", "id",
              sqlite_where=_TROUBLED),
        Index("ix_delivery_state", "state", "worker_id"),
        Index("ix_delivery_held", "state", "id", sqlite_where=text("held IS 1")),
        Index("ix_delivery_notices", "state", "notices", sqlite_where=_MANY),
        Index("ix_delivery_event", "event_id", "person_id"),
        Index("ix_delivery_lost", "event_id", sqlite_where=LOST),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(10))
    priority: Mapped[int]
    event_id: Mapped[int | None] = mapped_column(Id)
    person_id: Mapped[int | None] = mapped_column(Id, index=True)
    because: Mapped[str | None] = mapped_column(String(20))
    address: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    due_at: Mapped[datetime] = mapped_column(UtcTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcTime)
    held: Mapped[bool] = mapped_column(default=False)
    tries: Mapped[int] = mapped_column(default=0)
    uncertain_tries: Mapped[int] = mapped_column(default=0)
    deaths: Mapped[int] = mapped_column(default=0)
    claim_token: Mapped[str | None] = mapped_column(String(32))
    worker_id: Mapped[str | None] = mapped_column(String(64))
    claimed_at: Mapped[datetime | None] = mapped_column(UtcTime)
    shape: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    snapshot: Mapped[str | None] = mapped_column(Text)
    sha256: Mapped[str | None] = mapped_column(String(64))
    cause: Mapped[str | None] = mapped_column(String(40))
    trouble_at: Mapped[datetime | None] = mapped_column(UtcTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcTime)
    reason: Mapped[str | None] = mapped_column(String(40))
    notices: Mapped[int | None]

    def end(self, state: State, now: datetime) -> None:
        """Sent, failed or withdrawn: nothing more happens, and sealed content is erased."""
        self.state = state
        self.settled_at = now
        self.snapshot = None
        self.release()

    def wait(self, due_at: datetime) -> None:
        """Back in the queue. What no server can have seen is made anew next time."""
        self.state = State.QUEUED
        self.due_at = due_at
        self.release()
        if self.uncertain_tries == 0:
            self.shape = self.sha256 = None

    def doubt(self, due_at: datetime) -> None:
        """Nobody knows whether it was accepted; it keeps its bytes."""
        self.state = State.UNCERTAIN
        self.uncertain_tries += 1
        self.due_at = due_at
        self.release()

    def rest(self, tries: int) -> None:
        """Uncertain, and not repeated by itself: an equal copy cannot be made any more."""
        self.state = State.UNCERTAIN
        self.uncertain_tries = max(self.uncertain_tries, tries + 1)
        self.release()

    def release(self) -> None:
        self.claim_token = self.worker_id = None


# Written out, not bound: only then does SQLite see that the index of what is due serves.
CLAIMABLE: BindParameter[list[str]] = bindparam(
    "claimable",
    [State.QUEUED.value, State.UNCERTAIN.value],
    expanding=True,
    literal_execute=True,
)


class Attempt(Base):
    """One try: where it ended, what the server said, and how long it took.

    `outcome` is sent, transient, permanent, config or uncertain (the verdict's class).
    `words` is the server's text made safe; `transcript` is redacted; `mode` is external,
    relay or direct.
    """

    __tablename__ = "attempt"
    __table_args__ = (
        Index("ix_attempt_uncertain", "delivery_id", sqlite_where=_UNCERTAIN),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    delivery_id: Mapped[int] = mapped_column(
        Id, ForeignKey("delivery.id", ondelete="CASCADE"), index=True
    )
    at: Mapped[datetime] = mapped_column(UtcTime)
    outcome: Mapped[str] = mapped_column(String(10))
    scope: Mapped[str] = mapped_column(String(10))
    phase: Mapped[str] = mapped_column(String(10))
    cause: Mapped[str | None] = mapped_column(String(40))
    code: Mapped[int | None]
    enhanced: Mapped[str | None] = mapped_column(String(12))
    words: Mapped[str] = mapped_column(Text, default="")
    host: Mapped[str] = mapped_column(String(255), default="")
    port: Mapped[int | None]
    mode: Mapped[str] = mapped_column(String(10), default="external")
    encryption: Mapped[str] = mapped_column(String(10), default="plain")
    authenticated: Mapped[bool] = mapped_column(default=False)
    tls: Mapped[str | None] = mapped_column(String(20))
    milliseconds: Mapped[int] = mapped_column(default=0)
    sha256: Mapped[str | None] = mapped_column(String(64))
    transcript: Mapped[str] = mapped_column(Text, default="")


DELIVERIES = cast(Table, Delivery.__table__)
ATTEMPTS = cast(Table, Attempt.__table__)


class Worker(Base):
    """A worker process, as others see it: its life is the raising of `beats`."""

    __tablename__ = "worker"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    boot_id: Mapped[str] = mapped_column(String(64))
    pid: Mapped[int]
    started_at: Mapped[datetime] = mapped_column(UtcTime)
    seen_at: Mapped[datetime] = mapped_column(UtcTime)
    beats: Mapped[int] = mapped_column(default=0)


class Posted(Base):
    """How many single mails (tests, account mails) were ever posted: half of the ledger."""

    __tablename__ = "posted"

    id: Mapped[int] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(default=0)
