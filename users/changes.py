"""What the field history of a record says (users/history.py): who changed what, from which value to which."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db.models import ForeignKey, Model
from django.utils.translation import gettext as _

from users.models import User

NEWEST = 20


@dataclass(frozen=True, slots=True)
class FieldChange:
    label: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Change:
    """One update of a record; `by` is None where a program made it."""

    at: datetime
    by: str
    fields: list[FieldChange]


def changes_of(record: Model, *, limit: int = NEWEST) -> list[Change]:
    """The newest updates of the record, newest first. A history row holds the values as they were before its update."""
    history = apps.get_model(record._meta.app_label, f"{record._meta.object_name}History")
    rows: list[Any] = list(
        history._default_manager.filter(pgh_obj=record.pk).select_related("pgh_context").order_by("-pgh_id")[:limit]
    )
    tracked = [
        field for field in history._meta.concrete_fields if not field.name.startswith("pgh_") and field.name != "id"
    ]
    found = []
    after: Any = record
    for row in rows:
        pairs = [(field, getattr(row, field.attname), getattr(after, field.attname)) for field in tracked]
        found.append((row, [(field, old, new) for field, old, new in pairs if old != new]))
        after = row
    people = _names_of_people(row for row, _differences in found)
    related = _names_of_related(pair for _row, differences in found for pair in differences)
    return [
        Change(
            row.pgh_created_at,
            people.get(_user_id(row), ""),
            [_named(record, field, old, new, related) for field, old, new in differences],
        )
        for row, differences in found
        if differences
    ]


def _user_id(row: Any) -> int | None:
    context = row.pgh_context
    return context.metadata.get("user") if context is not None else None


def _names_of_people(rows: Iterable[Any]) -> dict[int | None, str]:
    ids = {pk for row in rows if (pk := _user_id(row)) is not None}
    return {person.pk: str(person) for person in User.objects.filter(pk__in=ids)}


def _names_of_related(differences: Iterable[tuple[Any, Any, Any]]) -> dict[tuple[type[Model], Any], str]:
    """The names of the records that the changed relations point to, one query for each kind."""
    wanted: dict[type[Model], set[Any]] = {}
    for field, old, new in differences:
        if isinstance(field, ForeignKey):
            wanted.setdefault(field.related_model, set()).update({old, new} - {None})
    return {
        (model, pk): str(row)
        for model, ids in wanted.items()
        for pk, row in model._default_manager.in_bulk(list(ids)).items()
    }


def _named(record: Model, field: Any, old: Any, new: Any, related: dict[tuple[type[Model], Any], str]) -> FieldChange:
    label = str(getattr(record._meta.get_field(field.name), "verbose_name", field.name))
    if field.name == "archived_at":
        return FieldChange(_("archived"), _("no") if old is None else _("yes"), _("no") if new is None else _("yes"))
    if isinstance(field, ForeignKey):
        old, new = (related.get((field.related_model, value), value) for value in (old, new))
    return FieldChange(label, old, new)
