"""The settings of editable lists, whichever room registered them (users/editable_lists.py)."""

from typing import Any

from django.contrib import messages
from django.db.models import Model
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from users import editable_lists
from users.editable_lists import EditableList
from users.facts import database_now
from users.forms import form_of_list
from users.pages import SignedIn, sent, settings_page, status_of
from users.rights import demand, who_may_administer
from users.settings_pages import may_edit_some_list


@require_GET
def lists(request: SignedIn) -> HttpResponse:
    demand(may_edit_some_list(request.user), who_may_administer())
    entries = [each for each in editable_lists.registered() if each.may_edit(request.user)]
    return settings_page(request, "users/lists.html", "lists", {"entries": entries, "title": _("Lists")})


@require_GET
def rows_of_list(request: SignedIn, code: str) -> HttpResponse:
    """Every entry of a list, archived ones too."""
    editable = _editable(request, code)
    related = [name for name in editable.fields if editable.model._meta.get_field(name).is_relation]
    found = editable.model._default_manager.all()
    rows = [
        {
            "pk": row.pk,
            "cells": [_shown(row, name) for name in editable.fields],
            "archived": getattr(row, "archived_at", None),
        }
        for row in (found.select_related(*related) if related else found)
    ]
    context = {"list": editable, "rows": rows, "columns": list(editable.fields.values()), "title": editable.title}
    return settings_page(request, "users/list.html", "lists", context)


@require_http_methods(["GET", "POST"])
def new_row(request: SignedIn, code: str) -> HttpResponse:
    """404 for a list whose entries only come with the house."""
    editable = _editable(request, code)
    if not editable.may_add:
        raise Http404
    form = form_of_list(editable, new=True)(sent(request))
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("settings_list", code=code)
    return settings_page(
        request,
        "users/list_row.html",
        "lists",
        {"list": editable, "form": form, "title": _("New entry")},
        status_of(form),
    )


@require_http_methods(["GET", "POST"])
def row_of_list(request: SignedIn, code: str, pk: int) -> HttpResponse:
    editable = _editable(request, code)
    row = get_object_or_404(editable.model, pk=pk)
    title, fixed = str(row), [(editable.fields[name], _shown(row, name)) for name in editable.given_once]
    form = form_of_list(editable, new=False)(sent(request), instance=row)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("settings_list", code=code)
    context = {"list": editable, "row": row, "form": form, "fixed": fixed, "title": title}
    return settings_page(request, "users/list_row.html", "lists", context, status_of(form))


@require_POST
def archive_row(request: SignedIn, code: str, pk: int) -> HttpResponse:
    """Take a row out of what can be chosen, or bring it back; records that use it keep it."""
    editable = _editable(request, code)
    if not editable.archivable:
        raise Http404
    row: Any = get_object_or_404(editable.model, pk=pk)
    row.archived_at = None if row.archived_at else database_now()
    row.save(update_fields=["archived_at"])
    messages.success(
        request, _("Archived: it can no longer be chosen.") if row.archived_at else _("Back: it can be chosen again.")
    )
    return redirect("settings_list", code=code)


def _editable(request: SignedIn, code: str) -> EditableList:
    editable = editable_lists.named(code)
    if editable is None:
        raise Http404
    demand(editable.may_edit(request.user), editable.who_may())
    return editable


def _shown(row: Model, name: str) -> Any:
    display = getattr(row, f"get_{name}_display", None)
    return display() if display is not None else getattr(row, name)
