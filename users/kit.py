"""The kit page: every part of the desk in every state, for those who write pages. Nothing on it is real."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from users.models import Role, User

Sample = dict[str, Any]
MOMENT = datetime(2026, 3, 3, 14, 12, tzinfo=UTC)


class SampleForm(forms.Form):
    """One field of each kind. It is always shown as sent with mistakes."""

    phone = forms.RegexField(
        r"^\+",
        label="Phone",
        help_text="With the country's code, such as +47 22 00 00 00",
        error_messages={"invalid": "Begin with + and the country's code"},
    )
    wake_on = forms.DateField(label="Wake on", error_messages={"invalid": "Choose a date after today"})
    source = forms.ChoiceField(label="Source", choices=[("fair", "Trade fair"), ("web", "Web form")])
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea)
    kind = forms.ChoiceField(
        label="Kind of sale",
        choices=[("direct", "Direct sale"), ("channel", "Channel partner")],
        widget=forms.RadioSelect,
    )
    willing = forms.BooleanField(label="Willing to pay", required=False)


class SampleFilter(forms.Form):
    """The form behind the Filter chip."""

    stage = forms.ChoiceField(label="Stage", required=False, choices=[("", "Any"), ("mql", "MQL")])
    owner = forms.CharField(label="Owner", required=False)


def criterion(code: str, low: float, high: float, *, asked: bool = True) -> Sample:
    """A criterion as the hallmark, the bars and the meter take it; met from 50 on."""
    return {"code": code, "letter": code[0].upper(), "low": low, "high": high, "met": low >= 50, "asked": asked}


def marks() -> Sample:
    """Hallmarks, temperatures, stages, paths and clocks."""
    partly = [
        criterion("budget", 30, 80),
        criterion("authority", 0, 100, asked=False),
        criterion("need", 75, 100),
        criterion("timeline", 0, 40),
    ]
    full = [criterion(code, 100, 100) for code in ("budget", "authority", "need", "timeline")]
    hollow = [criterion(code, 0, 100, asked=False) for code in ("budget", "authority", "need", "timeline")]
    return {
        "partly": partly,
        "full": full,
        "hollow": hollow,
        "single": [
            [criterion("budget", 60, 100)],
            [criterion("budget", 30, 80)],
            [criterion("budget", 0, 100, asked=False)],
            [criterion("budget", 0, 25)],
        ],
        "temperatures": [0, 1, 2, {"temperature": 1, "sql": True, "interest_shown": False}],
        "stages": [
            ("lead", "Lead"),
            ("mql", "MQL"),
            ("sal", "SAL"),
            ("sql", "SQL"),
            ("opportunity", "Opportunity"),
            ("customer", "Customer"),
            ("won", "Won"),
            ("lost", "Lost"),
            ("nurture", "Nurture"),
            ("disqualified", "Disqualified"),
        ],
        "path": [
            {"label": "Lead", "state": "done", "note": "2 Jun"},
            {"label": "MQL", "state": "done", "note": "9 Jun"},
            {"label": "SAL", "state": "now", "note": "since 10 Jun"},
            {"label": "SQL", "state": "todo", "note": "1 answer left"},
            {"label": "Won", "state": "todo"},
        ],
        "clocks": [
            {"state": "fine", "text": "3:10 left", "share": 21, "due": "due 15:28, no owner"},
            {"state": "soon", "text": "0:22 left", "share": 91, "due": "due 12:40, alice"},
            {"state": "over", "text": "0:38 late", "share": 100, "due": "due 11:40, bob"},
        ],
        "ticks": [{"value": 70, "label": "SQL 70"}],
    }


def figures() -> Sample:
    """Figures and charts, with a gap, a small base and a month still running."""
    month = [0.001, 0.005, 0.011, 0.018, 0.024, 0.027]
    return {
        "steps": [
            {"label": "Lead", "ramp": "r-0", "count": 3400, "text": "100.0%", "before": "100%", "href": "#leads"},
            {
                "label": "MQL",
                "ramp": "r-1",
                "count": 1280,
                "text": "37.6%",
                "before": "36.2%",
                "step_rate": "37.6%",
                "step_note": "became MQL, +1.4 pts",
            },
            {
                "label": "SAL",
                "ramp": "r-2",
                "count": 862,
                "text": "25.4%",
                "before": "25.2%",
                "step_rate": "67.3%",
                "step_note": "accepted, −2.4 pts",
                "worst": True,
            },
            {
                "label": "Won",
                "ramp": "r-5",
                "count": 107,
                "text": "3.1%",
                "before": "2.4%",
                "step_rate": "12.4%",
                "step_note": "won",
            },
        ],
        "sources": [
            {"label": "Partner", "value": 0.146, "text": "14.6%", "href": "#partner"},
            {"label": "Webinar", "value": 0.032, "text": "3.2%"},
            {"label": "Cold outreach", "value": 0.0, "text": "0.0%"},
        ],
        "cohorts": [
            {
                "label": f"{name} 26",
                "size": 268 - 7 * row,
                "cells": [
                    {"value": value, "text": f"{100 * value:.1f}", "running": column == 5 - row}
                    for column, value in enumerate(month[: 6 - row])
                ],
            }
            for row, name in enumerate(("Jan", "Feb", "Mar", "Apr"))
        ],
        "series": [
            {"name": "Leads", "values": [212, 240, None, 268, 290, 301]},
            {"name": "MQL", "values": [80, 88, 90, 97, 120, 118]},
            {"name": "SAL", "values": [70, 76, 84, 90, 111, 112]},
        ],
        "labels": ["Jan", "Feb", "Mar", "Apr", "May", "Jun"],
        "small": [4, 5, 4, 7, 6, 9],
        "smaller": [3, 4, 4, 4, 5, 5],
    }


def states() -> Sample:
    """What a page says when something is missing, wrong, slow, undone or contested."""
    return {
        "form": SampleForm({"phone": "0561", "wake_on": "then", "source": "fair"}),
        "filter_form": SampleFilter(prefix="filter"),
        "chips": [
            {"label": "Owner is", "value": "me", "remove_url": "#o"},
            {"label": "Stage is not", "value": "Customer", "remove_url": "#s"},
        ],
        "theirs": {
            "value": "Partly: can be found",
            "note": "The value case pays back in seven months.",
            "by": "bob",
            "at": MOMENT,
        },
        "mine": {"value": "Yes: set aside", "note": "It is in the plan for the second half."},
        "hidden": {"replaces": "41"},
        "moments": [MOMENT, MOMENT.date()],
        "late": timedelta(minutes=38),
    }


@require_safe
def kit(request: HttpRequest) -> HttpResponse:
    """Show the kit to administrators; everybody else is told who may see it."""
    if not isinstance(request.user, User) or request.user.role != Role.ADMINISTRATOR:
        raise PermissionDenied(_("The kit page is for administrators."))
    return render(request, "kit.html", {"section": "settings"} | marks() | figures() | states())
