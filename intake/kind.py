"""What one kind of import is: its columns, how a row finds its record, and what is checked and written."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import models

from intake.columns import Column, Reads

if TYPE_CHECKING:
    from intake.staging import Staging

Step = Callable[["Staging"], None]


@dataclass(frozen=True, slots=True)
class Key:
    """Columns by which a row finds its record, if the first of them is not empty. Exact: upper and lower case differ."""

    columns: tuple[str, ...]
    exact: bool = False


def nothing(_staging: "Staging") -> None:
    """A step that this kind does not have."""


@dataclass(frozen=True, slots=True)
class Kind:
    """`model` is the table that the rows fill; a row without any of `keys` always makes a new record."""

    name: str
    model: type[models.Model]
    columns: tuple[Column, ...]
    keys: tuple[Key, ...]
    attributes_of: str = ""  # users.Attribute.Of, where registered attributes may be filled
    joined: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # a column -> those of which it is put together
    needs: tuple[str, ...] = ()  # what a new record must have
    prepare: Step = nothing  # what must be there before a row is judged: a context, a pipeline
    check: Step = nothing  # refusals that need a statement
    resolve: Step = nothing  # refusals that need the ids of what the rows point to
    write: Step = nothing  # into the tables
    follow_up: Step = nothing  # what follows from what was written: scores


def text_columns(model: type[models.Model], names: dict[str, tuple[str, ...]]) -> tuple[Column, ...]:
    """Columns of text that fill the model's fields of the same names; their limits are the fields'."""
    return tuple(Column(name, aliases=aliases, limit=field_limit(model, name)) for name, aliases in names.items())


def amount(model: type[models.Model], name: str, *aliases: str) -> Column:
    """A column that fills a decimal field, with the field's own limits."""
    decimal: Any = model._meta.get_field(name)
    return Column(name, Reads.NUMBER, aliases, digits=decimal.max_digits, places=decimal.decimal_places)


def field_limit(model: type[models.Model], name: str) -> int | None:
    length = getattr(model._meta.get_field(name), "max_length", None)
    return int(length) if length else None
