"""Reads plain JSON field by field and collects every problem, so that an editor can show them all at once. Pure."""

from collections.abc import Mapping
from typing import Any

Json = Mapping[str, Any]


def is_text(value: object) -> bool:
    """Something that people can read and PostgreSQL can store: NUL is a character that it cannot."""
    return isinstance(value, str) and bool(value.strip()) and "\0" not in value


class FieldReader:
    """`problems` maps the path of a field, such as "fit.0.points", to a sentence that says what to do."""

    def __init__(self) -> None:
        self.problems: dict[str, str] = {}

    def refuse(self, field: str, sentence: str) -> None:
        """Note what is wrong with a field; the first problem of each stands."""
        self.problems.setdefault(field, sentence)

    def only(self, source: Json, path: str, names: frozenset[str]) -> None:
        """Refuse fields that nothing reads: a misspelt one would otherwise be ignored in silence."""
        for name in sorted(set(source) - names):
            self.refuse(f"{path}{name}", "There is no such field. Known here: " + ", ".join(sorted(names)) + ".")

    def whole(self, source: Json, key: str, path: str, *, low: int = 0, high: int = 1000) -> int:
        value = source.get(key)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.refuse(f"{path}{key}", f"Give a whole number from {low} to {high}.")
            return low
        return value

    def flag(self, source: Json, key: str, path: str = "") -> bool:
        value = source.get(key, False)
        if not isinstance(value, bool):
            self.refuse(f"{path}{key}", "Give true or false.")
        return value is True

    def text(self, source: Json, key: str, path: str) -> str:
        value = source.get(key)
        if not is_text(value):
            self.refuse(f"{path}{key}", "Give a text.")
            return ""
        return str(value)

    def texts(self, source: Json, key: str, path: str = "") -> list[str]:
        value = source.get(key, [])
        if not isinstance(value, list) or not all(is_text(item) for item in value):
            self.refuse(f"{path}{key}", "Give a list of texts.")
            return []
        return value

    def items(self, source: Json, key: str, path: str = "") -> list[Json]:
        value = source.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self.refuse(f"{path}{key}", "Give a list of objects.")
            return []
        return value
