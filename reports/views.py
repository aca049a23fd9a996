"""The report pages. Every figure is computed from what the reader may see (reports/scope.py)."""

from datetime import date, datetime, timedelta
from typing import Any, cast
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from reports import tasks
from reports.catalogue import REPORTS
from reports.definitions import Report
from reports.forms import QuestionForm
from reports.models import ReportSnapshot
from reports.parameters import NotAnswerable, find, understand, wish_of
from reports.presenting import presented
from reports.queries import quality
from reports.records import column_of, group_label, list_records
from reports.rendering import as_csv
from reports.scope import Scope
from reports.snapshots import ask_for_fresh, before_it, give_up_what_nobody_does, newest, wish_of_snapshot
from users.models import Role, User
from users.rights import demand

# What a question may hold; anything else in the address is refused.
QUESTION = ("from", "to", "by", "view", "compare", "as_of", "filter")
WORDS = {*QUESTION, "filter_by", "filter_value"}


def reader_of(request: HttpRequest, name: str) -> tuple[Report, User]:
    """The report, and whoever is signed in, if it is theirs to read. Raises Http404, Forbidden."""
    if name not in REPORTS:
        raise Http404
    found, user = REPORTS[name], cast(User, request.user)
    demand(
        found.for_success or user.role != Role.CUSTOMER_SUCCESS,
        _(
            "This report is for representatives, managers, marketing and administrators. Customer success reads data quality."
        ),
    )
    return found, user


def only_known_words(query: QueryDict, words: set[str]) -> None:
    unknown = sorted(set(query) - words)
    if unknown:
        raise NotAnswerable(
            _("“%(name)s” is nothing that can be asked of a report. What can: %(names)s.")
            % {"name": unknown[0][:60], "names": ", ".join(QUESTION)}
        )


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Every report with the reason to look at it."""
    user = cast(User, request.user)
    shown = [one for one in REPORTS.values() if one.for_success or user.role != Role.CUSTOMER_SUCCESS]
    return render(request, "reports/index.html", {"section": "reports", "reports": shown, "scope": Scope.of(user)})


@require_safe
def report(request: HttpRequest, name: str) -> HttpResponse:
    """One report: the finding, the chart, the table, and what every number means."""
    found, user = reader_of(request, name)
    query: QueryDict = request.GET
    if query.get("filter_by"):
        return redirect(f"{request.path}?{with_filter(query)}")
    if found.page_by and "by" not in query:
        query = query.copy()
        query["by"] = found.page_by
    context: dict[str, Any] = {
        "section": "reports",
        "report": found,
        "form": QuestionForm(initial=asked_words(found, query), report=found),
    }
    try:
        only_known_words(query, WORDS)
        payload, snapshot = newest(wish_of(name, first_of(query), query.getlist("filter")), user)
    except NotAnswerable as refusal:
        return render(
            request, "reports/report.html", context | {"refusal": str(refusal), "error_in_title": True}, status=400
        )
    question = question_of(query)
    context |= presented(payload) | {
        "payload": payload,
        "as_of": datetime.fromisoformat(payload["as_of"]),
        "snapshot": snapshot,
        "failed": snapshot is not None and snapshot.state == ReportSnapshot.State.FAILED,
        "waiting": snapshot is not None and snapshot.state == ReportSnapshot.State.WAITING,
        "question": question,
        "chips": chips(found, payload, query),
        "clear_url": f"{request.path}?{urlencode([(key, value) for key, value in parse(query) if key != 'filter'])}",
        "periods": periods(query) if found.period_of else [],
        "dimensions": dimensions(found, payload["by"], query),
    }
    return render(request, "reports/report.html", context)


def first_of(query: QueryDict) -> dict[str, str]:
    return {name: str(query.get(name, "")) for name in query}


def asked_words(found: Report, query: QueryDict) -> dict[str, str]:
    """What the form shows: what was asked, else what is asked by default."""
    asked = {name: value for name in QUESTION if name != "filter" and (value := str(query.get(name, "")))}
    return {"by": found.default_by or "all", "view": found.views[0].value} | asked


def parse(query: QueryDict) -> list[tuple[str, str]]:
    return [(key, value) for key in QUESTION for value in query.getlist(key) if value]


def question_of(query: QueryDict) -> str:
    return urlencode(parse(query))


def with_filter(query: QueryDict) -> str:
    """The question with the form's filter among its filters; a dimension filtered before is filtered anew."""
    code = query["filter_by"]
    kept = [(key, value) for key, value in parse(query) if not (key == "filter" and value.startswith(f"{code}="))]
    return urlencode([*kept, ("filter", f"{code}={query.get('filter_value', '')}")])


def chips(found: Report, payload: Any, query: QueryDict) -> list[dict[str, str]]:
    """The filters in force, each with the address of the report without it."""
    return [
        {
            "label": str(found.dimensions[code].title),
            "value": group_label(code, key),
            "remove_url": "?"
            + urlencode(
                [
                    (name, value)
                    for name, value in parse(query)
                    if not (name == "filter" and value.startswith(f"{code}="))
                ]
            ),
        }
        for code, key in payload["filters"].items()
    ]


def dimensions(found: Report, by: str | None, query: QueryDict) -> list[dict[str, Any]]:
    """What the report can be divided by, at one press."""
    others = [(key, value) for key, value in parse(query) if key != "by"]
    choices = [("all", _("nothing")), *((code, one.title) for code, one in found.dimensions.items())]
    return (
        [
            {"label": label, "url": "?" + urlencode([("by", code), *others]), "current": code == (by or "all")}
            for code, label in choices
        ]
        if found.dimensions
        else []
    )


def periods(query: QueryDict) -> list[dict[str, Any]]:
    """Periods at one press."""
    today = timezone.localdate()
    quarter = date(today.year, 3 * ((today.month - 1) // 3) + 1, 1)
    choices: list[tuple[str, date | None, date | None]] = [
        (_("All"), None, None),
        (_("30 days"), today - timedelta(days=29), today),
        (_("This quarter"), quarter, today),
        (_("This year"), date(today.year, 1, 1), today),
        (_("12 months"), today - timedelta(days=364), today),
    ]
    others = [(key, value) for key, value in parse(query) if key not in ("from", "to")]
    found = []
    for label, first, last in choices:
        words = {"from": first.isoformat() if first else "", "to": last.isoformat() if last else ""}
        mine = [(key, value) for key, value in others if first or key != "compare"]
        found.append(
            {
                "label": label,
                "url": "?" + urlencode([*((key, value) for key, value in words.items() if value), *mine]),
                "current": query.get("from", "") == words["from"] and query.get("to", "") == words["to"],
            }
        )
    return found


@require_safe
def download(request: HttpRequest, name: str, form: str) -> HttpResponse:
    """The same figures as the page, as CSV or JSON."""
    _found, user = reader_of(request, name)
    try:
        only_known_words(request.GET, set(QUESTION))
        payload, _snapshot = newest(wish_of(name, request.GET.dict(), request.GET.getlist("filter")), user)
    except NotAnswerable as refusal:
        return refused(request, refusal)
    if form == "json":
        return JsonResponse(payload)
    return HttpResponse(
        # The mark at the beginning tells spreadsheets that the text is UTF-8.
        "\ufeff" + as_csv(payload),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def refused(request: HttpRequest, refusal: NotAnswerable) -> HttpResponse:
    """The sentence that says what can be asked instead."""
    return render(request, "reports/refused.html", {"section": "reports", "refusal": str(refusal)}, status=400)


@require_safe
def records(request: HttpRequest, name: str) -> HttpResponse:
    """The records behind one number of a report."""
    found, user = reader_of(request, name)
    query = request.GET
    try:
        only_known_words(query, {*QUESTION, "column", "group", "after", *found.split})
        asked = understand(wish_of(name, first_of(query), query.getlist("filter")), Scope.of(user))
        column = query.get("column", "")
        split = {part: query[part] for part in found.split if part in query}
        listed = list_records(
            found, asked, column, group=query.get("group"), split=split, after=number(query.get("after", "0"))
        )
    except NotAnswerable as refusal:
        return refused(request, refusal)
    following = query.copy()
    following["after"] = str(listed.after)
    context = {
        "section": "reports",
        "report": found,
        "column": column_of(found, column),
        "asked": asked,
        "parts": [
            *([group_label(asked.by, query["group"])] if asked.by and "group" in query else []),
            *(
                str(quality.BY_CODE[value].label) if part == "check" and value in quality.BY_CODE else value
                for part, value in split.items()
            ),
            *(f"{found.dimensions[code].title}: {group_label(code, key)}" for code, key in asked.filters),
        ],
        "listed": listed,
        "report_url": f"{reverse('reports:report', args=[name])}?{question_of(query)}",
        "next_url": f"{request.path}?{following.urlencode()}" if listed.after else "",
    }
    return render(request, "reports/records.html", context)


def number(text: str) -> int:
    """An id from an address. Raises NotAnswerable."""
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise NotAnswerable(_("“%(text)s” is not a number of a record.") % {"text": text[:60]})
    return int(text)


# --- Fresh figures -----------------------------------------------------------------------------------------


@require_POST
def fresh(request: HttpRequest, name: str) -> HttpResponse:
    """Leave the report to the background, and show how far it is."""
    _found, user = reader_of(request, name)
    query = QueryDict(request.POST.get("question", ""))
    try:
        find(name)
        snapshot = ask_for_fresh(wish_of(name, first_of(query), query.getlist("filter")), user)
    except NotAnswerable as refusal:
        return refused(request, refusal)
    tasks.wake()
    if request.htmx:  # type: ignore[attr-defined]  # set by django-htmx
        return render(request, "_progress.html", working(snapshot))
    return redirect(f"{reverse('reports:report', args=[name])}?{question_of(query)}")


@require_safe
def progress(request: HttpRequest, snapshot_id: int) -> HttpResponse:
    """How far a report is that was asked for; once it is there, the page shows it."""
    user = cast(User, request.user)
    snapshot = get_object_or_404(ReportSnapshot, pk=snapshot_id, scope=Scope.of(user).key[:200])
    if snapshot.state == ReportSnapshot.State.WAITING:
        give_up_what_nobody_does(snapshot)
    if snapshot.state == ReportSnapshot.State.WAITING:
        return render(request, "_progress.html", working(snapshot))
    wish = wish_of_snapshot(snapshot)
    words = [(key, value) for key, value in wish.as_json().items() if value and key != "filter"]
    question = urlencode([*words, *(("filter", one) for one in wish.filters)])
    return HttpResponse(
        status=204, headers={"HX-Redirect": f"{reverse('reports:report', args=[snapshot.name])}?{question}"}
    )


def working(snapshot: ReportSnapshot) -> dict[str, Any]:
    """What _progress.html shows while the background computes."""
    ahead = before_it(snapshot)
    text = _("Computing") if not ahead else _("Waiting: %(count)s reports before this one") % {"count": ahead}
    return {"id": "fresh", "text": text, "poll_url": reverse("reports:progress", args=[snapshot.pk])}
