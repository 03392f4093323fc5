"""What the bell in the header shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_security import current_user

from sysmail.db import db
from sysmail.notifications import MOST_UNREAD, unread_count
from sysmail.web import here
from sysmail.words import _, ngettext


def bell() -> Mapping[str, Any]:
    """`bell` with the number as it is shown and its label; nothing before sign-in."""
    if not current_user.is_authenticated:
        return {"bell": None}
    count = unread_count(db.session(), here.me())
    return {"bell": {"unread": _number(count), "label": _label(count)}}


def _number(count: int) -> str:
    return str(count) if count < MOST_UNREAD else f"{MOST_UNREAD - 1}+"


def _label(count: int) -> str:
    if count == 0:
        return _("Notifications: nothing unread")
    if count >= MOST_UNREAD:
        return _("Notifications: more than %(number)d unread", number=MOST_UNREAD - 1)
    return ngettext("Notifications: %(num)s unread", "Notifications: %(num)s unread", count)
