"""What two versions of a policy say differently, in words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from scoring.sentences import Line, Words, in_words, value_in_words


@dataclass(frozen=True, slots=True)
class Difference:
    """One sentence that one of the two does not say: `before` or `after` is empty, or it says it differently."""

    part: str  # as scoring/drafting.py::PARTS names it; empty: no part
    title: str
    before: str
    after: str


def differences(old: Mapping[str, Any], new: Mapping[str, Any], words: Words) -> list[Difference]:
    """What the new text changes about the old one, part by part; empty if both mean the same."""
    found: list[Difference] = []
    for was, now in zip(in_words(old, words), in_words(new, words), strict=True):
        before, after = _by_key(was.lines), _by_key(now.lines)
        found += [
            Difference(now.code, now.title, before.get(key, ""), after.get(key, ""))
            for key in dict.fromkeys([*before, *after])
            if before.get(key) != after.get(key)
        ]
    return found or _without_words(old, new)


def _by_key(lines: list[Line]) -> dict[str, str]:
    """Lines by their key; a key that stands twice, in a draft with a problem, is numbered."""
    found: dict[str, str] = {}
    for line in lines:
        times = sum(key == line.key or key.startswith(f"{line.key}#") for key in found)
        found[f"{line.key}#{times}" if times else line.key] = line.text
    return found


def _without_words(old: Any, new: Any) -> list[Difference]:
    """Fields that differ though every sentence is the same, such as a code; so that nothing is passed over."""
    before, after = dict(_flat(old, "")), dict(_flat(new, ""))
    return [
        Difference("", _("Field %(path)s") % {"path": path}, before.get(path, ""), after.get(path, ""))
        for path in dict.fromkeys([*before, *after])
        if before.get(path) != after.get(path)
    ]


def _flat(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flat(inner, f"{path}.{key}".lstrip("."))
    elif isinstance(value, list) and any(isinstance(item, Mapping) for item in value):
        for index, inner in enumerate(value):
            yield from _flat(inner, f"{path}.{index}")
    else:
        yield path, value_in_words(value)
