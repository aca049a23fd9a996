"""Pages of a long list by key: the next page begins after the last row shown, so that a deep page costs what the first does."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import CharField, Model, Q, QuerySet, TextField
from django.http import QueryDict

M = TypeVar("M", bound=Model)

ROWS_A_PAGE = 50
LONGEST_CURSOR = 2000


@dataclass(frozen=True, slots=True)
class KeyPage(Generic[M]):
    """Some rows of a list, and the addresses of the pages beside them (empty: there is none)."""

    rows: list[M]
    previous_url: str
    next_url: str


def page_of(rows: QuerySet[M], order: Sequence[str], asked: QueryDict, *, size: int = ROWS_A_PAGE) -> KeyPage[M]:
    """The page that `?after=` or `?before=` names; without them, or where they make no sense, the first.

    `order` names columns that are never null, with a minus for descending; the last one is unique.
    """
    backwards = "before" in asked and "after" not in asked
    key = key_in(asked.get("before" if backwards else "after", ""), rows, order)
    backwards = backwards and key is not None
    directed = [_turned(name) if backwards else name for name in order]
    found = rows.order_by(*directed)
    if key is not None:
        found = found.filter(_beyond(directed, key))
    shown = list(found[: size + 1])
    more = len(shown) > size
    shown = shown[:size]
    if backwards:
        shown.reverse()
    before = more if backwards else key is not None
    after = more or backwards
    return KeyPage(
        shown,
        _address(asked, "before", shown[0], order) if shown and before else "",
        _address(asked, "after", shown[-1], order) if shown and after else "",
    )


def _turned(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"


def _beyond(order: Sequence[str], key: Sequence[Any]) -> Q:
    """Rows that come after the key in this order."""
    condition = Q()
    same = Q()
    for name, value in zip(order, key, strict=True):
        column, lookup = (name[1:], "lt") if name.startswith("-") else (name, "gt")
        condition |= same & Q(**{f"{column}__{lookup}": value})
        same &= Q(**{column: value})
    # Says again what the alternatives imply, in the form that an index scan can begin with.
    first = order[0]
    bound = Q(**{f"{first[1:]}__lte": key[0]}) if first.startswith("-") else Q(**{f"{first}__gte": key[0]})
    return bound & condition


def key_in(cursor: str, rows: QuerySet[M], order: Sequence[str]) -> list[Any] | None:
    """The values of the columns that a cursor names; None for one that nobody of ours wrote.

    An address can be written by anybody, so each value has to be one that its column can hold.
    """
    if not cursor or len(cursor) > LONGEST_CURSOR:
        return None
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        if not isinstance(values, list) or len(values) != len(order):
            return None
        columns = [rows.model._meta.get_field(name.lstrip("-")) for name in order]
        return [_held_by(column, value) for column, value in zip(columns, values, strict=True)]
    except (ValueError, TypeError, binascii.Error, ValidationError, ArithmeticError, RecursionError):
        return None


def _held_by(column: Any, value: Any) -> Any:
    """The value as the column holds it. Raises ValueError, ValidationError, ArithmeticError."""
    kind = getattr(column, "output_field", column)  # of a generated column
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise ValueError("no value of a cursor of ours")
    found = kind.to_python(value)
    if isinstance(kind, CharField | TextField):
        # Half of a pair, or NUL, is no text that could be stored.
        if not isinstance(value, str) or "\x00" in value:
            raise ValueError("no text")
        value.encode()
    elif isinstance(found, datetime):
        return found.astimezone(UTC)
    elif isinstance(found, Decimal) and not found.is_finite():
        raise ValueError("no number")
    elif isinstance(found, int) and abs(found) >= 2**63:
        raise ValueError("too large for a column")
    if found is None:
        raise ValueError("these columns are never empty")
    return found


def _address(asked: QueryDict, word: str, row: M, order: Sequence[str]) -> str:
    query = asked.copy()
    for name in ("after", "before"):
        query.pop(name, None)
    values = [getattr(row, name.lstrip("-")) for name in order]
    query[word] = base64.urlsafe_b64encode(json.dumps(values, cls=ExactEncoder).encode()).decode()
    return f"?{query.urlencode()}"


class ExactEncoder(DjangoJSONEncoder):
    """Keeps the microseconds of a moment, which Django's own encoder cuts off."""

    def default(self, o: Any) -> Any:
        return o.isoformat() if hasattr(o, "isoformat") else super().default(o)
