"""Choosing an account or a contact in a form: its name is typed, and the list beside the field proposes.

Works without script: a name that only one record has is enough, and "#12" names one of several.
"""

import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.forms.renderers import BaseRenderer
from django.urls import reverse_lazy
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.models import Account, Contact

NUMBER = re.compile(r"#(\d{1,18})\s*$")
MOST = 8


class Proposing(forms.TextInput):
    """A text field with a list of proposals, which htmx fills while somebody types."""

    def __init__(self, url: Any) -> None:
        super().__init__()
        self.url = url

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: BaseRenderer | None = None
    ) -> SafeString:
        identifier = f"{(attrs or {}).get('id', name)}-list"
        control = super().render(name, value, {**(attrs or {}), "list": identifier, "autocomplete": "off"}, renderer)
        return format_html(
            '{}<datalist id="{}" hx-get="{}" hx-trigger="input changed delay:200ms from:previous input"'
            ' hx-include="previous input" hx-swap="innerHTML"></datalist>',
            control,
            identifier,
            self.url,
        )


class ChosenField(forms.CharField):
    """A record by its name or number; cleans to the record, or None."""

    def __init__(self, *, rows: QuerySet[Any], url: Any, **options: Any) -> None:
        super().__init__(widget=Proposing(url), max_length=300, **options)
        self.rows = rows

    def prepare_value(self, value: Any) -> Any:
        return label_of(value) if isinstance(value, Model) else value

    def clean(self, value: Any) -> Any:
        text = super().clean(value).strip()
        if not text:
            return None
        number = NUMBER.search(text)
        if number:
            found = self.rows.filter(pk=int(number[1])).first()
            if found is not None:
                return found
            raise ValidationError(_("There is no record with this number: choose one of the list."))
        matches = list(self.rows.filter(sort_key=" ".join(text.split()).lower()).order_by("pk")[: MOST + 1])
        if not matches:
            raise ValidationError(_("“%(text)s” was not found: choose one of the list.") % {"text": text})
        if len(matches) > 1:
            labels = ", ".join(label_of(match) for match in matches[:MOST])
            raise ValidationError(_("Several have this name. Write one of: %(labels)s") % {"labels": labels})
        return matches[0]


class AccountField(ChosenField):
    def __init__(self, **options: Any) -> None:
        super().__init__(rows=Account.objects.active(), url=reverse_lazy("accounts:propose"), **options)


class ContactField(ChosenField):
    def __init__(self, **options: Any) -> None:
        super().__init__(rows=Contact.objects.active(), url=reverse_lazy("accounts:propose-contacts"), **options)


def label_of(record: Any) -> str:
    """What stands in the field: the name, and the number that makes it certain."""
    return f"{record} #{record.pk}"


def proposals(rows: QuerySet[Any], text: str) -> Iterable[str]:
    """Labels of the records whose name begins with, or else holds, what was typed."""
    typed = " ".join(NUMBER.sub("", text).split()).lower()
    if len(typed) < 2 or "\x00" in typed:
        return []
    begins = list(rows.filter(sort_key__startswith=typed).order_by("sort_key", "pk")[:MOST])
    more = rows.filter(Q(sort_key__contains=typed)).exclude(pk__in=[row.pk for row in begins])
    return [label_of(row) for row in [*begins, *more.order_by("sort_key", "pk")[: MOST - len(begins)]]]
