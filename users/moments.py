"""A past moment as a person or a program writes it, and the days that can be: read and bounded in one place."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from users.facts import database_now
from users.models import Workspace

# What lies outside is a slip of the pen (decisions.md 19).
FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2100, 12, 31)


def check_day(name: str, day: date | None) -> None:
    """Refuse a day that cannot be meant, under the name of its field. Raises ValidationError."""
    if day is not None and not FIRST_DAY <= day <= LAST_DAY:
        raise ValidationError({name: _("Give a day between 1970 and 2100.")})


def past_moment(text: str) -> datetime:
    """The moment, in UTC: without an offset in the workspace's zone, a day alone is its end, and today is now.

    Raises ValidationError with one sentence.
    """
    text = text.strip()
    zone = ZoneInfo(Workspace.get().zone)
    try:
        # The day first: the parser of moments takes a day for its midnight.
        day = parse_date(text)
        found = datetime.combine(day, time.max) if day else parse_datetime(text)
        if found is None:
            raise ValueError
        in_zone = found if found.tzinfo is not None else found.replace(tzinfo=zone)
        # In UTC: the database knows fewer offsets than an address can hold.
        moment = in_zone.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValidationError(
            _("“%(text)s” is not a moment. Write a day, such as 2026-03-31, or a time, such as 2026-03-31T17:00.")
            % {"text": text[:60]}
        ) from None
    if not FIRST_DAY <= found.date() <= LAST_DAY:
        raise ValidationError(outside(found.date()))
    now = database_now()
    if day is not None and day == now.astimezone(zone).date():
        return now
    if moment > now:
        raise ValidationError(
            _("%(moment)s is still to come: nothing is known as of it. Give a moment that has passed.")
            % {"moment": text[:60]}
        )
    return moment


def outside(day: date) -> str:
    return _("%(day)s is outside %(first)s to %(last)s.") % {"day": day, "first": FIRST_DAY, "last": LAST_DAY}
