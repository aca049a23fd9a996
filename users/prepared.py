"""Statements that are planned once a connection.

The judging statement takes ten times as long to plan as to run for one lead; prepared, an answer's score comes in two
milliseconds. `plan_cache_mode = force_generic_plan` (leadqual/settings.py) keeps the plan from the first use on; only
statements that pass through here are prepared, so nothing else is touched by it. Needs a session of its own: behind
a pooler, use session pooling.
"""

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from django.db import connection
from django.db.backends.utils import CursorWrapper
from psycopg2 import sql

# By the driver's connection: a new one, after a restart, starts with nothing prepared.
_prepared: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()


class Texts(NamedTuple):
    name: str
    prepare: str
    execute: str


@lru_cache(maxsize=256)
def _texts(statement: str, types: tuple[tuple[str, str], ...]) -> Texts:
    """The commands that prepare and execute the statement, put together once a process."""
    name = "leadqual_" + hashlib.sha256(statement.encode()).hexdigest()[:24]
    text = statement.replace("%%", "%")
    for number, (parameter, _type) in enumerate(types, start=1):
        text = text.replace(f"%({parameter})s", f"${number}")
    prepare = sql.SQL("PREPARE {} ({}) AS {}").format(
        sql.Identifier(name), sql.SQL(", ").join(sql.SQL(kind) for _parameter, kind in types), sql.SQL(text)
    )
    execute = sql.SQL("EXECUTE {} ({})").format(
        sql.Identifier(name), sql.SQL(", ").join([sql.Placeholder()] * len(types))
    )
    # As text: what wraps Django's cursors, such as the field history's context, reads it.
    return Texts(name, *(each.as_string(connection.connection) for each in (prepare, execute)))


def execute_prepared(
    cursor: CursorWrapper, statement: str, types: Mapping[str, str], values: Mapping[str, Any]
) -> None:
    """Execute a statement with %(name)s parameters; `types` gives each parameter's SQL type, in order."""
    texts = _texts(statement, tuple(types.items()))
    known = _prepared.setdefault(connection.connection, set())
    if texts.name not in known:
        with connection.connection.cursor() as plain:
            plain.execute(texts.prepare)
        known.add(texts.name)
    cursor.execute(texts.execute, [values[parameter] for parameter in types])
