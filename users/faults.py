"""What is wrong with a field of a form, as a sentence that says what to do.

The framework's own words name no field ("This field is required.") or nothing to do ("Select a valid choice."): where a
form has none of its own, these stand in for them.
"""

from dataclasses import dataclass

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_slug, validate_unicode_slug
from django.forms.boundfield import BoundField
from django.forms.utils import ErrorList
from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True)
class Fault:
    text: str
    names_field: bool  # or the form's own words, which need no name beside them


def faults_of(bound: BoundField) -> list[Fault]:
    """What is wrong with this field, in order."""
    errors: ErrorList = bound.errors
    return [_fault(bound, error, str(text)) for error, text in zip(errors.as_data(), errors, strict=True)]


def named(bound: BoundField, fault: Fault) -> str:
    """The fault as it reads away from its field."""
    return fault.text if fault.names_field else f"{bound.label}: {fault.text}"


def _fault(bound: BoundField, error: ValidationError, text: str) -> Fault:
    field = bound.field
    if str(error.message) not in _words_of_framework(field) and error.code != "unique":
        return Fault(text, names_field=True)
    label = {"label": bound.label, "limit": (error.params or {}).get("limit_value", "")}
    chosen = isinstance(field, forms.ChoiceField | forms.ModelChoiceField)
    match error.code:
        case "required" if chosen:
            return Fault(_("Choose “%(label)s”.") % label, names_field=True)
        case "required":
            return Fault(_("Fill in “%(label)s”.") % label, names_field=True)
        case "invalid_choice" | "invalid_list" | "invalid_pk_value":
            return Fault(_("Choose “%(label)s” from its list: what was sent is not in it.") % label, names_field=True)
        case "invalid" if isinstance(field, forms.DateField):
            return Fault(_("Write “%(label)s” as year-month-day, such as 2027-01-31.") % label, names_field=True)
        case "invalid" if isinstance(field, forms.EmailField):
            return Fault(_("Write “%(label)s” as name@company.com.") % label, names_field=True)
        case "invalid" if isinstance(field, forms.SlugField):
            return Fault(_("Write “%(label)s” with letters, digits, - and _ only.") % label, names_field=True)
        case "invalid" if type(field) is forms.IntegerField:
            return Fault(_("Write “%(label)s” as a whole number.") % label, names_field=True)
        case "invalid" if isinstance(field, forms.IntegerField):
            return Fault(_("Write “%(label)s” in figures, such as 12500.") % label, names_field=True)
        case "min_value":
            return Fault(_("Give %(limit)s or more for “%(label)s”.") % label, names_field=True)
        case "max_value":
            return Fault(_("Give %(limit)s or less for “%(label)s”.") % label, names_field=True)
        case "max_length":
            return Fault(_("Shorten “%(label)s” to %(limit)s characters.") % label, names_field=True)
        case "max_digits" | "max_whole_digits" | "max_decimal_places":
            return Fault(_("Write “%(label)s” with fewer digits.") % label, names_field=True)
        case "unique":
            return Fault(_("Choose another “%(label)s”: this one is taken.") % label, names_field=True)
    return Fault(text, names_field=False)


def _words_of_framework(field: forms.Field) -> set[str]:
    classes = [each for each in type(field).__mro__ if each.__module__.startswith("django.")]
    words = {str(text) for each in classes for text in vars(each).get("default_error_messages", {}).values()}
    words |= {str(each.message) for each in (validate_slug, validate_unicode_slug)}
    return words | {str(getattr(type(each), "message", "")) for each in field.validators}
