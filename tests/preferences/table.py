"""A hand-written table: daily at 17:00, mentions at once, quiet from 22 to 7.

The person lives in Berlin while its clock is set forward (29 March 2026), flies to Tokyo and
comes back. Nobody computed these times: they were read off a calendar of both cities.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

BERLIN, TOKYO = "Europe/Berlin", "Asia/Tokyo"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=UTC)


@dataclass(frozen=True)
class Row:
    """Something happens at `at` while the person's zone is `zone`; its mail goes at `mailed`."""

    at: datetime
    zone: str
    mentioned: bool
    mailed: datetime


ROWS = [
    # Saturday 28 March, Berlin is at UTC+1: 17:00 is 16:00 UTC.
    Row(utc("03-28 06:30"), BERLIN, False, utc("03-28 16:00")),
    Row(utc("03-28 15:59"), BERLIN, False, utc("03-28 16:00")),
    Row(utc("03-28 12:10"), BERLIN, True, utc("03-28 12:10")),
    # After 17:00 everything is for Sunday, when Berlin is at UTC+2: 17:00 is 15:00 UTC.
    Row(utc("03-28 16:00"), BERLIN, False, utc("03-29 15:00")),
    Row(utc("03-28 20:59"), BERLIN, True, utc("03-28 20:59")),
    # 22:00 in Berlin: a mention waits for 07:00, which comes an hour earlier this Sunday.
    Row(utc("03-28 21:00"), BERLIN, True, utc("03-29 05:00")),
    Row(utc("03-29 00:59"), BERLIN, True, utc("03-29 05:00")),
    Row(utc("03-29 01:01"), BERLIN, True, utc("03-29 05:00")),
    Row(utc("03-29 04:59"), BERLIN, False, utc("03-29 15:00")),
    Row(utc("03-29 05:00"), BERLIN, True, utc("03-29 05:00")),
    # Monday 30 March, in Tokyo, at UTC+9: 17:00 is 08:00 UTC, 22:00 is 13:00, 07:00 is 22:00.
    Row(utc("03-30 07:59"), TOKYO, False, utc("03-30 08:00")),
    Row(utc("03-30 08:00"), TOKYO, False, utc("03-31 08:00")),
    Row(utc("03-30 12:59"), TOKYO, True, utc("03-30 12:59")),
    Row(utc("03-30 13:00"), TOKYO, True, utc("03-30 22:00")),
    Row(utc("03-30 21:59"), TOKYO, True, utc("03-30 22:00")),
    # Tuesday 31 March: back in Berlin at noon. What gathered since 08:00 UTC comes at 17:00 there.
    Row(utc("03-31 10:00"), BERLIN, False, utc("03-31 15:00")),
    Row(utc("03-31 19:59"), BERLIN, True, utc("03-31 19:59")),
    Row(utc("03-31 20:00"), BERLIN, True, utc("04-01 05:00")),
]
