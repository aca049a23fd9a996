"""Two people edit one record: the second is shown both values, and nothing is overwritten (decisions.md 29)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import Model
from django.utils.translation import gettext as _

M = TypeVar("M", bound=Model)

# The column of every record that two people may edit.
VERSION = "version"


@dataclass(frozen=True, slots=True)
class Difference:
    """One field in which what is stored now and what was sent differ."""

    field: str
    label: str
    theirs: Any  # stored now
    yours: Any  # sent


class StaleVersion(Exception):  # what happened, not what went wrong
    """The record was changed after the person read it. `current` is the record as stored, `attempted` what they sent."""

    def __init__(self, current: Model, attempted: Mapping[str, Any]) -> None:
        self.current = current
        self.attempted = dict(attempted)
        super().__init__(
            _("%(record)s was changed by somebody else while you worked on it. Compare both values and save again.")
            % {"record": current}
        )

    @property
    def version(self) -> int:
        """The version to send with the next attempt."""
        return int(getattr(self.current, VERSION))

    def differences(self) -> list[Difference]:
        """The fields whose stored value is not the one that was sent, in the order sent."""
        found = []
        for name, yours in self.attempted.items():
            theirs = getattr(self.current, name, None)
            if theirs != yours:
                found.append(Difference(name, label_of(self.current, name), theirs, yours))
        return found


def label_of(record: Model, name: str) -> str:
    try:
        field = record._meta.get_field(name)
    except FieldDoesNotExist:
        return name
    return str(getattr(field, "verbose_name", name))


def edit(record: M, changes: Mapping[str, Any], *, version: int | None, editable: Collection[str]) -> list[str]:
    """Set and save the changed fields of a record that the caller has locked; returns their names.

    `version` is the one the person read; None: whoever asks has checked it by other means. A save that changes nothing
    keeps the version. Raises StaleVersion, and ValidationError with a message per field.
    """
    unknown = sorted(set(changes) - set(editable))
    if unknown:
        raise ValidationError(
            {name: _("This field cannot be changed here.") for name in unknown if hasattr(record, name)}
            or ", ".join(unknown)
        )
    if version is not None and version != getattr(record, VERSION):
        raise StaleVersion(record, changes)
    before = {name: getattr(record, name) for name in changes}
    for name, value in changes.items():
        setattr(record, name, value)
    clean(record, only=changes)
    changed = [name for name in changes if getattr(record, name) != before[name]]
    if changed:
        setattr(record, VERSION, getattr(record, VERSION) + 1)
        record.save(update_fields=[*changed, VERSION])
    return changed


def clean(record: Model, *, only: Collection[str] | None = None) -> None:
    """Check the fields by their columns: length, kind, choices, uniqueness. Raises ValidationError per field.

    PostgreSQL cannot store the character NUL in text or JSON; it is refused here, before the driver does.
    """
    fields = [
        field for field in record._meta.concrete_fields if not field.generated and (only is None or field.name in only)
    ]
    zero = {
        field.name: _("Remove the invisible character (NUL) from this field.")
        for field in fields
        if has_nul(getattr(record, field.attname))
    }
    if zero:
        raise ValidationError(zero)
    left_out = {field.name for field in record._meta.concrete_fields} - {field.name for field in fields}
    # A relation was fetched by whoever passed it; asking the database once more for each is a query a field.
    relations = {
        field.name
        for field in record._meta.concrete_fields
        if field.is_relation and getattr(record, field.attname) is not None
    }
    record.clean_fields(exclude=left_out | relations)
    record.validate_unique(exclude=left_out)


def has_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\x00" in value
    if isinstance(value, Mapping):
        return any(has_nul(key) or has_nul(inner) for key, inner in value.items())
    if isinstance(value, list | tuple):
        return any(has_nul(inner) for inner in value)
    return False
