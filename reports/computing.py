"""From what is asked to the figures: one statement, rows in order, and the link that opens the records of each number."""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from reports.asked import Asked
from reports.definitions import Column, Report
from reports.parameters import Wish, compared, find, understand
from reports.rates import Cell, Money, Rate, Spread
from reports.scope import Scope
from users.facts import database_now


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a report: a group (or all of them), and what it counts."""

    key: str | None  # None: over all groups; '': the empty group
    label: str
    row: Any  # the report's row type
    links: Mapping[str, str]  # code of a column -> address of the records it counts

    def cell(self, column: Column) -> Cell:
        found: Cell = getattr(self.row, column.code)
        return found


@dataclass(frozen=True, slots=True)
class Computed:
    """A report with its figures."""

    report: Report
    wish: Wish
    asked: Asked
    computed_at: datetime
    lines: list[Line]
    totals: list[Line]  # one; for a report that is split, one per part
    compared_with: "Computed | None" = None


def compute(wish: Wish, scope: Scope) -> Computed:
    """The report for those who see `scope`. Raises NotAnswerable."""
    report = find(wish.name)
    asked = understand(wish, scope)
    before = _compute(report, wish, compared(asked, wish.compare), None) if wish.compare else None
    return _compute(report, wish, asked, before)


def _compute(report: Report, wish: Wish, asked: Asked, before: Computed | None) -> Computed:
    lines: list[tuple[Any, Line]] = []
    totals: list[Line] = []
    statement = report.statement(asked)
    for found in report.complete(statement.rows(asked)):
        row = report.row.read(found)
        if found["total"]:
            totals.append(line(report, asked, statement.conditions, None, _("All"), row))
        elif asked.by:
            key, label = found["group_key"] or "", found["group_label"] or found["group_key"] or _("(none)")
            lines.append((order(report, found, row), line(report, asked, statement.conditions, key, label, row)))
    lines.sort(key=lambda one: one[0])
    return Computed(
        report, wish, asked, database_now(), [one for _order, one in lines] if asked.by else totals, totals, before
    )


def order(report: Report, found: Mapping[str, Any], row: Any) -> tuple[Any, ...]:
    """Groups that have an order of their own keep it; the others stand by the measure, largest first; the empty group last.

    Split groups stand by name, so that their parts stay together in the order of the statement.
    """
    last = found["group_key"] is None
    if found["group_position"] is not None:
        return (last, found["group_position"])
    size = 0.0 if report.split else -weight(getattr(row, report.measure))
    return (last, size, str(found["group_label"]), str(found["group_key"]))


def weight(cell: Cell) -> float:
    """What a cell is ordered by; nothing known is least."""
    match cell:
        case Rate():
            return -1.0 if cell.rate is None else cell.rate
        case Spread():
            return -1.0 if cell.median is None else cell.median
        case Money():
            return float(cell.amount or 0)
        case int() | float():
            return float(cell)
    return 0.0


def line(report: Report, asked: Asked, opening: Container[str], key: str | None, label: str, row: Any) -> Line:
    """One line with its links; `opening` names the columns whose records can be listed."""
    links = {}
    for column in report.columns:
        opens = column.opens or column.code
        if opens in opening:
            links[column.code] = records_link(
                report, asked, opens, key, {name: getattr(row, name) for name in report.split}
            )
    return Line(key, label, row, links)


def records_link(report: Report, asked: Asked, column: str, key: str | None, split: Mapping[str, str]) -> str:
    """Where the records of a number are listed: as of the moment of the number, so that the list is the one counted."""
    query = words_of(asked) | {"column": column}
    if key is not None:
        query["group"] = key
    query |= split
    filters = [("filter", f"{code}={value}") for code, value in asked.filters]
    return f"{reverse('reports:records', args=[report.name])}?{urlencode([*query.items(), *filters])}"


def words_of(asked: Asked) -> dict[str, str]:
    """The query parameters that ask the same question again, as of the same moment; filters apart."""
    words = {
        "from": asked.since.isoformat() if asked.since else "",
        "to": asked.until.isoformat() if asked.until else "",
        "by": asked.by or "all",
        "view": asked.view.value,
        "as_of": asked.as_of.isoformat(),
    }
    return {name: text for name, text in words.items() if text}
