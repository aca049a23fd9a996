"""A report as JSON (contract.md), and from that same object as CSV and as a table of text.

A kept snapshot is such an object, so that every form shows the same figures, whenever they were computed.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from reports.catalogue import REPORTS
from reports.computing import Computed, Line
from reports.definitions import Column, Unit
from reports.rates import Cell, Money, Rate, Spread
from users.formats import FEW
from users.models import Workspace

Payload = Mapping[str, Any]  # the report object
# Digits behind the point of shares, days and means in JSON and CSV.
DIGITS = 6
# A spreadsheet takes a cell for a formula that begins with one of these, some also in their full width, and whatever
# white space, control or invisible characters stand before it.
FORMULA = re.compile(
    r"[\s\x00-\x20\x7f-\xa0\u00ad\u200b-\u200f\u2060-\u2064\ufeff]*[=+\-@|%\uff1d\uff0b\uff0d\uff20]|[\t\r\n]"
)


def as_json(computed: Computed) -> dict[str, Any]:
    """The report object of contract.md."""
    report, asked = computed.report, computed.asked
    columns = (
        [
            {
                "code": asked.by,
                "label": str(report.dimensions[asked.by].title),
                "unit": "text",
                "definition": _("What the rows are divided by."),
            }
        ]
        if asked.by
        else []
    )
    found: dict[str, Any] = {
        "name": report.name,
        "title": str(report.title),
        "as_of": asked.as_of.isoformat(),
        "computed_at": computed.computed_at.isoformat(),
        "period": {
            "from": asked.since.isoformat() if asked.since else None,
            "to": asked.until.isoformat() if asked.until else None,
        },
        "view": asked.view.value,
        "by": asked.by,
        "filters": dict(asked.filters),
        "scope": asked.scope.words,
        "owner_at": str(report.owner_at),
        "columns": columns
        + [
            {"code": one.code, "label": str(one.label), "unit": one.unit.value, "definition": str(one.definition)}
            for one in report.columns
        ],
        "rows": [json_row(computed, line) for line in computed.lines],
        "totals": {"rows": [json_row(computed, line) for line in computed.totals]}
        if report.split
        else json_row(computed, computed.totals[0]),
    }
    if computed.compared_with:
        before = as_json(computed.compared_with)
        found["compare"] = {
            "with": computed.wish.compare,
            **{name: before[name] for name in ("period", "rows", "totals")},
        }
    return found


def json_row(computed: Computed, line: Line) -> dict[str, Any]:
    row: dict[str, Any] = {}
    if computed.asked.by and line.key is not None:
        row |= {computed.asked.by: line.label, "key": line.key}
    row |= {column.code: json_cell(line.cell(column)) for column in computed.report.columns}
    return row | {"link": next(iter(line.links.values()), None), "links": dict(line.links)}


def json_cell(cell: Cell) -> Any:
    """A cell as programs read it; every kind has the same keys in every report."""
    match cell:
        case Rate():
            low, high = cell.interval or (None, None)
            return {
                "rate": rounded(cell.rate),
                "numerator": cell.numerator,
                "denominator": cell.denominator,
                "low": rounded(low),
                "high": rounded(high),
            }
        case Spread():
            return {
                "n": cell.n,
                "mean": rounded(cell.mean),
                "median": rounded(cell.median),
                "p90": rounded(cell.p90),
                "min": rounded(cell.low),
                "max": rounded(cell.high),
                "deviation": rounded(cell.deviation),
            }
        case Money():
            amount = rounded(float(cell.amount)) if cell.amount is not None else None
            found = {"amount": amount, "currency": cell.currency or None}
            return found | {"mixed": list(cell.mixed)} if cell.mixed else found
        case float():
            return rounded(cell)
    return cell


def rounded(number: float | None) -> float | None:
    return None if number is None else round(number, DIGITS)


# --- CSV ---------------------------------------------------------------------------------------------------

PARTS = {
    Unit.RATE: ("rate", "numerator", "denominator", "low", "high"),
    Unit.DAYS: ("n", "mean", "median", "p90", "min", "max", "deviation"),
    Unit.HOURS: ("n", "mean", "median", "p90", "min", "max", "deviation"),
    Unit.MONEY: ("amount", "currency"),
}
# The part that bears the column's own name.
PLAIN = ("rate", "amount")


def lines_of(payload: Payload) -> list[Mapping[str, Any]]:
    """The groups, if there are any, and then what is over all of them."""
    totals = payload["totals"]["rows"] if REPORTS[payload["name"]].split else [payload["totals"]]
    return [*payload["rows"], *totals] if payload["by"] else totals


def label_of(payload: Payload, row: Mapping[str, Any]) -> str:
    """The group's name; what has no name is the empty group, what has no key is over all groups."""
    return str(row[payload["by"]]) if "key" in row else _("All")


def as_csv(payload: Payload) -> str:
    """A line per row and one for the total, as CSV; every part of a cell is a column of its own."""
    report = REPORTS[payload["name"]]
    out = io.StringIO()
    writer = csv.writer(out)
    head = [payload["by"] or "group"]
    for column in report.columns:
        parts = PARTS.get(column.unit, ("",))
        head += [column.code if part in ("", *PLAIN) else f"{column.code}_{part}" for part in parts]
    writer.writerow(head)
    for row in lines_of(payload):
        cells = (part for column in report.columns for part in csv_cells(column, row[column.code]))
        writer.writerow([safe(label_of(payload, row)), *cells])
    return out.getvalue()


def csv_cells(column: Column, cell: Any) -> Iterator[Any]:
    if not isinstance(cell, dict):
        yield safe(cell) if isinstance(cell, str) else cell
        return
    for part in PARTS[column.unit]:
        found = cell[part]
        if part == "currency" and "mixed" in cell:
            found = " ".join(cell["mixed"])
        yield safe(found) if isinstance(found, str) else found


def safe(text: str) -> str:
    """The text, with an apostrophe before what a spreadsheet would run as a formula."""
    return f"'{text}" if FORMULA.match(text) else text


# --- A table of text ---------------------------------------------------------------------------------------


def as_table(payload: Payload) -> str:
    """Columns side by side for a terminal, with what the figures are and as of when."""
    report = REPORTS[payload["name"]]
    head = [
        str(report.dimensions[payload["by"]].title) if payload["by"] else "",
        *(str(one.label) for one in report.columns),
    ]
    body = [
        [label_of(payload, row), *(words(column, row[column.code]) for column in report.columns)]
        for row in lines_of(payload)
    ]
    widths = [max(len(row[number]) for row in [head, *body]) for number in range(len(head))]
    table = "\n".join(aligned(row, widths) for row in [head, ["-" * width for width in widths], *body])
    zone = Workspace.get().zone
    moment = datetime.fromisoformat(payload["as_of"]).astimezone(ZoneInfo(zone))
    about = _("As of %(moment)s %(zone)s, %(scope)s.") % {
        "moment": f"{moment:%Y-%m-%d %H:%M}",
        "zone": zone,
        "scope": payload["scope"],
    }
    return f"{report.title}\n{report.reason}\n{about} {report.owner_at}\n\n{table}\n"


def aligned(row: Sequence[str], widths: Sequence[int]) -> str:
    first, *rest = zip(row, widths, strict=True)
    return "  ".join([first[0].ljust(first[1]), *(text.rjust(width) for text, width in rest)]).rstrip()


def words(column: Column, cell: Any) -> str:
    """The cell as a person reads it: 63.2 % (4,238 of 6,711); 14.7 (p90 162.6, n 842); no data."""
    if column.unit is Unit.RATE:
        if cell["rate"] is None:
            return _("no data")
        few = "*" if is_few(cell) else ""
        base = _("%(part)s of %(whole)s") % {
            "part": f"{cell['numerator']:,.0f}",
            "whole": f"{cell['denominator']:,.0f}",
        }
        return f"{cell['rate'] * 100:.1f} %{few} ({base})"
    if column.unit in (Unit.DAYS, Unit.HOURS):
        if not cell["n"]:
            return _("no data")
        return f"{cell['median']:,.1f} (p90 {cell['p90']:,.1f}, {_('mean')} {cell['mean']:,.1f}, n {cell['n']:,})"
    if column.unit is Unit.MONEY:
        if "mixed" in cell:
            return _("several currencies: %(names)s") % {"names": ", ".join(cell["mixed"])}
        return _("no data") if cell["amount"] is None else f"{cell['amount']:,.0f} {cell['currency'] or ''}".rstrip()
    return f"{cell:,}" if isinstance(cell, int) else str(cell)


def is_few(rate: Mapping[str, Any]) -> bool:
    """A rate of counts on so small a base that it is a hint, not a result."""
    return rate["low"] is not None and rate["denominator"] < FEW
