"""Two people edit one record, on a page: the second chooses field by field between what is stored and what they typed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from users.conflicts import Difference, StaleVersion

PREFIX = "keep-"
NOT_SENT_AGAIN = frozenset({"csrfmiddlewaretoken", "version"})


@dataclass(frozen=True, slots=True)
class BothValues:
    """For templates/_both_values.html: the differing fields, and everything that was typed, to be sent again."""

    record: Any
    version: int
    differences: list[Difference]
    typed: list[tuple[str, str]]


def both_values(stale: StaleVersion, posted: QueryDict) -> BothValues:
    typed = [
        (name, value)
        for name in posted
        if name not in NOT_SENT_AGAIN and not name.startswith(PREFIX)
        for value in posted.getlist(name)
    ]
    return BothValues(stale.current, stale.version, stale.differences(), typed)


def chosen(changes: Mapping[str, Any], posted: QueryDict) -> dict[str, Any]:
    """The changes without the fields in which the person kept what is stored."""
    return {name: value for name, value in changes.items() if posted.get(f"{PREFIX}{name}") != "theirs"}
