"""Account: the System Mail Account, its settings and its health."""

from sysmail.account.account import BUILTIN, EXTERNAL, current, sender, stored_password
from sysmail.account.ahead import LONGEST_HINT, longest_wait, pull_back_waits
from sysmail.account.domains import clear_domain, waiting_domains
from sysmail.account.health import (
    ACTIVE,
    PAUSED,
    Incident,
    blocked,
    health,
    is_waiting,
    note_accepted,
    note_reached,
    note_trouble,
    probe_due,
    probe_failed,
    tries_alone,
    try_now,
)
from sysmail.account.hosts import BadHost, normalise
from sysmail.account.models import Account, DomainWait, Health
from sysmail.account.route import (
    Capture,
    Direct,
    External,
    PasswordNeeded,
    Route,
    captured_folder,
    endpoint,
    route,
)
from sysmail.account.save import SHOWN, Saved, save
from sysmail.account.schedule import DICE, Dice, jittered
from sysmail.account.settings import Problems, Settings, has_password_for

__all__ = [
    "ACTIVE",
    "BUILTIN",
    "DICE",
    "EXTERNAL",
    "LONGEST_HINT",
    "PAUSED",
    "SHOWN",
    "Account",
    "BadHost",
    "Capture",
    "Dice",
    "Direct",
    "DomainWait",
    "External",
    "Health",
    "Incident",
    "PasswordNeeded",
    "Problems",
    "Route",
    "Saved",
    "Settings",
    "blocked",
    "captured_folder",
    "clear_domain",
    "current",
    "endpoint",
    "has_password_for",
    "health",
    "is_waiting",
    "jittered",
    "longest_wait",
    "normalise",
    "note_accepted",
    "note_reached",
    "note_trouble",
    "probe_due",
    "probe_failed",
    "pull_back_waits",
    "route",
    "save",
    "sender",
    "stored_password",
    "tries_alone",
    "try_now",
    "waiting_domains",
]
