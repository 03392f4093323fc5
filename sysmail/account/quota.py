"""When a used-up quota is renewed, as far as the mail server tells."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

_DAILY = re.compile(r"\b(daily|per day|a day|(24|twenty[- ]four)[- ]?h(ours?)?)\b", re.IGNORECASE)
_HOURLY = re.compile(r"\b(hourly|per hour|an hour)\b", re.IGNORECASE)


def window_ends(
    words: str, hint: timedelta | None, since: datetime, now: datetime
) -> datetime | None:
    """`hint` is the server's own "try again in"; else "daily" means 24 hours from `since` (Gmail
    and Amazon SES count the last 24 hours), "hourly" one. None where nothing is told."""
    if hint is not None:
        return now + hint
    if _DAILY.search(words):
        return since + timedelta(days=1)
    if _HOURLY.search(words):
        return since + timedelta(hours=1)
    return None
