"""A computed report as JSON (contract.md), as CSV, and as a table of text: the same lines three times."""

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _

from reports.catalogue import Column, Unit
from reports.computing import Computed, Line
from reports.rates import Cell, Money, Rate, Spread

# Digits behind the point of shares, days and means in JSON and CSV.
DIGITS = 6
# A spreadsheet takes a cell that begins so for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


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
    Unit.RATE: ("", "numerator", "denominator", "low", "high"),
    Unit.DAYS: ("n", "mean", "median", "p90", "min", "max", "deviation"),
    Unit.HOURS: ("n", "mean", "median", "p90", "min", "max", "deviation"),
    Unit.MONEY: ("", "currency"),
}


def as_csv(computed: Computed) -> str:
    """A line per row and one for the total, as CSV in UTF-8; every part of a cell is a column of its own."""
    out = io.StringIO()
    writer = csv.writer(out)
    by = computed.asked.by
    head = [by or _("group")]
    for column in computed.report.columns:
        head += [f"{column.code}_{part}".removesuffix("_") for part in PARTS.get(column.unit, ("",))]
    writer.writerow(head)
    lines = computed.lines if by else []
    for line in [*lines, *computed.totals]:
        writer.writerow(
            [
                safe(line.label),
                *(part for column in computed.report.columns for part in csv_cells(column, line.cell(column))),
            ]
        )
    return out.getvalue()


def csv_cells(column: Column, cell: Cell) -> Iterator[Any]:
    found = json_cell(cell)
    if not isinstance(found, dict):
        yield safe(found) if isinstance(found, str) else found
        return
    if column.unit is Unit.MONEY:
        yield from (found["amount"], safe(found["currency"] or " ".join(found.get("mixed", ()))))
        return
    for part in PARTS[column.unit]:
        yield found[part or "rate"]


def safe(text: str) -> str:
    """The text, with an apostrophe before what a spreadsheet would run as a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


# --- A table of text ---------------------------------------------------------------------------------------


def as_table(computed: Computed) -> str:
    """Columns side by side for a terminal, with what the figures are and as of when."""
    report, asked = computed.report, computed.asked
    head = [
        str(report.dimensions[asked.by].title) if asked.by else "",
        *(str(column.label) for column in report.columns),
    ]
    lines = computed.lines if asked.by else []
    body = [
        [line.label, *(words(line.cell(column)) for column in report.columns)] for line in [*lines, *computed.totals]
    ]
    widths = [max(len(row[number]) for row in [head, *body]) for number in range(len(head))]
    rule = ["-" * width for width in widths]
    table = "\n".join(aligned(row, widths) for row in [head, rule, *body])
    return f"{report.title}\n{report.reason}\n{_('As of')} {asked.as_of:%Y-%m-%d %H:%M:%S %Z}, {asked.scope.words}. {report.owner_at}\n\n{table}\n"


def aligned(row: Sequence[str], widths: Sequence[int]) -> str:
    first, *rest = zip(row, widths, strict=True)
    return "  ".join([first[0].ljust(first[1]), *(text.rjust(width) for text, width in rest)]).rstrip()


def words(cell: Cell) -> str:
    """The cell as a person reads it: 63.2 % (4,238 of 6,711); 14.7 days; no data."""
    match cell:
        case Rate():
            if cell.rate is None:
                return _("no data")
            hint = "*" if cell.few else ""
            return f"{cell.rate * 100:.1f} %{hint} ({cell.numerator:,.0f} {_('of')} {cell.denominator:,.0f})"
        case Spread():
            if not cell.n:
                return _("no data")
            return f"{cell.median:,.1f} ({_('p90')} {cell.p90:,.1f}, {_('mean')} {cell.mean:,.1f}, n {cell.n:,})"
        case Money():
            if cell.mixed:
                return f"{_('several currencies')}: {', '.join(cell.mixed)}"
            return f"{cell.amount:,.0f} {cell.currency}".rstrip() if cell.amount is not None else _("no data")
        case float():
            return f"{cell:,.1f}"
        case int():
            return f"{cell:,}"
    return cell or ""
