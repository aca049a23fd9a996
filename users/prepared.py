"""Statements that are planned once a connection.

The judging statement takes ten times as long to plan as to run for one lead; prepared, an answer's score comes in two
milliseconds. `plan_cache_mode = force_generic_plan` (leadqual/settings.py) keeps the plan from the first use on; only
statements that pass through here are prepared, so nothing else is touched by it. Needs a session of its own: behind
a pooler, use session pooling.
"""

import hashlib
from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

from django.db import connection
from django.db.backends.utils import CursorWrapper
from psycopg2 import sql

# By the driver's connection: a new one, after a restart, starts with nothing prepared.
_prepared: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()


def execute_prepared(
    cursor: CursorWrapper, statement: str, types: Mapping[str, str], values: Mapping[str, Any]
) -> None:
    """Execute a statement with %(name)s parameters; `types` gives each parameter's SQL type, in order."""
    name = "leadqual_" + hashlib.sha256(statement.encode()).hexdigest()[:24]
    known = _prepared.setdefault(connection.connection, set())
    if name not in known:
        text = statement.replace("%%", "%")
        for number, parameter in enumerate(types, start=1):
            text = text.replace(f"%({parameter})s", f"${number}")
        prepare = sql.SQL("PREPARE {} ({}) AS {}").format(
            sql.Identifier(name), sql.SQL(", ").join(map(sql.SQL, types.values())), sql.SQL(text)
        )
        with connection.connection.cursor() as plain:
            plain.execute(prepare)
        known.add(name)
    execute = sql.SQL("EXECUTE {} ({})").format(
        sql.Identifier(name), sql.SQL(", ").join([sql.Placeholder()] * len(types))
    )
    # As text: what wraps Django's cursors, such as the field history's context, reads it.
    cursor.execute(execute.as_string(connection.connection), [values[parameter] for parameter in types])
