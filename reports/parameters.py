"""Reads what somebody asks of a report, and refuses what cannot be answered with a sentence that says what can.

The command, the pages and the API all come through here, so that the three accept the same words.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import connection
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from reports.asked import Asked, View
from reports.catalogue import REPORTS
from reports.definitions import Report
from reports.naming import key_of
from reports.scope import Scope
from users.models import Workspace
from users.moments import FIRST_DAY, LAST_DAY, outside, past_moment

LONGEST_YEARS = 30
COMPARISONS = ("previous", "year")


class NotAnswerable(ValueError):
    """What was asked cannot be answered; the message says what can be."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A report and what is asked of it, as words: what a URL, a command line and a snapshot hold."""

    name: str
    since: str = ""
    until: str = ""
    by: str = ""
    view: str = ""
    compare: str = ""
    as_of: str = ""
    filters: tuple[str, ...] = ()  # each "dimension=value"

    def as_json(self) -> dict[str, object]:
        return {
            "from": self.since,
            "to": self.until,
            "by": self.by,
            "view": self.view,
            "compare": self.compare,
            "as_of": self.as_of,
            "filter": sorted(self.filters),
        }


def find(name: str) -> Report:
    """The report of that name. Raises NotAnswerable."""
    if name not in REPORTS:
        raise NotAnswerable(
            _("There is no report “%(name)s”. There are: %(names)s.") % {"name": name[:60], "names": ", ".join(REPORTS)}
        )
    return REPORTS[name]


def understand(wish: Wish, scope: Scope) -> Asked:
    """What the wish comes down to, in the workspace's zone. Raises NotAnswerable."""
    report = find(wish.name)
    zone = Workspace.get().zone
    since, until = period(wish.since, wish.until)
    by = wish.by or report.default_by
    if by == "all":
        by = None
    if by is not None and by not in report.dimensions:
        raise NotAnswerable(
            _("%(report)s cannot be divided by “%(by)s”. It can by: %(dimensions)s.")
            % {"report": report.name, "by": by[:60], "dimensions": ", ".join(report.dimensions)}
        )
    if wish.compare and wish.compare not in COMPARISONS:
        raise NotAnswerable(
            _("A comparison is with “previous” or “year”, not “%(compare)s”.") % {"compare": wish.compare[:60]}
        )
    if wish.compare and not (since and until):
        raise NotAnswerable(_("A comparison needs a period: give its first and its last day."))
    return Asked(
        as_of=moment(wish.as_of) if wish.as_of else newest_complete_moment(),
        zone=zone,
        scope=scope,
        since=since,
        until=until,
        by=by,
        view=view_of(report, wish.view),
        filters=tuple(sorted(filters_of(report, wish.filters))),
        past=bool(wish.as_of),
    )


def view_of(report: Report, view: str) -> View:
    if not view:
        return report.views[0]
    if view not in set(report.views):
        raise NotAnswerable(
            _("%(report)s has no view “%(view)s”. It has: %(views)s.")
            % {"report": report.name, "view": view[:60], "views": ", ".join(report.views)}
        )
    return View(view)


def period(since: str, until: str) -> tuple[date | None, date | None]:
    """First and last day, both included; either may be left open."""
    first, last = day(since), day(until)
    if first and last and first > last:
        raise NotAnswerable(
            _("The period ends (%(last)s) before it begins (%(first)s). Swap the two days.")
            % {"first": first, "last": last}
        )
    if first and last and last.year - first.year > LONGEST_YEARS:
        raise NotAnswerable(
            _(
                "The period from %(first)s to %(last)s is longer than %(years)s years. Give a shorter one, or leave one end open."
            )
            % {"first": first, "last": last, "years": LONGEST_YEARS}
        )
    return first, last


def day(text: str) -> date | None:
    """Read a day; no text is no bound. Raises NotAnswerable."""
    if not text:
        return None
    try:
        found = parse_date(text)
    except ValueError:
        found = None
    if found is None:
        raise NotAnswerable(
            _("“%(text)s” is not a day. Write it as year-month-day, such as 2026-03-31.") % {"text": text[:60]}
        )
    if not FIRST_DAY <= found <= LAST_DAY:
        raise NotAnswerable(outside(found))
    return found


def moment(text: str) -> datetime:
    """A moment in the past; a day alone is its end. Raises NotAnswerable."""
    try:
        return past_moment(text)
    except ValidationError as refused:
        raise NotAnswerable(refused.message) from None


def filters_of(report: Report, filters: Iterable[str]) -> Iterable[tuple[str, str]]:
    """The dimension and group key of each filter. Raises NotAnswerable."""
    seen = set()
    for text in filters:
        code, equals, value = text.partition("=")
        if not equals:
            raise NotAnswerable(
                _(
                    "“%(text)s” is not a filter. Write dimension=value, such as source=web; an empty value is the empty group."
                )
                % {"text": text[:60]}
            )
        if code not in report.dimensions:
            raise NotAnswerable(
                _("%(report)s cannot be filtered by “%(code)s”. It can by: %(dimensions)s.")
                % {"report": report.name, "code": code[:60], "dimensions": ", ".join(report.dimensions)}
            )
        if code in seen:
            raise NotAnswerable(_("The filter “%(code)s” is given twice. Give it once.") % {"code": code})
        seen.add(code)
        key = key_of(code, value)
        if key is None:
            raise NotAnswerable(
                _("“%(value)s” names no %(dimension)s, or more than one. Give its code or number, or its exact name.")
                % {"dimension": report.dimensions[code].title, "value": value[:60]}
            )
        yield code, key


def compared(asked: Asked, compare: str) -> Asked:
    """The same question about the period before (of the same length), or about the same days a year earlier."""
    if asked.since is None or asked.until is None:
        return asked  # understand() refuses it
    if compare == "previous":
        length = asked.until - asked.since + timedelta(days=1)
        return replace(asked, since=asked.since - length, until=asked.until - length)
    return replace(asked, since=a_year_before(asked.since), until=a_year_before(asked.until))


def a_year_before(day: date) -> date:
    """29 February becomes 28 February."""
    return day.replace(year=day.year - 1, day=28) if (day.month, day.day) == (2, 29) else day.replace(year=day.year - 1)


def newest_complete_moment() -> datetime:
    """Just before the oldest write transaction that is still open, else now: nothing that is yet to be committed can
    belong to it, so a report as of this moment is final (decisions.md 19)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT least(clock_timestamp(), min(xact_start) - interval '1 microsecond') FROM pg_stat_activity"
            " WHERE datname = current_database() AND backend_xid IS NOT NULL AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend'"
        )
        found: datetime = cursor.fetchone()[0]
    return found


def wish_of(name: str, query: Mapping[str, str], filters: Iterable[str]) -> Wish:
    """The wish in the words of the contract: from, to, by, view, compare, as_of and filters."""
    return Wish(
        name=name,
        since=query.get("from", ""),
        until=query.get("to", ""),
        by=query.get("by", ""),
        view=query.get("view", ""),
        compare=query.get("compare", ""),
        as_of=query.get("as_of", ""),
        filters=tuple(filters),
    )
