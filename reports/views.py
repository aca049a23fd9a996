"""The report pages. Every figure is computed from what the reader may see (reports/scope.py)."""

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from reports.catalogue import Report
from reports.parameters import NotAnswerable, find, understand, wish_of
from reports.records import column_of, list_records
from reports.scope import Scope
from users.models import Role, User
from users.rights import demand


def reader(request: HttpRequest, report: Report) -> User:
    """Whoever is signed in, if reports are theirs to read. Raises Forbidden."""
    user = cast(User, request.user)
    demand(
        report.for_success or user.role != Role.CUSTOMER_SUCCESS,
        _(
            "This report is for representatives, managers, marketing and administrators. Customer success has the figures on accounts."
        ),
    )
    return user


def refused(request: HttpRequest, refusal: NotAnswerable, report: Report | None = None) -> HttpResponse:
    """The sentence that says what can be asked instead."""
    return render(
        request, "reports/refused.html", {"section": "reports", "refusal": str(refusal), "report": report}, status=400
    )


@require_safe
def records(request: HttpRequest, name: str) -> HttpResponse:
    """The records behind one number of a report."""
    query = request.GET
    try:
        report = find(name)
        user = reader(request, report)
        wish = wish_of(name, query.dict(), query.getlist("filter"))
        asked = understand(wish, Scope.of(user))
        column = query.get("column", "")
        split = {part: query[part] for part in report.split if part in query}
        listed = list_records(
            report, asked, column, group=query.get("group"), split=split, after=number(query.get("after", "0"))
        )
    except NotAnswerable as refusal:
        return refused(request, refusal)
    following = query.copy()
    following["after"] = str(listed.after)
    context = {
        "section": "reports",
        "report": report,
        "column": column_of(report, column),
        "asked": asked,
        "group": query.get("group"),
        "split": split,
        "listed": listed,
        "next_url": f"{request.path}?{following.urlencode()}" if listed.after else "",
    }
    return render(request, "reports/records.html", context)


def number(text: str) -> int:
    """An id from a URL. Raises NotAnswerable."""
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise NotAnswerable(_("“%(text)s” is not a number of a record.") % {"text": text[:60]})
    return int(text)
