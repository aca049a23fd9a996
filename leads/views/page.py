"""The lead's page: who it is, how it is judged and why, what happened, and what can be done now."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from leads.explaining import explain
from leads.models import Lead
from leads.views.case import find_lead, marks, missing_sentence
from users.pages import SignedIn


def show(request: SignedIn, lead: Lead, *, status: int = 200, **more: Any) -> HttpResponse:
    checklist = lead.checklists.filter(context=lead.context_id).first()
    sheet = explain(checklist) if checklist else None
    context = {
        "section": "leads",
        "lead": lead,
        "sheet": sheet,
        "criteria": marks(sheet) if sheet else [],
        "missing": missing_sentence(sheet) if sheet else "",
        **more,
    }
    return render(request, "leads/page.html", context, status=status)


@require_safe
def lead(request: SignedIn, pk: int) -> HttpResponse:
    """/leads/<id>/"""
    return show(request, find_lead(request.user, pk))
