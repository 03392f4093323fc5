"""When summaries are due and quiet hours end: by the person's own clock, whatever it does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sysmail.preferences import EVERY_DAY, Choice, next_summary, quiet_until, zone_of
from tests.preferences.table import ROWS, Row

ZONES = ("UTC", "Europe/Berlin", "Asia/Tokyo", "Australia/Lord_Howe", "Asia/Kathmandu")
MONDAYS = 1
TWO_YEARS = 2 * 365 * 86_400
MOMENTS = st.integers(0, TWO_YEARS).map(
    lambda seconds: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def hourly(zone: str) -> Choice:
    return Choice(frequency="hourly", timezone=zone)


def daily(at: str, zone: str, weekdays: int = EVERY_DAY) -> Choice:
    return Choice(frequency="daily", daily_at=at, weekdays=weekdays, timezone=zone)


def quiet(start: str, end: str, zone: str) -> Choice:
    return Choice(quiet_from=start, quiet_until=end, timezone=zone)


def test_who_wants_mail_at_once_waits_for_no_summary() -> None:
    assert next_summary(Choice(), utc("2026-05-04 10:00")) is None


@pytest.mark.parametrize(
    ("zone", "now", "due"),
    [
        ("UTC", "2026-05-04 10:00", "2026-05-04 11:00"),
        ("UTC", "2026-05-04 10:59:59.999999", "2026-05-04 11:00"),
        ("Asia/Kathmandu", "2026-05-04 10:00", "2026-05-04 10:15"),
        ("Asia/Kathmandu", "2026-05-04 10:15", "2026-05-04 11:15"),
        # Berlin's clock goes from 02:00 to 03:00, and in autumn from 03:00 to 02:00.
        ("Europe/Berlin", "2026-03-29 00:30", "2026-03-29 01:00"),
        ("Europe/Berlin", "2026-10-25 00:30", "2026-10-25 01:00"),
        # Lord Howe's clock moves by half an hour: from 02:00 to 02:30 and back.
        ("Australia/Lord_Howe", "2026-10-03 15:20", "2026-10-03 16:00"),
        ("Australia/Lord_Howe", "2026-04-04 14:20", "2026-04-04 15:30"),
    ],
)
def test_hourly_means_the_next_full_hour_on_the_wall(zone: str, now: str, due: str) -> None:
    assert next_summary(hourly(zone), utc(now)) == utc(due)


@pytest.mark.parametrize(
    ("choice", "now", "due"),
    [
        (daily("17:00", "Asia/Tokyo"), "2026-05-04 07:59", "2026-05-04 08:00"),
        (daily("17:00", "Asia/Tokyo"), "2026-05-04 08:00", "2026-05-05 08:00"),
        (daily("17:00", "Europe/Berlin"), "2026-03-28 16:30", "2026-03-29 15:00"),
        (daily("17:00", "Europe/Berlin"), "2026-10-24 15:30", "2026-10-25 16:00"),
        # 02:30 does not exist on 29 March: an hour later by the new clock.
        (daily("02:30", "Europe/Berlin"), "2026-03-28 12:00", "2026-03-29 01:30"),
        # 02:30 comes twice on 25 October: the first counts, the second does not count again.
        (daily("02:30", "Europe/Berlin"), "2026-10-24 12:00", "2026-10-25 00:30"),
        (daily("02:30", "Europe/Berlin"), "2026-10-25 00:45", "2026-10-26 01:30"),
        # 4 May 2026 is a Monday.
        (daily("17:00", "UTC", MONDAYS), "2026-05-04 16:00", "2026-05-04 17:00"),
        (daily("17:00", "UTC", MONDAYS), "2026-05-04 17:00", "2026-05-11 17:00"),
        (daily("17:00", "UTC", 0b0011111), "2026-05-08 18:00", "2026-05-11 17:00"),
        # In Tokyo it is Monday already.
        (daily("06:00", "Asia/Tokyo", MONDAYS), "2026-05-03 20:00", "2026-05-03 21:00"),
    ],
)
def test_daily_means_that_time_on_the_next_chosen_day(choice: Choice, now: str, due: str) -> None:
    assert next_summary(choice, utc(now)) == utc(due)


@pytest.mark.parametrize(
    ("choice", "now", "end"),
    [
        (quiet("22:00", "07:00", "Europe/Berlin"), "2026-05-04 19:59", None),
        (quiet("22:00", "07:00", "Europe/Berlin"), "2026-05-04 20:00", "2026-05-05 05:00"),
        (quiet("22:00", "07:00", "Europe/Berlin"), "2026-05-05 04:59", "2026-05-05 05:00"),
        (quiet("22:00", "07:00", "Europe/Berlin"), "2026-05-05 05:00", None),
        # The night is an hour shorter, or longer.
        (quiet("22:00", "07:00", "Europe/Berlin"), "2026-03-28 21:30", "2026-03-29 05:00"),
        (quiet("22:00", "07:00", "Europe/Berlin"), "2026-10-24 20:30", "2026-10-25 06:00"),
        (quiet("12:00", "13:00", "Asia/Tokyo"), "2026-05-04 03:30", "2026-05-04 04:00"),
        (quiet("12:00", "13:00", "Asia/Tokyo"), "2026-05-04 12:30", None),
        (Choice(), "2026-05-04 12:30", None),
    ],
)
def test_quiet_hours_end_on_the_persons_clock(choice: Choice, now: str, end: str | None) -> None:
    assert quiet_until(choice, utc(now)) == (utc(end) if end else None)


def test_a_zone_this_machine_does_not_know_is_taken_for_utc() -> None:
    assert zone_of("Mars/Olympus") == zone_of("UTC")
    assert next_summary(daily("17:00", "../etc"), utc("2026-05-04 10:00")) == utc(
        "2026-05-04 17:00"
    )


@given(MOMENTS, st.sampled_from(ZONES))
def test_an_hourly_summary_is_never_far_and_on_a_full_hour(now: datetime, zone: str) -> None:
    due = next_summary(hourly(zone), now)
    assert due is not None
    assert timedelta(0) < due - now <= timedelta(minutes=90)
    assert due.astimezone(ZoneInfo(zone)).minute == 0


@given(MOMENTS, st.sampled_from(ZONES), st.integers(0, 1439), st.integers(1, EVERY_DAY))
def test_a_daily_summary_comes_on_a_chosen_day_within_eight(
    now: datetime, zone: str, minute: int, weekdays: int
) -> None:
    choice = daily(f"{minute // 60:02}:{minute % 60:02}", zone, weekdays)
    due = next_summary(choice, now)
    assert due is not None
    assert timedelta(0) < due - now <= timedelta(days=7, hours=1)
    assert weekdays >> due.astimezone(ZoneInfo(zone)).weekday() & 1


@given(MOMENTS, st.sampled_from(ZONES), st.integers(0, 1439), st.integers(0, 1439))
def test_quiet_hours_are_over_at_their_end(now: datetime, zone: str, start: int, end: int) -> None:
    if start == end:
        return
    hours = [f"{minute // 60:02}:{minute % 60:02}" for minute in (start, end)]
    choice = quiet(hours[0], hours[1], zone)
    over = quiet_until(choice, now)
    if over is not None:
        assert timedelta(0) < over - now < timedelta(hours=25)
        assert quiet_until(choice, over) is None


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.at:%d %H:%M} {row.zone}")
def test_each_mail_of_the_table_goes_when_it_says(row: Row) -> None:
    choice = Choice(
        frequency="daily", daily_at="17:00", timezone=row.zone, quiet_from="22:00",
        quiet_until="07:00",
    )  # fmt: skip
    due = row.at if row.mentioned else next_summary(choice, row.at)
    assert due is not None
    assert (quiet_until(choice, due) or due) == row.mailed
