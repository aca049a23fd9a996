"""The registry of facts that a policy may name. Apps above register theirs when they are ready.

A fact is defined once, as one SQL expression. Missing is NULL: never true, never zero.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from psycopg2 import sql

from scoring.engine import FactKind


@dataclass(frozen=True, slots=True)
class Fact:
    name: str
    kind: FactKind
    label: str | Promise
    # Reads the row aliased `subject` of the judging statement; empty text is NULL.
    expression: sql.Composable


# Facts whose name begins so are the answers to questions, by their code.
ANSWER = "answer:"

_sources: list[Callable[[], Mapping[str, Fact]]] = []


def register(source: Callable[[], Mapping[str, Fact]]) -> None:
    """Add a source of facts; it is asked each time, since registered attributes come and go."""
    _sources.append(source)


def registered() -> dict[str, Fact]:
    return {name: fact for source in _sources for name, fact in source().items()}


def kinds() -> dict[str, FactKind]:
    return {name: fact.kind for name, fact in registered().items()}
