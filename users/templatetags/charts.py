"""Charts as template tags: {% load charts %}. Each stands beside, or is, a table with the same numbers."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from users import charts
from users.templatetags.desk import part

register = template.Library()

Value = float | None


@register.simple_tag
def sparkline(values: Sequence[Value], previous: Sequence[Value] = ()) -> SafeString:
    """Draw a small line, last year's in grey below it; decoration beside a figure that says it in words."""
    every = [float(value) for value in [*values, *(previous or ())] if value is not None]
    if not every:
        return SafeString("")
    low, high = min(every), max(every)
    return format_html(
        '<svg class="spark" viewBox="0 0 100 30" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        '<polyline class="prev" points="{}"/><polyline points="{}"/></svg>',
        charts.sparkline(previous or (), low, high),
        charts.sparkline(values, low, high),
    )


@register.inclusion_tag("_bars.html")
def bars(rows: Iterable[Any], head: str, unit: str, caption: str = "") -> dict[str, Any]:
    """Draw a table with a bar a row: rows with label, value, text (the figure in words), href, note."""
    listed = list(rows)
    largest = max((float(part(row, "value") or 0) for row in listed), default=0)
    drawn = [
        {
            **{name: part(row, name, "") for name in ("label", "text", "href", "note")},
            "step": round(charts.share(part(row, "value"), largest)),
        }
        for row in listed
    ]
    return {"rows": drawn, "head": head, "unit": unit, "caption": caption}


@register.inclusion_tag("_funnel.html")
def funnel(steps: Iterable[Any], caption: str, before: str = "") -> dict[str, Any]:
    """Draw a funnel: bars on one scale with the step rate between them.

    steps have label, ramp (r-0 to r-5), count, share (0 to 1 of the first), text of the share, before (text of the
    comparison), href; and of the step that led here: step_rate, step_note, worst (the one to look at).
    """
    listed = list(steps)
    largest = max((float(part(row, "count") or 0) for row in listed), default=0)
    names = ("label", "ramp", "count", "text", "before", "href", "step_rate", "step_note", "worst")
    drawn = [
        {**{name: part(row, name, "") for name in names}, "step": round(charts.share(part(row, "count"), largest))}
        for row in listed
    ]
    return {"steps": drawn, "caption": caption, "before": before}


@register.inclusion_tag("_cohort.html")
def cohort(rows: Iterable[Any], months: int, caption: str, labels: Sequence[str] = ()) -> dict[str, Any]:
    """Draw a cohort matrix: rows with label, size, href and cells (value 0 to 1 or None, text, href, running).

    Colours are fitted to the largest cell, which the scale prints; a month still running is dashed.
    """
    listed = list(rows)
    largest = max((float(part(cell, "value") or 0) for row in listed for cell in part(row, "cells")), default=0)
    drawn = [
        {
            **{name: part(row, name, "") for name in ("label", "size", "href")},
            "cells": [
                {
                    **{name: part(cell, name, "") for name in ("value", "text", "href", "running")},
                    "heat": charts.heat(part(cell, "value"), largest),
                }
                for cell in part(row, "cells")
            ],
        }
        for row in listed
    ]
    return {
        "rows": drawn,
        "heads": labels or [str(month) for month in range(months)],
        "caption": caption,
        "largest": largest,
        "scale": range(9),
    }


@register.inclusion_tag("_lines.html")
def lines(series: Iterable[Any], labels: Sequence[str], finding: str, unit: str = "") -> dict[str, Any]:
    """Draw up to four lines: series with name and values over common labels; finding says in words what it shows.

    unit "%" writes the scale in per cent of values between 0 and 1.
    """
    chart = charts.line_chart([(part(each, "name"), part(each, "values")) for each in series], labels)
    return {"chart": chart, "finding": finding, "percent": unit == "%", "height": chart.height, "width": chart.width}


@register.inclusion_tag("_bullet.html")
def bullet(value: float, goal: Value = None, before: Value = None, of: float = 100, label: str = "") -> dict[str, Any]:
    """Draw a value against its goal (black tick) and the time before (grey); label says all three in words."""
    return {
        name: round(charts.share(each, of)) for name, each in (("value", value), ("goal", goal), ("before", before))
    } | {
        "label": label,
        "has_goal": goal is not None,
        "has_before": before is not None,
    }
