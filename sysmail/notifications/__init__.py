"""Notifications: who is told what, why, and in which words."""

from sysmail.notifications.audience import (
    GONE,
    MAILED,
    NOT,
    SUMMARY,
    WAYS,
    Tally,
    Told,
    decided_for,
    event_about,
    everybody_told,
    tallies,
    told_of,
    told_to,
)
from sysmail.notifications.bell import (
    MOST_UNREAD,
    Place,
    heard,
    mark_all_read,
    open_heard,
    unread_count,
)
from sysmail.notifications.bounces import try_address_again
from sysmail.notifications.choices import (
    Consequences,
    apply_app_mode,
    apply_choice,
    apply_default,
    apply_record_mode,
)
from sysmail.notifications.compose import composer
from sysmail.notifications.design import (
    FOOTER_LENGTH,
    PORTAL_LENGTH,
    Design,
    MailDesign,
    change_design,
    design,
)
from sysmail.notifications.expand import expand_next
from sysmail.notifications.items import lines_of
from sysmail.notifications.ledger import Ledger, ledger, waiting_items
from sysmail.notifications.notification import Notification
from sysmail.notifications.posting import hold_summaries, turn_summaries
from sysmail.notifications.reasons import because_of, because_of_you, why_not, why_not_you
from sysmail.notifications.rescheduling import Rescheduling, Waiting, waiting_by_default
from sysmail.notifications.retiming import Retimed
from sysmail.notifications.samples import SAMPLES, Sample, sample
from sysmail.notifications.sections import Section, sections
from sysmail.notifications.singles import LIFETIMES, post_account_mail, send_test, withdraw_tests
from sysmail.notifications.tray import (
    Tray,
    put_back,
    send_now,
    strike,
    struck_items,
    tray,
    tray_items,
)
from sysmail.notifications.unsubscribe import (
    SUMMARIES,
    is_told,
    read_token,
    record_of,
    unsubscribe,
    unsubscribe_token,
)
from sysmail.notifications.week import Week, last_week
from sysmail.notifications.withdrawing import withdraw_about, withdraw_for

__all__ = [
    "FOOTER_LENGTH",
    "GONE",
    "LIFETIMES",
    "MAILED",
    "MOST_UNREAD",
    "NOT",
    "PORTAL_LENGTH",
    "SAMPLES",
    "SUMMARIES",
    "SUMMARY",
    "WAYS",
    "Consequences",
    "Design",
    "Ledger",
    "MailDesign",
    "Notification",
    "Place",
    "Rescheduling",
    "Retimed",
    "Sample",
    "Section",
    "Tally",
    "Told",
    "Tray",
    "Waiting",
    "Week",
    "apply_app_mode",
    "apply_choice",
    "apply_default",
    "apply_record_mode",
    "because_of",
    "because_of_you",
    "change_design",
    "composer",
    "decided_for",
    "design",
    "event_about",
    "everybody_told",
    "expand_next",
    "heard",
    "hold_summaries",
    "is_told",
    "last_week",
    "ledger",
    "lines_of",
    "mark_all_read",
    "open_heard",
    "post_account_mail",
    "put_back",
    "read_token",
    "record_of",
    "sample",
    "sections",
    "send_now",
    "send_test",
    "strike",
    "struck_items",
    "tallies",
    "told_of",
    "told_to",
    "tray",
    "tray_items",
    "try_address_again",
    "turn_summaries",
    "unread_count",
    "unsubscribe",
    "unsubscribe_token",
    "waiting_by_default",
    "waiting_items",
    "why_not",
    "why_not_you",
    "withdraw_about",
    "withdraw_for",
    "withdraw_tests",
]
