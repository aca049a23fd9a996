"""Registered fields beyond the columns (decisions.md 27): what may stand in the `attributes` of a lead or an account."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from users.models import Attribute

LONGEST_TEXT = 500
MOST_ITEMS = 100


def checked(of: Attribute.Of, given: Mapping[str, Any]) -> dict[str, Any]:
    """The values as they are stored: text, number, true or false, a date as YYYY-MM-DD; empty ones are left out.

    Raises ValidationError for a code that is not registered and for a value of another kind.
    """
    known = {attribute.code: attribute for attribute in Attribute.objects.filter(of=of)}
    strangers = sorted(set(given) - set(known))
    if strangers:
        raise ValidationError(
            {
                "attributes": _("%(codes)s: not a registered field. An administrator adds fields in the settings.")
                % {"codes": ", ".join(strangers)}
            }
        )
    stored = {code: _stored(known[code], value) for code, value in given.items() if value not in (None, "")}
    return {code: value for code, value in stored.items() if value != []}


def _stored(attribute: Attribute, value: Any) -> Any:
    match attribute.kind:
        case Attribute.Kind.NUMBER if isinstance(value, int | float) and not isinstance(value, bool):
            return value
        case Attribute.Kind.FLAG if isinstance(value, bool):
            return value
        case Attribute.Kind.DATE if isinstance(value, date):
            return value.isoformat()
        case Attribute.Kind.DATE if isinstance(value, str) and _is_date(value):
            return value
        case Attribute.Kind.TEXT if isinstance(value, str) and len(value) <= LONGEST_TEXT:
            return value
        case Attribute.Kind.LIST if (listed := several(value)) is not None:
            return listed
    raise ValidationError(
        {
            "attributes": _("%(label)s must be: %(kind)s.")
            % {"label": attribute.label, "kind": attribute.get_kind_display().lower()}
        }
    )


def in_words(of: Attribute.Of, held: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The registered fields that have a value here: label and text."""
    if not held:
        return []
    return [
        (attribute.label, _in_words(value))
        for attribute in Attribute.objects.filter(of=of)
        if (value := held.get(attribute.code)) is not None
    ]


def _in_words(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return ", ".join(value) if isinstance(value, list) else str(value)


def several(value: Any) -> list[str] | None:
    """The items of a list, or of a text that names them with commas between, each once; None if it is neither."""
    items = value.split(",") if isinstance(value, str) else value
    if not isinstance(items, list) or len(items) > MOST_ITEMS:
        return None
    if not all(isinstance(item, str) and len(item) <= LONGEST_TEXT for item in items):
        return None
    return list(dict.fromkeys(stripped for item in items if (stripped := item.strip())))


def _is_date(text: str) -> bool:
    try:
        return parse_date(text) is not None
    except ValueError:
        return False
