"""Outbox: every mail owed, and each try to deliver it."""

from sysmail.outbox import points
from sysmail.outbox.ahead import pull_back
from sysmail.outbox.arrival import (
    Arrival,
    arrival_token,
    arrived_at,
    note_arrival,
    read_arrival,
)
from sysmail.outbox.claim import Claimant, claim
from sysmail.outbox.days import HistoryDay, last_days
from sysmail.outbox.delivery import LOST, Attempt, Delivery, Posted, Priority, State, Worker
from sysmail.outbox.dispatch import Dispatcher
from sysmail.outbox.filters import ANY, STATES, TROUBLED_STATES, Filters, listed, troubled
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
    NotRetriable,
    Retried,
    Seen,
    Shown,
    attempts_of,
    cancel_delivery,
    is_cancellable,
    last_attempts,
    last_seen,
    quiet_since,
    refusal,
    retry_delivery,
    shown,
)
from sysmail.outbox.housekeeping import Housekeeping
from sysmail.outbox.incidents import MOST_COUNTED, Group, groups
from sysmail.outbox.journal import forget, journals
from sysmail.outbox.post import post
from sysmail.outbox.prepared import (
    CannotCompose,
    Claimed,
    Composer,
    Later,
    Outcome,
    Prepared,
    Withdrawn,
)
from sysmail.outbox.pulse import Pulse, attempts_by_outcome, pulse
from sysmail.outbox.resend import (
    MOST_CHOSEN,
    Resend,
    Tally,
    Which,
    ask_resend,
    cancel_resend,
    running_resend,
    tally,
)
from sysmail.outbox.retention import LONGEST_KEPT, SHORTEST_KEPT, keep_for, kept_days
from sysmail.outbox.takeover import take_over
from sysmail.outbox.wake import DataVersion, Wake, wake_for
from sysmail.outbox.worker_life import Heart, Observer, boot_id, own_id, worker_alive, workers_alive

__all__ = [
    "ANY",
    "LONGEST_KEPT",
    "LOST",
    "MOST_CHOSEN",
    "MOST_COUNTED",
    "SHORTEST_KEPT",
    "STATES",
    "TROUBLED_STATES",
    "Arrival",
    "Attempt",
    "CannotCompose",
    "Claimant",
    "Claimed",
    "Composer",
    "DataVersion",
    "Delivery",
    "Dispatcher",
    "Filters",
    "Group",
    "Heart",
    "HistoryDay",
    "Housekeeping",
    "Later",
    "NotRetriable",
    "Observer",
    "Outcome",
    "Posted",
    "Prepared",
    "Priority",
    "Pulse",
    "Resend",
    "Retried",
    "Seen",
    "Shown",
    "State",
    "Tally",
    "Wake",
    "Which",
    "Withdrawn",
    "Worker",
    "any_held",
    "arrival_token",
    "arrived_at",
    "ask_resend",
    "attempts_by_outcome",
    "attempts_of",
    "boot_id",
    "cancel_delivery",
    "cancel_resend",
    "claim",
    "drop",
    "forget",
    "groups",
    "held",
    "held_count",
    "held_in_doubt",
    "hold_unsent",
    "is_cancellable",
    "journals",
    "keep_for",
    "kept_days",
    "last_attempts",
    "last_days",
    "last_seen",
    "listed",
    "note_arrival",
    "own_id",
    "points",
    "post",
    "pull_back",
    "pulse",
    "quiet_since",
    "read_arrival",
    "refusal",
    "release",
    "retry_delivery",
    "running_resend",
    "shown",
    "take_over",
    "tally",
    "troubled",
    "wake_for",
    "worker_alive",
    "workers_alive",
]
