"""What is asked of a report: period, dimension, view, filters, moment, and on whose behalf."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from reports.scope import Scope


class View(StrEnum):
    COHORT = "cohort"  # those created (or offered) in the period, whenever they moved
    PERIOD = "period"  # the moves within the period


@dataclass(frozen=True, slots=True)
class Asked:
    """Validated by reports/parameters.py. `since` and `until` are days, both included, in the workspace's zone."""

    as_of: datetime
    zone: str
    scope: Scope
    since: date | None = None
    until: date | None = None
    by: str | None = None
    view: View = View.COHORT
    filters: tuple[tuple[str, str], ...] = ()  # dimension and key; an empty key is the empty group
    past: bool = False  # `as_of` was named: fields are read as they stood then

    def start(self) -> datetime | None:
        """The first instant of the period."""
        return datetime.combine(self.since, datetime.min.time(), ZoneInfo(self.zone)) if self.since else None

    def end(self) -> datetime | None:
        """The first instant after the period."""
        if self.until is None:
            return None
        return datetime.combine(self.until + timedelta(days=1), datetime.min.time(), ZoneInfo(self.zone))

    def parameters(self) -> dict[str, Any]:
        """The named parameters of every statement."""
        only = {f"only_{code}": key or None for code, key in self.filters}
        return {"as_of": self.as_of, "zone": self.zone, "start": self.start(), "end": self.end()} | only
