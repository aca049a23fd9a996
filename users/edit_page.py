"""The page on which a record is edited: shown, saved, refused, or both values side by side where somebody was faster."""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from users.both_values import both_values, chosen
from users.conflicts import StaleVersion
from users.pages import SignedIn, refuse, status_of


class EditForm(forms.Form):
    """Carries the version of the record that the person read."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def changes(self) -> dict[str, Any]:
        """The cleaned values by the record's fields."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


def edit_page(
    request: SignedIn,
    template: str,
    context: Mapping[str, Any],
    form: EditForm,
    save: Callable[[dict[str, Any], int | None], object],
    *,
    then: str,
) -> HttpResponse:
    """Show the form; when it is sent, `save` its changes to the version that the person read and go to the page `then`.

    Whoever saved second chooses field by field between both values (409).
    """
    shown = {**context, "form": form}
    if request.method == "POST" and form.is_valid():
        try:
            save(chosen(form.changes(), request.POST), form.cleaned_data["version"])
        except StaleVersion as stale:
            shown |= {"both": both_values(stale, request.POST), "error_in_title": True}
            return render(request, template, shown, status=409)
        except ValidationError as refused:
            refuse(form, refused)
        else:
            messages.success(request, _("Saved."))
            return redirect(then)
    shown["error_in_title"] = bool(form.errors)
    return render(request, template, shown, status=status_of(form))
