"""Creating and editing a lead. A stale write shows both values of each field to choose from; nothing is lost."""

from collections.abc import Sequence
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from leads.alike import WithUsAlready, refuse_same_address
from leads.casefile import edit_case, open_case
from leads.forms.lead import LeadForm, NewLeadForm, as_fields, choice_label, stored_in
from leads.models import Lead
from leads.rights import may_create_lead, may_edit_fields, who_may_create, who_may_edit
from leads.views.case import find_lead
from users.conflicts import StaleVersion
from users.once import once
from users.pages import SignedIn, refuse
from users.rights import demand

THEIRS = "theirs"


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: SignedIn) -> HttpResponse:
    """/leads/new/"""
    demand(may_create_lead(request.user), who_may_create())
    form = NewLeadForm(request.POST if request.method == "POST" else None)

    def make() -> str:
        email = form.cleaned_data["email"]
        if request.POST.get("told_of") != email:
            refuse_same_address(email, request.user)
        lead = open_case(form.values(), by=request.user)
        messages.success(request, _("Lead opened. Its first question waits."))
        return reverse("leads:page", args=[lead.pk])

    if request.method == "POST" and form.is_valid():
        try:
            return once(request, make)
        except ValidationError as refused:
            refuse(form, refused)
        except WithUsAlready as found:
            return _page(request, form, None, alike=found.leads)
    return _page(request, form, None)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: SignedIn, pk: int) -> HttpResponse:
    """/leads/<id>/edit/"""
    lead = find_lead(request.user, pk)
    demand(may_edit_fields(request.user, lead), who_may_edit(lead))
    form = LeadForm(request.POST if request.method == "POST" else None, lead=lead)
    if request.method == "POST" and form.is_valid():
        changes = {name: value for name, value in form.changes().items() if request.POST.get(f"pick-{name}") != THEIRS}
        version = request.POST.get("version", "")
        try:
            _write(
                lead,
                changes,
                form,
                version=int(version) if version.isdecimal() and len(version) < 10 else 0,
                by=request.user,
            )
        except ValidationError as refused:
            refuse(form, refused)
        except StaleVersion as stale:
            return _both_values(request, form, changes, stale)
        else:
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(reverse("leads:page", args=[lead.pk]))
    return _page(request, form, lead)


def _write(lead: Lead, changes: dict[str, Any], form: LeadForm, *, version: int, by: Any) -> None:
    """Save the changes. A version that is old only because other fields or the stage changed is no conflict."""
    try:
        edit_case(lead, as_fields(changes, lead.attributes), version=version, by=by)
    except StaleVersion as stale:
        current = cast(Lead, stale.current)
        if any(stored_in(current, name) != form.seen(name) for name in changes):
            raise
        edit_case(lead, as_fields(changes, current.attributes), version=stale.version, by=by)


def _both_values(request: SignedIn, form: LeadForm, changes: dict[str, Any], stale: StaleVersion) -> HttpResponse:
    """Both values of each field that differs, to choose from; what else was typed goes along."""
    current = cast(Lead, stale.current)
    sides = [
        {
            "name": name,
            "label": form.fields[name].label,
            "theirs": choice_label(stored_in(current, name)),
            "yours": choice_label(yours),
        }
        for name, yours in changes.items()
        if stored_in(current, name) != yours
    ]
    picked = {f"pick-{side['name']}" for side in sides}
    kept = [
        (name, value)
        for name in request.POST
        if name not in picked | {"csrfmiddlewaretoken", "version"}
        for value in request.POST.getlist(name)
    ]
    context = {
        "section": "leads",
        "lead": current,
        "sides": sides,
        "kept": kept,
        "version": stale.version,
        "error_in_title": True,
    }
    return render(request, "leads/edit_conflict.html", context, status=409)


def _page(request: SignedIn, form: LeadForm, lead: Lead | None, *, alike: Sequence[Lead] = ()) -> HttpResponse:
    """The form; `alike` are the leads of the same address, said once before another one is made."""
    refused = bool(form.errors or alike)
    context = {"section": "leads", "form": form, "lead": lead, "alike": alike, "error_in_title": refused}
    return render(request, "leads/edit.html", context, status=422 if refused else 200)
