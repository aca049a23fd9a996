"""What a report is: its name, the reason to look at it, and the definition of each of its numbers."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from django.utils.functional import Promise

from reports.asked import Asked, View
from reports.queries import quality
from reports.queries.dimensions import Dimension
from reports.queries.statement import Statement

Text = str | Promise


class Unit(StrEnum):
    LEADS = "leads"
    DEALS = "deals"
    RATE = "rate"
    MONEY = "money"
    DAYS = "days"
    HOURS = "hours"
    HANDOFFS = "hand-offs"
    RECORDS = "records"
    TEXT = "text"


class Record(StrEnum):
    """What a number of the report opens."""

    LEAD = "lead"
    DEAL = "deal"
    HANDOFF = "handoff"
    ACCOUNT = "account"


class Row(Protocol):
    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Any: ...


@dataclass(frozen=True, slots=True)
class Column:
    code: str
    label: Text
    unit: Unit
    definition: Text
    # The column whose records a press on this one opens: a rate opens its base. Empty: its own.
    opens: str = ""
    on_page: bool = True  # a code that machines read stands in JSON and CSV only


@dataclass(frozen=True, slots=True)
class Report:
    """One report: `statement` finds its rows, `row` reads them, `columns` define its numbers."""

    name: str
    title: Text
    reason: Text  # why look at this
    statement: Callable[[Asked], Statement]
    row: type[Row]
    columns: Sequence[Column]
    record: Record
    dimensions: Mapping[str, Dimension]
    measure: str  # the column under discussion: rows are ordered by it, and the chart draws it
    views: tuple[View, ...] = (View.COHORT,)
    default_by: str | None = None
    page_by: str = ""  # what the page divides by when nobody said; the command then gives one row
    owner_at: Text = ""  # which owner, team, manager and region a number belongs to
    period_of: Text = ""  # which date the period is about
    split: tuple[str, ...] = ()  # what every group is divided by as well: columns of the row
    # Adds what depends on neighbouring rows to what the statement found.
    complete: Callable[[Iterable[dict[str, Any]]], Iterable[dict[str, Any]]] = iter
    for_success: bool = False  # customer success reads it too
    split_keys: Mapping[str, str] = field(default_factory=dict)  # their names in the statement, where those differ

    def record_of(self, split: Mapping[str, str]) -> Record:
        """What the numbers of this part of the report open."""
        return Record(quality.BY_CODE[split["check"]].record) if split.get("check") in quality.BY_CODE else self.record


def percent(code: str, label: Text, definition: Text, opens: str) -> Column:
    return Column(code, label, Unit.RATE, definition, opens)


BOTH = (View.COHORT, View.PERIOD)
