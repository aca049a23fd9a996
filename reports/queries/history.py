"""The fields of a record as they stood at the moment asked about.

An update appends the row as it was before (users/history.py). So the value at a moment is that of the oldest history
row that is later, else the present one.
"""

from collections.abc import Sequence

from psycopg2 import sql

from reports.asked import Asked


def fields_at(
    asked: Asked,
    name: str,
    table: str,
    history: str,
    columns: Sequence[str],
    where: sql.Composable,
    fixed: Sequence[str] = (),
) -> sql.Composable:
    """The CTE `name`: id, `fixed` and `columns` of the rows of `table` known by the moment, each column as of then.

    `fixed` columns have no history. Only a report of a named past moment looks into the history; one as of now needs
    no more than the rows themselves. `where` is a condition on `record`.
    """
    if asked.past:
        shown = [
            sql.SQL("CASE WHEN earlier.pgh_obj_id IS NULL THEN record.{0} ELSE earlier.{0} END AS {0}").format(
                sql.Identifier(column)
            )
            for column in columns
        ]
        join = sql.SQL(
            " LEFT JOIN (SELECT DISTINCT ON (pgh_obj_id) * FROM {} WHERE pgh_created_at > %(as_of)s ORDER BY pgh_obj_id, pgh_id) earlier"
            " ON earlier.pgh_obj_id = record.id"
        ).format(sql.Identifier(history))
    else:
        shown = [sql.SQL("record.{}").format(sql.Identifier(column)) for column in columns]
        join = sql.SQL("")
    return sql.SQL(
        "{name} AS (SELECT record.id, {shown} FROM {table} record{join} WHERE record.known_at <= %(as_of)s"
        " AND (record.created_at IS NULL OR record.created_at <= %(as_of)s) AND {where})"
    ).format(
        name=sql.Identifier(name),
        shown=sql.SQL(", ").join([*(sql.SQL("record.{}").format(sql.Identifier(column)) for column in fixed), *shown]),
        table=sql.Identifier(table),
        join=join,
        where=where,
    )
