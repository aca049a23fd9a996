"""The clocks of a hand-off run in working hours: Monday to Friday, 09:00 to 17:00, no holidays (decisions.md 15).

Pure: nothing of Django. All moments are time zone aware; results are in UTC.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

OPENS = time(9)
CLOSES = time(17)
WORKING_DAYS = range(5)  # Monday to Friday

ACCEPT_WITHIN_HOURS = 8.0
FIRST_TOUCH_WITHIN_HOURS = 8.0  # after the acceptance


def add_working_hours(start: datetime, hours: float, zone: ZoneInfo) -> datetime:
    """The earliest moment at which so many working hours of the zone have passed since `start`.

    Raises ValueError for negative hours or a moment without a zone.
    """
    if hours < 0:
        raise ValueError("Working hours cannot be negative")
    left = timedelta(hours=hours)
    begin = aware(start)
    if not left:
        return begin
    for opens, closes in shifts(begin, zone):
        from_here = max(begin, opens)
        available = closes - from_here
        if available <= timedelta():
            continue
        if left <= available:
            return from_here + left
        left -= available
    raise ValueError("The working hours end after the last day of the calendar")


def working_hours_between(a: datetime, b: datetime, zone: ZoneInfo) -> float:
    """Working hours of the zone from `a` to `b`; negative when `b` is the earlier one."""
    first, last = aware(a), aware(b)
    if last < first:
        return -working_hours_between(b, a, zone)
    total = timedelta()
    for opens, closes in shifts(first, zone):
        if opens >= last:
            break
        total += max(timedelta(), min(closes, last) - max(opens, first))
    return total / timedelta(hours=1)


def shifts(start: datetime, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    """The working days of the zone as spans of UTC, beginning with the local day of `start`."""
    day = start.astimezone(zone).date()
    while day < date.max:
        if day.weekday() in WORKING_DAYS:
            opens, closes = instant(day, OPENS, zone), instant(day, CLOSES, zone)
            # A day that the zone skipped, as Samoa did on 30 December 2011, has no shift.
            if opens.astimezone(zone).date() == day:
                yield opens, closes
        day += timedelta(days=1)


def instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)


def aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("A moment needs a time zone")
    return moment.astimezone(UTC)
