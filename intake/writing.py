"""From the resolved rows into the tables of the records themselves: one INSERT and one UPDATE, whatever the kind."""

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.db.models import NOT_PROVIDED
from psycopg2 import sql

from intake.columns import Reads
from intake.staging import Staging, comma
from users.models import Workspace

# Set when a record comes in and left alone ever after: when it began is a fact.
BEGAN = frozenset({"created_at"})


def write_records(
    staging: Staging, *, given: Mapping[str, sql.Composable] | None = None, apart: frozenset[str] = frozenset()
) -> None:
    """Insert the new records and update the old ones.

    `given` are expressions over `r` for columns of new records that no column of the file fills. `apart` names the
    columns of the file whose changes are facts and are written by whoever owns them.
    """
    insert_new(staging, given or {})
    update_old(staging, apart)


def insert_new(staging: Staging, given: Mapping[str, sql.Composable]) -> int:
    model = staging.kind.model
    columns, values = [], []
    for field in model._meta.concrete_fields:
        value = given.get(str(field.column)) or value_of(staging, field)
        if value is not None:
            columns.append(sql.Identifier(field.column))
            values.append(value)
    return staging.run(
        "INSERT INTO {table} ({columns}) SELECT {values} FROM resolved r WHERE r.is_new ORDER BY r.line",
        {"table": sql.Identifier(model._meta.db_table), "columns": comma(columns), "values": comma(values)},
    )


def value_of(staging: Staging, field: "models.Field[Any, Any]") -> sql.Composable | None:
    """What a new record gets in this field: what the file says, else the field's default; None leaves it to the database."""
    if field.primary_key:
        return sql.SQL("r.id")
    if field.generated:
        return None
    if field.name == "import_id":
        return sql.SQL("%(import_id)s")
    default = default_of(field)
    if staging.has(field.name):
        said = sql.SQL("r.{}").format(sql.Identifier(field.column))
        return said if field.null or default is None else sql.SQL("coalesce({}, {})").format(said, default)
    # Of a past that the file does not date nothing is known; now would be wrong.
    if field.name in BEGAN and staging.mapping.history:
        return sql.SQL("NULL")
    return default


def default_of(field: "models.Field[Any, Any]") -> sql.Composable | None:
    if field.db_default is not NOT_PROVIDED or field.null:
        return None
    if isinstance(field, models.JSONField):
        return sql.SQL("'{{}}'::jsonb").format()
    if field.default is not NOT_PROVIDED:
        return sql.Literal(field.get_default())
    return sql.Literal("") if isinstance(field, models.CharField | models.TextField) else None


def update_old(staging: Staging, apart: frozenset[str] = frozenset()) -> int:
    """Bring the old records up to what the file says, and note which of them changed. An empty cell says nothing."""
    model = staging.kind.model
    fields: dict[str, models.Field[Any, Any]] = {field.name: field for field in model._meta.concrete_fields}
    settings, changes = [], []
    for column in staging.columns:
        if not column.filled or column.name in apart or column.name in BEGAN:
            continue
        names = {"column": sql.Identifier(fields[column.name].column)}
        if column.name == "currency":
            changes.append(sql.SQL("(r.currency IS NOT NULL AND t.currency <> r.currency)"))
        elif column.reads is Reads.JSON:
            settings.append(sql.SQL("{column} = t.{column} || coalesce(r.{column}, '{{}}'::jsonb)").format(**names))
            changes.append(sql.SQL("NOT t.{column} @> r.{column}").format(**names))
        else:
            settings.append(sql.SQL("{column} = coalesce(r.{column}, t.{column})").format(**names))
            changes.append(
                sql.SQL("(r.{column} IS NOT NULL AND t.{column} IS DISTINCT FROM r.{column})").format(**names)
            )
    if not settings:
        return 0
    if "currency" in fields:
        # An amount that comes to a record without a currency brings the row's, else the workspace's.
        named = [each.name for each in staging.columns if each.reads is Reads.NUMBER and each.name in fields]
        brought = amounts_with_currency(staging, *(name for name in named if name not in apart))
        said = sql.SQL("r.currency" if staging.has("currency") else "NULL")
        settings.append(sql.SQL("currency = coalesce({}, NULLIF(t.currency, ''), {})").format(said, brought))
    if "version" in fields:
        settings.append(sql.SQL("version = t.version + 1"))
    return staging.run(
        """
        WITH changed AS (
            UPDATE {table} t SET {settings} FROM resolved r WHERE t.id = r.id AND NOT r.is_new AND ({changes}) RETURNING t.id
        )
        INSERT INTO touched SELECT id FROM changed ON CONFLICT DO NOTHING
        """,
        {
            "table": sql.Identifier(model._meta.db_table),
            "settings": comma(settings),
            "changes": sql.SQL(" OR ").join(changes),
        },
    )


def resolve_parents(staging: Staging, name: str, reason_missing: str, reason_circle: str) -> None:
    """Fill `name`_id of the resolved rows from records that are there or stand in the file itself, in whatever order.

    Rows whose parent is nowhere, or is among their own children, are refused and leave `resolved`.
    """
    if not staging.has(name):
        return
    [column] = [column for column in staging.columns if column.name == name]
    names = {
        "parent": sql.Identifier(name),
        "parent_id": sql.Identifier(f"{name}_id"),
        "table": sql.Identifier(staging.kind.model._meta.db_table),
    }
    staging.run("ALTER TABLE resolved ADD COLUMN {parent_id} bigint", names)
    staging.look_up(column)
    # A row of the file comes before making one up, and its record may be new: then the table does not have it yet.
    keys = [key for key in ("external_id", "code", "name") if staging.has(key)]
    for key in keys:
        staging.run(
            """
            UPDATE reference v SET id = found.id, many = found.many FROM (
                SELECT {key} AS value, min(id) AS id, count(*) > 1 AS many FROM resolved GROUP BY 1
            ) found WHERE v.name = %(name)s AND v.id IS NULL AND v.value = found.value
            """,
            {"key": sql.Identifier(key)},
            name=name,
        )
    if name in staging.mapping.create_missing:
        staging.make_missing(column)
    staging.refuse_unknown(column, "resolved")
    staging.run(
        "UPDATE resolved s SET {parent_id} = v.id FROM reference v WHERE v.name = %(name)s AND v.value = s.{parent}",
        names,
        name=name,
    )
    staging.run(
        sql.SQL(
            """
            INSERT INTO refusal
            WITH RECURSIVE edges AS (
                SELECT id, {parent_id} AS parent FROM resolved WHERE {parent_id} IS NOT NULL
                UNION SELECT t.id, t.parent_id FROM {table} t
                WHERE t.parent_id IS NOT NULL AND t.id NOT IN (SELECT id FROM resolved WHERE {parent_id} IS NOT NULL)
            ), up AS (
                SELECT id AS start, parent FROM edges WHERE id IN (SELECT id FROM resolved)
                UNION SELECT up.start, edges.parent FROM up JOIN edges ON edges.id = up.parent
            )
            SELECT s.line, %(name)s, s.{parent}, %(reason)s FROM resolved s WHERE s.id IN (SELECT start FROM up WHERE parent = start)
            """
        ).format(**names),
        name=name,
        reason=reason_circle,
    )
    # Whoever pointed to a refused new row points to nothing now.
    while staging.run("DELETE FROM resolved WHERE line IN (SELECT line FROM refusal)"):
        staging.run(
            """
            INSERT INTO refusal SELECT s.line, %(name)s, s.{parent}, %(reason)s FROM resolved s
            WHERE s.{parent_id} IS NOT NULL AND s.{parent_id} NOT IN (SELECT id FROM resolved) AND s.{parent_id} NOT IN (SELECT id FROM {table})
            """,
            names,
            name=name,
            reason=reason_missing,
        )


def moment_said(staging: Staging, name: str, otherwise: str) -> sql.Composable:
    """The row's moment in the column, or else the expression."""
    return (
        sql.SQL("coalesce(r.{}, {})").format(sql.Identifier(name), sql.SQL(otherwise))
        if staging.has(name)
        else sql.SQL(otherwise)
    )


def code_said(staging: Staging, limit: int) -> sql.Composable:
    """The code of a new record: its name, where the row says none."""
    parts = [sql.SQL("r.{}").format(sql.Identifier(name)) for name in ("code", "name") if staging.has(name)]
    return sql.SQL("left(coalesce({}), {})").format(comma(parts), sql.Literal(limit))


def find_currency(staging: Staging) -> None:
    """Amounts without a currency are in the workspace's."""
    staging.facts["currency"] = Workspace.get().currency


def amounts_with_currency(staging: Staging, *names: str) -> sql.Composable:
    """The currency of a new record: what the row says, else the workspace's if it has an amount."""
    amounts = [sql.SQL("r.{}").format(sql.Identifier(name)) for name in names if staging.has(name)]
    otherwise = sql.SQL("''")
    if amounts:
        otherwise = sql.SQL("CASE WHEN coalesce({}) IS NOT NULL THEN %(currency)s ELSE '' END").format(comma(amounts))
    return sql.SQL("coalesce(r.currency, {})").format(otherwise) if staging.has("currency") else otherwise
