"""A report as a page shows it: the table with a link behind every number, and the chart of the measure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from reports.catalogue import REPORTS
from reports.definitions import Column, Report, Unit
from reports.findings import FUNNEL_STEPS, finding
from reports.queries.leads import WITHIN
from reports.rendering import Payload, is_few, label_of
from users import charts, formats

Row = Mapping[str, Any]

BARS = 20  # the chart shows so many groups, the table all
BAR_HEIGHT, BAR_GAP = 14, 29
LABEL_WIDTH, CHART_WIDTH, VALUE_WIDTH = 180.0, 720.0, 130.0


@dataclass(frozen=True, slots=True)
class Shown:
    """One cell of the table."""

    text: str
    note: str = ""  # the base of a rate, the spread of days
    few: bool = False  # a hint, not a result
    url: str = ""
    is_text: bool = False


@dataclass(frozen=True, slots=True)
class ShownRow:
    label: str
    url: str
    cells: list[Shown]
    before: str = ""  # the measure of the period compared with


@dataclass(frozen=True, slots=True)
class Bar:
    label: str
    text: str
    y: float
    width: float
    end: float  # where its figure stands
    url: str


@dataclass(frozen=True, slots=True)
class BarChart:
    """Horizontal bars from 0 on one scale; pixels of a drawing CHART_WIDTH wide."""

    bars: list[Bar]
    height: float
    title: str
    more: int  # groups that the table has and the chart has not

    width: float = CHART_WIDTH
    left: float = LABEL_WIDTH
    bar_height: int = BAR_HEIGHT


def presented(payload: Payload) -> dict[str, Any]:
    """What the template needs to show the report."""
    report = REPORTS[payload["name"]]
    totals = payload["totals"]["rows"] if report.split else [payload["totals"]]
    before = earlier(payload, report)
    rows = payload["rows"] if payload["by"] else []
    columns = [column for column in report.columns if column.on_page]
    return {
        "finding": finding(payload),
        "columns": columns,
        "order": order(payload, report),
        "measure": next(column for column in report.columns if column.code == report.measure),
        "group_title": report.dimensions[payload["by"]].title if payload["by"] else "",
        "rows": [shown_row(payload, report, row, before) for row in rows],
        "totals": [shown_row(payload, report, row, before) for row in totals],
        "compared": bool(before) or "compare" in payload,
        "chart": lines_chart(payload, report) or bar_chart(payload, report),
        "funnel": funnel(payload)
        if report.name == "lead-funnel"
        else stage_funnel(payload)
        if report.name == "stage-conversion"
        else None,
        "cohort": cohort(payload) if report.name == "cohorts" and payload["by"] else None,
        "cohort_labels": [_("%(days)s days") % {"days": days} for days in WITHIN],
        "few": any(cell.few for row in [*rows, *totals] for cell in shown_row(payload, report, row, {}).cells),
    }


def order(payload: Payload, report: Report) -> str:
    """How the rows are ordered: `measure`, `place` where the groups have an order of their own, else nothing to say."""
    if not payload["by"] or report.split:
        return ""
    return "place" if report.dimensions[payload["by"]].position else "measure"


# --- The table ---------------------------------------------------------------------------------------------


def shown_row(payload: Payload, report: Report, row: Row, before: Mapping[tuple[str, ...], Row]) -> ShownRow:
    found = before.get(identity(report, row))
    measure = next(column for column in report.columns if column.code == report.measure)
    return ShownRow(
        label=label_of(payload, row),
        url=row["link"] or "",
        cells=[
            shown(column, row[column.code], row["links"].get(column.code, ""))
            for column in report.columns
            if column.on_page
        ],
        before=shown(measure, found[measure.code], "").text if found else formats.DASH,
    )


def identity(report: Report, row: Row) -> tuple[str, ...]:
    """What makes a row the same in two periods."""
    return (*(str(row[name]) for name in report.split), ("key" in row and "key=" + row["key"]) or "all")


def earlier(payload: Payload, report: Report) -> Mapping[tuple[str, ...], Row]:
    """The rows of the period compared with."""
    if "compare" not in payload:
        return {}
    compared = payload["compare"]
    totals = compared["totals"]["rows"] if report.split else [compared["totals"]]
    return {identity(report, row): row for row in [*compared["rows"], *totals]}


def shown(column: Column, cell: Any, url: str) -> Shown:
    """A cell as people read it: with its spread, currency or share."""
    match column.unit:
        case Unit.RATE:
            return shown_rate(cell, url)
        case Unit.DAYS | Unit.HOURS:
            if not cell["n"]:
                return Shown(_("no data"))
            note = _("9 of 10 within %(p90)s, n %(n)s") % {
                "p90": formats.number(cell["p90"], 1),
                "n": formats.number(cell["n"]),
            }
            return Shown(formats.number(cell["median"], 1), note, url=url)
        case Unit.MONEY:
            if "mixed" in cell:
                return Shown(_("several currencies"), ", ".join(cell["mixed"]), url=url)
            return Shown(
                formats.money(cell["amount"], cell["currency"] or "") if cell["amount"] is not None else _("no data"),
                url=url,
            )
        case Unit.TEXT:
            return Shown(str(cell), is_text=True)
    return Shown(formats.number(cell), url=url)


def shown_rate(cell: Row, url: str) -> Shown:
    if cell["rate"] is None:
        return Shown(_("no data"))
    note = _("of %(whole)s") % {"whole": formats.number(cell["denominator"])}
    few = is_few(cell)
    if few:
        note += ", " + _("likely %(low)s to %(high)s") % {
            "low": formats.rate(cell["low"], 0),
            "high": formats.rate(cell["high"], 0),
        }
    return Shown(formats.rate(cell["rate"]), note, few, url)


# --- Charts ------------------------------------------------------------------------------------------------


def size(column: Column, cell: Any) -> float | None:
    """What the chart draws of a cell; None where there is no data."""
    found: Any = cell
    if isinstance(cell, dict):
        found = cell["rate"] if "rate" in cell else cell["median"] if "median" in cell else cell["amount"]
    return None if found is None else float(found)


def drawn(payload: Payload, report: Report) -> tuple[Column, Sequence[Row]]:
    """The column and the rows that the chart shows."""
    measure = next(column for column in report.columns if column.code == report.measure)
    if report.split:
        return measure, payload["totals"]["rows"]
    return measure, payload["rows"] if payload["by"] else [payload["totals"]]


def bar_chart(payload: Payload, report: Report) -> BarChart | None:
    """The measure drawn for the first groups; none where there is one figure alone, or nothing but zeros."""
    column, rows = drawn(payload, report)
    largest = max((size(column, row[column.code]) or 0 for row in rows), default=0)
    # One bar alone says nothing that its figure does not, and no bar at all says nothing.
    if len(rows) < 2 or largest <= 0:
        return None
    scale = CHART_WIDTH - LABEL_WIDTH - VALUE_WIDTH
    bars = [
        Bar(
            label=short(str(row.get("step_name") or row.get("what") or label_of(payload, row))),
            text=shown(column, row[column.code], "").text,
            y=number * BAR_GAP + 8.0,
            width=(width := charts.share(size(column, row[column.code]), largest) * scale / 100),
            end=LABEL_WIDTH + width,
            url=row["links"].get(column.code) or row["link"] or "",
        )
        for number, row in enumerate(rows[:BARS])
    ]
    return BarChart(bars, height=len(bars) * BAR_GAP + 8.0, title=str(column.label), more=max(0, len(rows) - BARS))


def short(label: str, most: int = 28) -> str:
    return label if len(label) <= most else f"{label[: most - 1]}…"


def lines_chart(payload: Payload, report: Report) -> dict[str, Any] | None:
    """A line over months or quarters, and the period compared with; None for other dimensions."""
    if report.split or payload["by"] not in ("month", "quarter"):
        return None
    column, rows = drawn(payload, report)
    rows = [row for row in rows if row["key"]]
    if len(rows) < 2:
        return None
    series = [{"name": str(column.label), "values": [size(column, row[column.code]) for row in rows]}]
    return {
        "series": series,
        "labels": [label_of(payload, row) for row in rows],
        "unit": "%" if column.unit is Unit.RATE else "",
        "lines": True,
    }


def funnel(payload: Payload) -> list[dict[str, Any]]:
    """The steps of all leads of the report, for the funnel part of the design."""
    totals = payload["totals"]
    labels = {column.code: column.label for column in REPORTS["lead-funnel"].columns}
    rates = {target: totals[code] for code, target in FUNNEL_STEPS}
    worst = min((cell["rate"] for cell in rates.values() if cell["rate"] is not None), default=None)
    return [
        {
            "label": labels[code],
            "ramp": f"r-{position}",
            "count": totals[code],
            "text": formats.rate(totals[code] / totals["leads"] if totals["leads"] else None),
            "href": totals["links"].get(code, ""),
            "step_rate": formats.rate(rates[code]["rate"]) if code in rates and rates[code]["rate"] is not None else "",
            "step_note": _("get here from the step before") if code in rates else "",
            "worst": code in rates and rates[code]["rate"] is not None and rates[code]["rate"] == worst,
        }
        for position, code in enumerate(("leads", "mql", "sal", "sql", "opportunity", "won"))
    ]


def stage_funnel(payload: Payload) -> list[dict[str, Any]]:
    """The steps of the pipeline; of the first one, where there are several."""
    every = payload["totals"]["rows"]
    rows = [row for row in every if row["pipeline"] == every[0]["pipeline"]] if every else []
    last = max(1, len(rows) - 1)
    return [
        {
            "label": row["step_name"],
            "ramp": f"r-{round(5 * position / last)}",
            "count": row["reached"],
            "text": formats.rate(row["from_first"]["rate"]),
            "href": row["links"].get("reached", ""),
            "step_rate": formats.rate(row["from_previous"]["rate"]) if row["from_previous"]["rate"] is not None else "",
            "step_note": _("of those at the step before"),
        }
        for position, row in enumerate(rows)
    ]


def cohort(payload: Payload) -> list[dict[str, Any]]:
    """The matrix: what share of each group was won within so many days. A window still open as of the moment is dashed."""
    return [
        {
            "label": label_of(payload, row),
            "size": row["leads"],
            "href": row["links"].get("leads", ""),
            "cells": [
                {
                    "value": row[f"won_within_{days}"] / row["leads"] if row["leads"] else None,
                    "text": formats.number(100 * row[f"won_within_{days}"] / row["leads"], 1) if row["leads"] else "",
                    "href": row["links"].get(f"won_within_{days}", ""),
                    "running": still_running(payload, row, days),
                }
                for days in WITHIN
            ],
        }
        for row in payload["rows"]
    ]


def still_running(payload: Payload, row: Row, days: int) -> bool:
    """Whether leads of this month may yet be won within so many days."""
    if payload["by"] != "month" or not row["key"]:
        return False
    return last_day_of(row["key"]) + timedelta(days=days) >= datetime.fromisoformat(payload["as_of"]).date()


def last_day_of(month: str) -> date:
    year, number = map(int, month.split("-"))
    return (date(year + number // 12, number % 12 + 1, 1)) - timedelta(days=1)
