"""The lists that people may edit: reasons, sources, types, products. Each room registers its own when it is ready.

The pages under /settings/lists/ show whatever is registered; they know no room.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.utils.functional import Promise

from users.models import User

Text = str | Promise


@dataclass(frozen=True, slots=True)
class EditableList:
    """One list. `fields` are edited and shown, the first one leads to the row; a code is given once and then stays."""

    code: str
    title: Text
    about: Text
    model: type[Model]
    fields: Mapping[str, Text]
    may_edit: Callable[[User], bool]
    who_may: Callable[[], str]
    may_add: bool = True
    # Fields that are given when a row is made and never changed: codes that rules, imports and reports hold on to.
    given_once: Sequence[str] = ()
    # What no single field shows; maps a field to a sentence.
    problems: Callable[[Any], dict[str, str]] = lambda row: {}

    @property
    def archivable(self) -> bool:
        return any(field.name == "archived_at" for field in self.model._meta.fields)


_registered: dict[str, EditableList] = {}


def register(*lists: EditableList) -> None:
    for each in lists:
        _registered[each.code] = each


def registered() -> list[EditableList]:
    """All lists, by title."""
    return sorted(_registered.values(), key=lambda each: str(each.title))


def named(code: str) -> EditableList | None:
    return _registered.get(code)
