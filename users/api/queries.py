"""What an address asks: each parameter is known and has a value that can be, or the answer is 400 and names it."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter

from users.api.bodies import LARGEST_INTEGER
from users.api.errors import invalid
from users.models import User
from users.moments import past_moment

ROWS_A_PAGE, MOST_ROWS = 50, 200


class Query(forms.Form):
    """The parameters of one address. Subclasses name them as fields."""

    def __init__(self, data: QueryDict, *, user: User) -> None:
        super().__init__(data=data)
        self.user = user


class Paged(forms.Form):
    """The parameters of every list."""

    limit = forms.IntegerField(required=False, min_value=1, max_value=MOST_ROWS)
    cursor = forms.CharField(required=False, max_length=2000)


class PagedQuery(Paged, Query):
    """A list without filters."""


class IdField(forms.IntegerField):
    """The id of a record."""

    def __init__(self) -> None:
        super().__init__(required=False, min_value=1, max_value=LARGEST_INTEGER)


class MomentField(forms.CharField):
    """A past moment, as ISO 8601; without an offset in the workspace's zone, and a day alone is its end."""

    def __init__(self) -> None:
        super().__init__(required=False, max_length=60)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        return past_moment(text) if text else None


def understood(form: forms.Form, asked: QueryDict) -> dict[str, Any]:
    """The values of a form that read the address. Raises Problem: an unknown or repeated parameter, a wrong value."""
    refuse_unknown(asked, form.fields)
    several = (forms.MultipleChoiceField, forms.ModelMultipleChoiceField, Repeated)
    twice = [name for name in asked if len(asked.getlist(name)) > 1 and not isinstance(form.fields[name], several)]
    if twice:
        raise invalid({name: [_("Give this parameter once.")] for name in twice})
    if not form.is_valid():
        raise invalid(
            {"" if name == "__all__" else name: [str(text) for text in texts] for name, texts in form.errors.items()}
        )
    return dict(form.cleaned_data)


class Repeated(forms.Field):
    """A parameter that may be given several times; the values as texts."""

    widget = forms.MultipleHiddenInput

    def __init__(self) -> None:
        super().__init__(required=False)

    def to_python(self, value: Any) -> list[str]:
        return [str(each) for each in value or []]


def refuse_unknown(asked: QueryDict, known: Mapping[str, Any] | Iterable[str]) -> None:
    """Raise Problem for a parameter that this address does not know."""
    names = list(known)
    unknown = [name for name in asked if name not in names]
    if unknown:
        says = _("There is no such parameter here. Known are: %(known)s.") % {"known": ", ".join(names) or _("none")}
        raise invalid({name[:60]: [says] for name in unknown[:20]})


def parameters_of(form: type[forms.Form]) -> list[OpenApiParameter]:
    """The parameters as the schema shows them."""
    return [_parameter(name, field) for name, field in form.base_fields.items()]


def _parameter(name: str, field: forms.Field) -> OpenApiParameter:
    several = isinstance(field, forms.MultipleChoiceField | Repeated)
    kind: type = int if isinstance(field, forms.IntegerField) else str
    choices: list[str] | None = None
    if isinstance(field, forms.ChoiceField) and not isinstance(field, forms.ModelChoiceField):
        told: Any = field.choices
        choices = [str(value) for value, _label in told if value != ""]
    return OpenApiParameter(
        name, kind, many=several, enum=choices, explode=True if several else None, description=str(field.label or "")
    )
