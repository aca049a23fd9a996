"""Charts: lengths, steps and coordinates are right to the pixel, and the numbers stand beside them."""

from typing import Any

import pytest
from django.template import Context, Template

from users import charts


def render(source: str, **context: Any) -> str:
    return Template("{% load charts %}" + source).render(Context(context))


@pytest.mark.parametrize(
    ("largest", "top"), [(0, 1), (301, 400), (100, 100), (0.146, 0.2), (9.1, 10), (1, 1), (0.7, 0.8)]
)
def test_the_scale_ends_at_a_round_number_that_holds_the_largest(largest: float, top: float) -> None:
    assert charts.top_of_scale(largest) == pytest.approx(top)


@pytest.mark.parametrize(("value", "step"), [(None, 0), (0, 0), (0.0001, 1), (0.5, 4), (0.51, 5), (1, 8)])
def test_only_an_empty_cell_is_without_heat(value: float | None, step: int) -> None:
    assert charts.heat(value, 1) == step


def test_a_gap_in_the_data_is_a_gap_in_the_line() -> None:
    chart = charts.line_chart([("Leads", [1, 2, None, 4])], ["a", "b", "c", "d"])

    assert len(chart.lines[0].paths) == 2


def test_lines_begin_at_zero_and_their_names_do_not_touch() -> None:
    chart = charts.line_chart([("A", [10, 10]), ("B", [10, 10])], ["x", "y"])

    assert chart.y_ticks[0].value == 0
    assert abs(chart.lines[0].label_y - chart.lines[1].label_y) >= 16


def test_a_fifth_line_is_refused() -> None:
    with pytest.raises(ValueError, match="four"):
        charts.line_chart([(str(number), [1]) for number in range(5)], ["x"])


def test_a_series_without_values_is_drawn_without_a_line() -> None:
    chart = charts.line_chart([("Empty", [None, None])], ["x", "y"])

    assert chart.lines[0].paths == []
    assert chart.lines[0].end is None


def test_bars_share_one_scale_and_every_number_is_in_the_table() -> None:
    html = render(
        "{% bars rows 'Source' 'Won' %}",
        rows=[
            {"label": "Partner", "value": 40, "text": "40", "href": "/leads/?source=1"},
            {"label": "Web", "value": 10, "text": "10"},
        ],
    )

    assert "v-100" in html
    assert "v-25" in html
    assert '<a href="/leads/?source=1">40</a>' in html


def test_a_funnel_names_the_step_to_look_at() -> None:
    steps = [
        {"label": "Lead", "ramp": "r-0", "count": 200, "text": "100%"},
        {
            "label": "MQL",
            "ramp": "r-1",
            "count": 50,
            "text": "25%",
            "step_rate": "25%",
            "step_note": "became MQL",
            "worst": True,
        },
    ]

    html = render("{% funnel steps 'Where leads go' %}", steps=steps)

    assert "between worst" in html
    assert "v-25" in html


def test_a_cohort_leaves_months_to_come_empty_and_says_which_still_run() -> None:
    rows = [
        {
            "label": "Jan",
            "size": 10,
            "cells": [
                {"value": 0.1, "text": "10"},
                {"value": 0.2, "text": "20", "running": True},
                {"value": None, "text": ""},
            ],
        }
    ]

    html = render("{% cohort rows 3 'Won by month' %}", rows=rows)

    assert 'class="h-4"' in html
    assert 'class="h-8 part"' in html
    assert "still running" in html
    assert "<td></td>" in html


def test_no_chart_needs_a_style_attribute() -> None:
    html = render(
        "{% lines series labels 'Leads rose.' %}{% bullet 67 75 70 label='Accepted' %}{% sparkline values %}",
        series=[{"name": "Leads", "values": [1, 2]}],
        labels=["Jan", "Feb"],
        values=[1, None, 3],
    )

    assert "style=" not in html
    assert 'aria-label="Leads rose."' in html
