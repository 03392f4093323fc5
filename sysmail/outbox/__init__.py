"""Outbox: every mail owed, and each try to deliver it."""

from sysmail.outbox.claim import Claimant, claim, has_due
from sysmail.outbox.delivery import Attempt, Delivery, Posted, Priority, State, Worker
from sysmail.outbox.dispatch import Dispatcher, journals
from sysmail.outbox.history import (
    TROUBLED_STATES,
    Filters,
    NotRetriable,
    Retried,
    attempts_of,
    last_attempts,
    quiet_since,
    refusal,
    retry_delivery,
    troubled,
)
from sysmail.outbox.journal import forget
from sysmail.outbox.post import post
from sysmail.outbox.prepared import (
    CannotCompose,
    Claimed,
    Composer,
    Outcome,
    Prepared,
    Withdrawn,
)
from sysmail.outbox.takeover import take_over
from sysmail.outbox.wake import Always, DataVersion, Wake
from sysmail.outbox.worker_life import Heart, Observer, boot_id, own_id, worker_alive

__all__ = [
    "TROUBLED_STATES",
    "Always",
    "Attempt",
    "CannotCompose",
    "Claimant",
    "Claimed",
    "Composer",
    "DataVersion",
    "Delivery",
    "Dispatcher",
    "Filters",
    "Heart",
    "NotRetriable",
    "Observer",
    "Outcome",
    "Posted",
    "Prepared",
    "Priority",
    "Retried",
    "State",
    "Wake",
    "Withdrawn",
    "Worker",
    "attempts_of",
    "boot_id",
    "claim",
    "forget",
    "has_due",
    "journals",
    "last_attempts",
    "own_id",
    "post",
    "quiet_since",
    "refusal",
    "retry_delivery",
    "take_over",
    "troubled",
    "worker_alive",
]
