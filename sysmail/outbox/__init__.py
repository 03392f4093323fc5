"""Outbox: every mail owed, and each try to deliver it."""

from sysmail.outbox.claim import Claimant, claim, has_due, take_over
from sysmail.outbox.delivery import Attempt, Delivery, Posted, Priority, State, Worker
from sysmail.outbox.dispatch import Dispatcher
from sysmail.outbox.post import post
from sysmail.outbox.prepared import CannotCompose, Composer, Prepared, Withdrawn
from sysmail.outbox.wake import Always, DataVersion, Wake
from sysmail.outbox.worker_life import Heart, Observer, boot_id, own_id, worker_alive

__all__ = [
    "Always",
    "Attempt",
    "CannotCompose",
    "Claimant",
    "Composer",
    "DataVersion",
    "Delivery",
    "Dispatcher",
    "Heart",
    "Observer",
    "Posted",
    "Prepared",
    "Priority",
    "State",
    "Wake",
    "Withdrawn",
    "Worker",
    "boot_id",
    "claim",
    "has_due",
    "own_id",
    "post",
    "take_over",
    "worker_alive",
]
