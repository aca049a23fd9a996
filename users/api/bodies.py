"""What is sent: JSON in UTF-8, of a size and depth that people need, and no field that is not known."""

import json
from collections.abc import Iterator, Mapping
from typing import IO, Any

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.parsers import BaseParser

from users.api.errors import invalid, too_big

DEEPEST = 20
# What a column of the database can hold.
LARGEST_INTEGER = 2**63 - 1


class Unreadable(ValueError):
    """The text is no JSON that we take; the message says why."""


class JsonParser(BaseParser):
    """Reads a JSON object; refuses what would hurt further on: NaN, huge numbers, NUL, a field given twice."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        raw = stream.read(limit + 1)
        if len(raw) > limit:
            raise too_big()
        try:
            data = json.loads(raw.decode("utf-8"), parse_constant=_refuse_constant, object_pairs_hook=_refuse_twice)
        except RecursionError:
            raise invalid({"": [_too_deep()]}) from None
        except UnicodeDecodeError:
            raise invalid({"": [_("The body is not in UTF-8. Encode it so.")]}) from None
        except ValueError as error:
            raise invalid({"": [_("The body is not JSON: %(why)s.") % {"why": str(error)[:200]}]}) from None
        if not isinstance(data, dict):
            raise invalid({"": [_("Send a JSON object, such as {}.")]})
        problems = dict(_unsound(data))
        if problems:
            raise invalid({path: [why] for path, why in problems.items()})
        return data


def _refuse_constant(name: str) -> Any:
    raise Unreadable(_("%(name)s is no number") % {"name": name})


def _refuse_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) < len(pairs):
        names = [name for name, _value in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Unreadable(_("“%(name)s” is given twice") % {"name": twice[:60]})
    return data


def _too_deep() -> str:
    return _("The body is nested too deeply: at most %(limit)s levels.") % {"limit": DEEPEST}


def _unsound(data: Any) -> Iterator[tuple[str, str]]:
    """The path of each value that the database cannot hold, and why; at most one per level of the walk is enough."""
    waiting: list[tuple[str, Any, int]] = [("", data, 1)]
    while waiting:
        path, value, depth = waiting.pop()
        if depth > DEEPEST:
            yield "", _too_deep()
            return
        if isinstance(value, dict):
            for name, inner in value.items():
                own = f"{path}.{name[:60]}".strip(".")
                if not _storable(name):
                    yield path, _("The name of a field holds a character that cannot be stored.")
                waiting.append((own, inner, depth + 1))
        elif isinstance(value, list):
            waiting += [(f"{path}.{number}".strip("."), inner, depth + 1) for number, inner in enumerate(value)]
        elif isinstance(value, str) and not _storable(value):
            yield path, _("Remove the character that cannot be stored (NUL, or half of a pair).")
        elif (isinstance(value, int) and abs(value) > LARGEST_INTEGER) or (
            isinstance(value, float) and abs(value) == float("inf")
        ):
            yield path, _("This number is too large.")


def _storable(text: str) -> bool:
    return "\x00" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


class Body(serializers.Serializer):
    """The shape of a body. A field that it does not know, or that is not to be written, is refused and named."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            known = [name for name, field in self.fields.items() if not field.read_only]
            strangers = sorted(str(name) for name in data if name not in known)
            if strangers:
                raise serializers.ValidationError(
                    {
                        name[:60]: [_("This is not written here. Known are: %(known)s.") % {"known": ", ".join(known)}]
                        for name in strangers[:20]
                    }
                )
        return super().to_internal_value(data)


class ShortList(serializers.ListField):
    """A list whose length is looked at before its members, each of which may cost a query."""

    def __init__(self, *, most: int, **options: Any) -> None:
        self.most = most
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> list[Any]:
        if isinstance(data, list) and len(data) > self.most:
            raise serializers.ValidationError(_("Name at most %(most)s at once.") % {"most": self.most})
        return super().to_internal_value(data)


def read(body: Body) -> dict[str, Any]:
    """What the body says. Raises DRF's ValidationError."""
    body.is_valid(raise_exception=True)
    return dict(body.validated_data)
