"""Notifications: who is told what, why, and in which words."""

from sysmail.notifications.notification import Notification
from sysmail.notifications.singles import post_account_mail, send_test, withdraw_tests

__all__ = ["Notification", "post_account_mail", "send_test", "withdraw_tests"]
