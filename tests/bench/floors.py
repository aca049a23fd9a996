"""The plainest pages that could do the same kind of work, on the product's own tables and behind its own middleware."""

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from leads.models import Activity, Score
from users.facts import database_now

PAGE = 50


@login_not_required
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """One trivial query and a template of one line; nobody is signed in."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        (number,) = cursor.fetchone()
    return render(request, "bench/line.html", {"text": number})


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """50 rows of scores with their leads in the list's order from a place on, in a bare table of eight columns."""
    rows = Score.objects.filter(listed=True).select_related("lead").order_by(*Score.LIST_ORDER)
    if "low" in request.GET:
        rows = rows.filter(temperature=request.GET["temperature"], low__lte=request.GET["low"])
    return render(request, "bench/list.html", {"user": request.user, "rows": list(rows[:PAGE])})


@require_POST
def write(request: HttpRequest) -> HttpResponse:
    """Write one row and render one line."""
    activity = Activity.objects.create(
        checklist_id=int(request.POST["checklist"]),
        kind=Activity.Kind.NOTE,
        note=request.POST["note"],
        by_id=request.user.pk,
        occurred_at=database_now(),
    )
    return render(request, "bench/line.html", {"text": activity.note})
