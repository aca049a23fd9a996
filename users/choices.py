"""What a field offers where that is known only when the form is made: rows that the person sees, codes of the day."""

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.db.models import QuerySet

Choice = tuple[Any, Any]  # what is sent, what people read


def offer_rows(form: forms.BaseForm, name: str, rows: QuerySet[Any]) -> None:
    """Let the form's ModelChoiceField of this name offer these rows and accept no other."""
    cast(forms.ModelChoiceField, form.fields[name]).queryset = rows


def offer_choices(form: forms.BaseForm, name: str, choices: Iterable[Choice]) -> None:
    """Let the form's ChoiceField of this name offer these choices and accept no other."""
    cast(forms.ChoiceField, form.fields[name]).choices = list(choices)
