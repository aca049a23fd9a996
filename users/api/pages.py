"""Pages of a list by key: the next one begins after the last row shown, so that a deep page costs what the first does."""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from django.db.models import BooleanField, Func, Model, QuerySet, Value
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from users.api.errors import Problem, invalid
from users.api.queries import ROWS_A_PAGE
from users.keyset import ExactEncoder, key_in

M = TypeVar("M", bound=Model)


def page(
    request: Request,
    rows: QuerySet[M],
    order: Sequence[str],
    asked: Mapping[str, Any],
    tell: Callable[[list[M]], Any],
) -> Response:
    """A page of the rows as `{"results": [...], "next": address or null}`.

    `order` names columns that are never null, all ascending or all descending, the last one unique. `asked` holds
    `limit` and `cursor`. Raises Problem for a cursor that is none.
    """
    limit = asked.get("limit") or ROWS_A_PAGE
    columns = [name.lstrip("-") for name in order]
    ordered = rows.order_by(*order)
    if asked.get("cursor"):
        ordered = ordered.filter(_after(columns, _read(asked["cursor"], rows, columns), order[0].startswith("-")))
    found = list(ordered[: limit + 1])
    more = len(found) > limit
    found = found[:limit]
    following = _address(request, [getattr(found[-1], name) for name in columns]) if more else None
    return Response({"results": list(tell(found)), "next": following})


def _after(columns: Sequence[str], key: Sequence[Any], descending: bool) -> Func:
    """The row's columns against the key as one comparison, which an index on them answers."""
    row = Func(*columns, function="ROW", output_field=BooleanField())
    place = Func(*(Value(value) for value in key), function="ROW", output_field=BooleanField())
    return Func(
        row,
        place,
        template="(%(expressions)s)",
        arg_joiner=" < " if descending else " > ",
        output_field=BooleanField(),
    )


def _read(cursor: str, rows: QuerySet[M], columns: Sequence[str]) -> list[Any]:
    key = key_in(cursor, rows, columns)
    if key is None:
        raise bad_cursor()
    return key


def bad_cursor() -> Problem:
    return invalid({"cursor": [_("This is no page of the list. Take the address from `next`, or begin without one.")]})


def _address(request: Request, key: Sequence[Any]) -> str:
    query = request.query_params.copy()
    text = json.dumps(list(key), cls=ExactEncoder).encode()
    query["cursor"] = base64.urlsafe_b64encode(text).decode()
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
