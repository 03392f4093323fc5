"""Notifications: who is told what, why, and in which words."""

from sysmail.notifications.choices import apply_choice
from sysmail.notifications.compose import composer
from sysmail.notifications.expand import expand_next
from sysmail.notifications.ledger import Ledger, ledger
from sysmail.notifications.notification import Notification
from sysmail.notifications.singles import post_account_mail, send_test, withdraw_tests
from sysmail.notifications.unsubscribe import read_token, unsubscribe, unsubscribe_token
from sysmail.notifications.withdrawing import withdraw_about, withdraw_for

__all__ = [
    "Ledger",
    "Notification",
    "apply_choice",
    "composer",
    "expand_next",
    "ledger",
    "post_account_mail",
    "read_token",
    "send_test",
    "unsubscribe",
    "unsubscribe_token",
    "withdraw_about",
    "withdraw_for",
    "withdraw_tests",
]
