"""Outbox: every mail owed, and each try to deliver it."""

from sysmail.outbox import points
from sysmail.outbox.ahead import pull_back
from sysmail.outbox.claim import Claimant, claim
from sysmail.outbox.delivery import Attempt, Delivery, Posted, Priority, State, Worker
from sysmail.outbox.dispatch import Dispatcher
from sysmail.outbox.held import (
    any_held,
    drop,
    held,
    held_count,
    held_in_doubt,
    hold_unsent,
    release,
)
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
from sysmail.outbox.journal import forget, journals
from sysmail.outbox.post import post
from sysmail.outbox.prepared import (
    CannotCompose,
    Claimed,
    Composer,
    Outcome,
    Prepared,
    Withdrawn,
)
from sysmail.outbox.pulse import Pulse, attempts_by_outcome, pulse
from sysmail.outbox.takeover import take_over
from sysmail.outbox.wake import DataVersion, Wake, wake_for
from sysmail.outbox.worker_life import Heart, Observer, boot_id, own_id, worker_alive, workers_alive

__all__ = [
    "TROUBLED_STATES",
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
    "Pulse",
    "Retried",
    "State",
    "Wake",
    "Withdrawn",
    "Worker",
    "any_held",
    "attempts_by_outcome",
    "attempts_of",
    "boot_id",
    "claim",
    "drop",
    "forget",
    "held",
    "held_count",
    "held_in_doubt",
    "hold_unsent",
    "journals",
    "last_attempts",
    "own_id",
    "points",
    "post",
    "pull_back",
    "pulse",
    "quiet_since",
    "refusal",
    "release",
    "retry_delivery",
    "take_over",
    "troubled",
    "wake_for",
    "worker_alive",
    "workers_alive",
]
