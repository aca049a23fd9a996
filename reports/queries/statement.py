"""The form of every statement: a row per counted thing, grouped once for the figures, listed once for the records.

`counted` holds a row for each thing that may count, with the column `record_id` and whatever the conditions name.
A figure is an aggregate of those rows; the records behind a figure are the rows that meet its condition. Both are
read from the same `counted`, so a number and the list it opens cannot differ.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from psycopg2 import sql

from reports.asked import Asked
from reports.queries.dimensions import JOIN_PEOPLE, WHO, Dimension

NO_COLUMNS = sql.SQL("")
GROUP = sql.SQL("group_key, group_label, min(group_position) AS group_position, GROUPING(group_key) AS total")
NO_GROUP = sql.SQL("NULL AS group_key, NULL AS group_label, NULL AS group_position, 1 AS total")
SETS = sql.SQL("(group_key, group_label{comma}{split}), ({split})")


@contextmanager
def reading_much() -> Iterator[Any]:
    """A cursor for a statement that reads whole tables.

    The planner cannot guess how many rows a CTE holds. Where it takes many for one, a nested loop reads each of them
    against each; a hash join costs little more where they are few.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off; SET LOCAL work_mem = '32MB'")
        yield cursor
        cursor.execute("SET LOCAL enable_nestloop TO DEFAULT; SET LOCAL work_mem TO DEFAULT")


def text_of(statement: sql.Composable) -> str:
    """The composed statement with its placeholders: what Django's own wrappers of a cursor can read."""
    connection.ensure_connection()
    text: str = statement.as_string(connection.connection)
    return text


@dataclass(frozen=True, slots=True)
class Statement:
    """One report as one statement, before it is grouped."""

    ctes: sql.Composable  # `name AS (...), ...`
    counted: sql.Composable  # the SELECT of the rows that may count
    joins: sql.Composable  # from `counted` to what its dimensions name; who held it at the moment comes on top
    dimensions: Mapping[str, Dimension]
    figures: Mapping[str, sql.Composable]  # code of a value -> aggregate over the grouped rows
    conditions: Mapping[str, sql.Composable]  # code of a column -> condition of the rows that it counts
    people: sql.Composable = field(default_factory=lambda: JOIN_PEOPLE)
    split: tuple[str, ...] = ()  # columns of `counted` that every group is divided by as well, such as steps

    def rows(self, asked: Asked) -> Iterator[dict[str, Any]]:
        """The figures: a row per group and split, and with `total` 1 those over all groups. One statement."""
        split = sql.SQL(", ").join(map(sql.Identifier, self.split))
        comma = sql.SQL(", ") if self.split else NO_COLUMNS
        figures = sql.SQL(", ").join(
            sql.SQL("{} AS {}").format(aggregate, sql.Identifier(code)) for code, aggregate in self.figures.items()
        )
        statement = sql.SQL(
            "WITH RECURSIVE {grouped} SELECT {group}, {split}{comma}{figures} FROM grouped GROUP BY GROUPING SETS ({sets}){order}"
        ).format(
            grouped=self._grouped(asked),
            # Not divided by anything there is one group less to sort for.
            group=GROUP if asked.by else NO_GROUP,
            sets=SETS.format(split=split, comma=comma) if asked.by else sql.SQL("({})").format(split),
            split=split,
            comma=comma,
            figures=figures,
            order=sql.SQL(" ORDER BY {}").format(split) if self.split else NO_COLUMNS,
        )
        with reading_much() as cursor:
            cursor.execute(text_of(statement), asked.parameters())
            names = [column.name for column in cursor.description]
            found = cursor.fetchall()
        return (dict(zip(names, row, strict=True)) for row in found)

    def records(
        self, asked: Asked, column: str, *, within: Mapping[str, str | None], after: int = 0, limit: int = 50
    ) -> tuple[int, list[int]]:
        """How many records the column counts, and the ids of `limit` of them after `after`, by id.

        `within` holds the group ("group_key", None for the empty group) and the split; a name left out is not looked at.
        """
        wanted = [self.conditions[column]]
        values = {}
        for number, (name, value) in enumerate(within.items()):
            placeholder = f"within_{number}"
            values[placeholder] = value
            wanted.append(
                sql.SQL("{}::text IS NOT DISTINCT FROM {}").format(sql.Identifier(name), sql.Placeholder(placeholder))
            )
        statement = sql.SQL(
            "WITH RECURSIVE {grouped}, wanted AS (SELECT DISTINCT record_id FROM grouped WHERE {wanted})"
            " SELECT (SELECT count(*) FROM wanted),"
            " ARRAY(SELECT record_id FROM wanted WHERE record_id > %(after)s ORDER BY record_id LIMIT %(limit)s)"
        ).format(grouped=self._grouped(asked), wanted=sql.SQL(" AND ").join(wanted))
        with reading_much() as cursor:
            cursor.execute(text_of(statement), asked.parameters() | values | {"after": after, "limit": limit})
            count, ids = cursor.fetchone()
        return count, ids

    def _grouped(self, asked: Asked) -> sql.Composable:
        by = self.dimensions[asked.by] if asked.by else None
        named = {asked.by, *(code for code, _key in asked.filters)}
        filters = [
            sql.SQL("NULLIF({}, '') IS NOT DISTINCT FROM {}").format(
                self.dimensions[code].key, sql.Placeholder(f"only_{code}")
            )
            for code, _key in asked.filters
        ]
        return sql.SQL(
            "{ctes}, counted AS ({counted}), grouped AS (SELECT counted.*, {key} AS group_key, {label} AS group_label,"
            " {position} AS group_position FROM counted {joins} WHERE {filters})"
        ).format(
            ctes=self.ctes,
            counted=self.counted,
            key=sql.SQL("NULLIF({}, '')").format(by.key) if by else sql.SQL("NULL::text"),
            label=sql.SQL("NULLIF({}, '')").format(by.label) if by else sql.SQL("NULL::text"),
            position=by.position if by and by.position else sql.SQL("NULL::text"),
            joins=self.people + self.joins if named & {one.code for one in WHO} else self.joins,
            filters=sql.SQL(" AND ").join(filters) if filters else sql.SQL("TRUE"),
        )
