"""The clocks of a hand-off, against a counter that goes through the minutes one by one."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from leads.clocks import add_working_hours, working_hours_between

OSLO = ZoneInfo("Europe/Oslo")
# Zones whose clocks change in both directions, by half an hour, and one that once skipped a whole Friday.
ZONES = [
    ZoneInfo(name)
    for name in (
        "UTC",
        "Europe/Oslo",
        "America/New_York",
        "Asia/Kolkata",
        "Australia/Lord_Howe",
        "Pacific/Apia",
        "Asia/Taipei",
    )
]
MINUTE = timedelta(minutes=1)
YEAR_2011 = datetime(2011, 1, 1, tzinfo=UTC)

moments = st.integers(min_value=0, max_value=20 * 365 * 24 * 60).map(lambda minutes: YEAR_2011 + minutes * MINUTE)


def counted_minutes(start: datetime, end: datetime, zone: ZoneInfo) -> int:
    """Independent of the product's arithmetic: asks of every minute whether the office was open."""
    minutes, moment = 0, start
    while moment < end:
        local = moment.astimezone(zone)
        if local.isoweekday() <= 5 and 9 <= local.hour < 17:
            minutes += 1
        moment += MINUTE
    return minutes


@settings(max_examples=150, deadline=None)
@example(YEAR_2011.replace(month=12, day=29), 4 * 24 * 60, ZoneInfo("Pacific/Apia"))
@given(moments, st.integers(min_value=0, max_value=9 * 24 * 60), st.sampled_from(ZONES))
def test_hours_between_are_the_minutes_that_somebody_counts(start: datetime, minutes: int, zone: ZoneInfo) -> None:
    end = start + minutes * MINUTE
    assert round(working_hours_between(start, end, zone) * 60) == counted_minutes(start, end, zone)
    assert working_hours_between(end, start, zone) == -working_hours_between(start, end, zone)


@settings(max_examples=150, deadline=None)
@example(YEAR_2011.replace(month=12, day=29, hour=20), 16 * 60, ZoneInfo("Pacific/Apia"))
@given(moments, st.integers(min_value=1, max_value=40 * 60), st.sampled_from(ZONES))
def test_a_deadline_is_the_earliest_minute_with_that_many_working_minutes(
    start: datetime, minutes: int, zone: ZoneInfo
) -> None:
    due = add_working_hours(start, minutes / 60, zone)
    due = datetime.fromtimestamp(round(due.timestamp()), UTC)  # thirds of an hour are no exact microseconds
    assume(due - start < timedelta(days=12))
    assert counted_minutes(start, due, zone) == minutes
    assert counted_minutes(start, due - MINUTE, zone) == minutes - 1


def test_a_lead_offered_on_friday_afternoon_is_due_on_monday() -> None:
    friday = datetime(2026, 11, 20, 15, 0, tzinfo=OSLO)
    assert add_working_hours(friday, 8, OSLO) == datetime(2026, 11, 23, 15, 0, tzinfo=OSLO)


def test_a_lead_offered_at_night_starts_its_clock_in_the_morning() -> None:
    tuesday_night = datetime(2026, 11, 24, 23, 30, tzinfo=OSLO)
    assert add_working_hours(tuesday_night, 1, OSLO) == datetime(2026, 11, 25, 10, 0, tzinfo=OSLO)


def test_a_day_that_is_filled_ends_at_closing_time_and_not_next_morning() -> None:
    wednesday = datetime(2026, 11, 25, 9, 0, tzinfo=OSLO)
    assert add_working_hours(wednesday, 8, OSLO) == datetime(2026, 11, 25, 17, 0, tzinfo=OSLO)


def test_the_same_moment_is_due_at_different_times_in_two_zones() -> None:
    offered = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
    assert add_working_hours(offered, 1, OSLO) == datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
    assert add_working_hours(offered, 1, ZoneInfo("America/New_York")) == datetime(2026, 11, 24, 15, 0, tzinfo=UTC)


def test_hours_and_moments_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        add_working_hours(datetime(2026, 11, 24, tzinfo=UTC), -1, OSLO)
    with pytest.raises(ValueError, match="zone"):
        add_working_hours(datetime(2026, 11, 24), 1, OSLO)  # noqa: DTZ001
