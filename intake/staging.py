"""The rows of one file in TEMP tables: taken in by COPY, judged and resolved by statements over all of them at once.

staged     what was read, typed, one row a record of the file
refusal    what is wrong, found by a statement
twin       rows whose key stands in the file before
reference  value of a referring column -> id
matched    line -> the record that is there already
resolved   the rows that go in, with the id of their record: an old one, or a new one taken from the sequence
touched    ids of records that were there and were changed
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from io import StringIO
from typing import Any, TypedDict

from django.utils.translation import gettext as _
from psycopg2 import sql

from intake.columns import STAGED_AS, Column
from intake.errors import Rejection
from intake.kind import Key, Kind
from intake.mapping import ColumnMapping
from intake.references import REFERENCES, Reference

TABLES = (
    "staged",
    "refusal",
    "twin",
    "reference",
    "matched",
    "resolved",
    "touched",
    "moves",
    "new_owners",
    "lead_moves",
    "changed_hands",
    "keys",
    "notes",
)
CHUNK = 20_000
ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})

Names = Mapping[str, sql.Composable]


class Stamp(TypedDict):
    """What every fact of an import says of itself."""

    import_id: int
    at: datetime
    history: bool


@dataclass(slots=True)
class Staging:
    """One import's tables and the statements over them. Statements are composed; values travel as parameters."""

    cursor: Any
    kind: Kind
    columns: tuple[Column, ...]  # those that the file or the mapping fills
    mapping: ColumnMapping
    import_id: int
    at: datetime
    facts: dict[str, Any] = field(
        default_factory=dict
    )  # ids that the kind's steps tell each other: of a context, a pipeline

    def has(self, name: str) -> bool:
        return any(column.name == name for column in self.columns)

    @property
    def stamp(self) -> Stamp:
        return {"import_id": self.import_id, "at": self.at, "history": self.mapping.history}

    def run(self, statement: str | sql.Composable, names: Names | None = None, **values: Any) -> int:
        """Run one statement with {names} composed in and %(values)s as parameters. Return the number of rows."""
        composed = sql.SQL(statement).format(**(names or {})) if isinstance(statement, str) else statement
        self.cursor.execute(
            composed,
            {"import_id": self.import_id, "at": self.at, "history": self.mapping.history, **self.facts, **values},
        )
        return int(self.cursor.rowcount)

    def ask(self, statement: str | sql.Composable, names: Names | None = None, **values: Any) -> list[tuple[Any, ...]]:
        self.run(statement, names, **values)
        return list(self.cursor.fetchall())

    # --- taking in -----------------------------------------------------------------------------------------

    def create(self) -> None:
        """Make the tables anew; they go with the transaction."""
        self.run(sql.SQL("DROP TABLE IF EXISTS {}").format(comma(sql.Identifier("pg_temp", table) for table in TABLES)))
        typed = [
            sql.SQL("{} {}").format(sql.Identifier(column.name), sql.SQL(STAGED_AS[column.reads]))
            for column in self.columns
        ]
        self.run(
            sql.SQL("CREATE TEMP TABLE staged ({}) ON COMMIT DROP").format(
                comma([sql.SQL("line int PRIMARY KEY"), *typed])
            )
        )
        self.run("CREATE TEMP TABLE refusal (line int, name text, value text, reason text) ON COMMIT DROP")
        self.run("CREATE TEMP TABLE twin (line int PRIMARY KEY, first int, same boolean) ON COMMIT DROP")
        self.run(
            "CREATE TEMP TABLE reference (name text, value text, id bigint, many boolean, PRIMARY KEY (name, value)) ON COMMIT DROP"
        )
        self.run("CREATE TEMP TABLE matched (line int PRIMARY KEY, id bigint, many boolean) ON COMMIT DROP")
        self.run("CREATE TEMP TABLE touched (id bigint PRIMARY KEY) ON COMMIT DROP")

    def take_in(self, rows: Iterable[tuple[int, Sequence[str | None]]]) -> None:
        """COPY rows of (line, one text or None a column)."""
        names = [sql.Identifier("line"), *(sql.Identifier(column.name) for column in self.columns)]
        copy = sql.SQL("COPY staged ({}) FROM STDIN").format(comma(names)).as_string(self.cursor.cursor)
        buffer, held = StringIO(), 0
        for line, cells in rows:
            buffer.write(
                f"{line}\t" + "\t".join(["\\N" if cell is None else cell.translate(ESCAPES) for cell in cells]) + "\n"
            )
            held += 1
            if held == CHUNK:
                self.copy(copy, buffer)
                buffer, held = StringIO(), 0
        self.copy(copy, buffer)
        self.run("ANALYZE staged")

    def copy(self, statement: str, buffer: StringIO) -> None:
        buffer.seek(0)
        self.cursor.copy_expert(statement, buffer)

    # --- judging -------------------------------------------------------------------------------------------

    def refuse_where(self, name: str, condition: str, reason: str, table: str = "staged", **values: Any) -> int:
        """Refuse the rows, under the alias `s`, for which the condition holds. Return their number."""
        shown = sql.SQL("left(s.{}::text, 200)").format(sql.Identifier(name)) if self.has(name) else sql.SQL("NULL")
        return self.run(
            "INSERT INTO refusal SELECT s.line, %(name)s, coalesce({shown}, ''), %(reason)s FROM {table} s WHERE {condition}",
            {"shown": shown, "condition": sql.SQL(condition), "table": sql.Identifier(table)},
            name=name, reason=reason, **values,
        )  # fmt: skip

    def refusals(self) -> list[Rejection]:
        return [
            Rejection(*row) for row in self.ask("SELECT line, name, value, reason FROM refusal ORDER BY line, name")
        ]

    # --- what is there already -----------------------------------------------------------------------------

    def usable_keys(self) -> list[Key]:
        return [key for key in self.kind.keys if self.has(key.columns[0])]

    def find_records(self) -> None:
        """Give each row its key; set rows aside whose key stands in the file before; find the records that are there."""
        keys = self.usable_keys()
        if not keys:
            return
        # A row is known by its first key that is not empty, and by no other: an external id that is not there is a new record.
        for place, key in enumerate(keys):
            earlier = [sql.SQL("s.{} IS NULL").format(sql.Identifier(before.columns[0])) for before in keys[:place]]
            mine = sql.SQL(" AND ").join([*earlier, sql.SQL("s.{} IS NOT NULL").format(sql.Identifier(key.columns[0]))])
            columns = [name for name in key.columns if self.has(name)]
            names: Names = {
                "mine": mine,
                "staged_key": key_of("s", columns, exact=key.exact),
                "table_key": key_of("t", columns, exact=key.exact),
                "table": sql.Identifier(self.kind.model._meta.db_table),
            }
            self.run(
                """
                INSERT INTO twin SELECT line, first, false FROM (
                    SELECT s.line, min(s.line) OVER (PARTITION BY {staged_key}) AS first FROM staged s WHERE {mine}
                ) found WHERE line > first
                """,
                names,
            )
            self.run(
                """
                INSERT INTO matched SELECT s.line, min(t.id), count(*) > 1
                FROM staged s JOIN {table} t ON {table_key} = {staged_key} WHERE {mine} GROUP BY s.line
                """,
                names,
            )
        self.run(
            """
            UPDATE twin SET same = to_jsonb(s) - 'line' = to_jsonb(f) - 'line'
            FROM staged s, staged f WHERE s.line = twin.line AND f.line = twin.first
            """
        )
        self.run(
            "INSERT INTO refusal SELECT line, '', '', replace(%(reason)s, '#', first::text) FROM twin WHERE NOT same",
            reason=_("Line # speaks of the same record and says something else. Keep one of the two."),
        )
        self.refuse_where(
            "",
            "s.line IN (SELECT line FROM matched WHERE many)",
            _("Several records here are meant by this row. Name the one by its external id."),
        )
        self.run("ANALYZE matched")

    # --- what the rows point to ----------------------------------------------------------------------------

    def refers_to_itself(self, column: Column) -> bool:
        return bool(column.refers) and REFERENCES[column.refers].model is self.kind.model

    def find_references(self) -> None:
        """Look up, or make, what referring columns name; refuse the rows that name what is not there."""
        for column in self.columns:
            if column.refers and not self.refers_to_itself(column):
                self.look_up(column)
                if column.name in self.mapping.create_missing:
                    self.make_missing(column)
                self.refuse_unknown(column)

    def look_up(self, column: Column) -> None:
        reference = REFERENCES[column.refers]
        names: Names = {"column": sql.Identifier(column.name)}
        self.run(
            "INSERT INTO reference (name, value) SELECT DISTINCT %(name)s, s.{column} FROM staged s WHERE s.{column} IS NOT NULL",
            names,
            name=column.name,
        )
        for name in reference.exact:
            self.look_up_by(column, reference, name, exact=True)
        for name in reference.loose:
            self.look_up_by(column, reference, name, exact=False)

    def look_up_by(self, column: Column, reference: Reference, name: str, *, exact: bool) -> None:
        within = (
            sql.SQL(" AND t.{} = %({})s").format(sql.Identifier(f"{reference.within}_id"), sql.SQL(reference.within))
            if reference.within
            else sql.SQL("")
        )
        self.run(
            """
            UPDATE reference r SET id = found.id, many = found.many FROM (
                SELECT v.value, min(t.id) AS id, count(*) > 1 AS many
                FROM reference v JOIN {table} t ON {table_key} = {value_key}{within}
                WHERE v.name = %(name)s AND v.id IS NULL GROUP BY v.value
            ) found WHERE r.name = %(name)s AND r.value = found.value
            """,
            {
                "table": sql.Identifier(reference.model._meta.db_table),
                "table_key": key_of("t", [name], exact=exact),
                "value_key": key_of("v", ["value"], exact=exact),
                "within": within,
            },
            name=column.name,
        )

    def make_missing(self, column: Column) -> None:
        reference = REFERENCES[column.refers]
        missing = [
            value
            for (value,) in self.ask(
                "SELECT value FROM reference WHERE name = %(name)s AND id IS NULL ORDER BY value", name=column.name
            )
        ]
        if missing and reference.make:
            reference.make(missing, self.import_id)
            self.facts["references_made"] = self.facts.get("references_made", 0) + len(missing)
            for name in reference.exact or reference.loose:
                self.look_up_by(column, reference, name, exact=bool(reference.exact))

    def refuse_unknown(self, column: Column, table: str = "staged") -> int:
        here = "EXISTS (SELECT FROM reference r WHERE r.name = %(name)s AND r.value = s.{} AND {})"
        unknown, several = (
            sql.SQL(here).format(sql.Identifier(column.name), sql.SQL(test)).as_string(self.cursor.cursor)
            for test in ("r.id IS NULL", "r.many")
        )
        missing = _("is not there. Correct it, give it in `values` of the mapping, or import it first")
        if REFERENCES[column.refers].make:
            missing += _("; or say create_missing for %(name)s") % {"name": column.name}
        return self.refuse_where(column.name, unknown, missing, table) + self.refuse_where(
            column.name, several, _("means several records. Give the external id"), table
        )

    # --- the rows that go in -------------------------------------------------------------------------------

    def settle_rows(self) -> None:
        """Make `resolved`: every row that nothing was found against, with the ids of its record and of what it points to."""
        joins, ids = [], []
        for column in self.columns:
            if column.refers and not self.refers_to_itself(column):
                alias = sql.Identifier(f"r_{column.name}")
                match = sql.SQL(" LEFT JOIN reference {r} ON {r}.name = {literal} AND {r}.value = s.{column}")
                joins.append(
                    match.format(r=alias, literal=sql.Literal(column.name), column=sql.Identifier(column.name))
                )
                ids.append(sql.SQL("{}.id AS {}").format(alias, sql.Identifier(f"{column.name}_id")))
        self.run(
            """
            CREATE TEMP TABLE resolved ON COMMIT DROP AS
            SELECT *, coalesce(matched_id, nextval(pg_get_serial_sequence({table}, 'id'))) AS id FROM (
                SELECT s.*{ids}, m.id AS matched_id, m.id IS NULL AS is_new
                FROM staged s LEFT JOIN matched m ON m.line = s.line{joins}
                WHERE NOT EXISTS (SELECT FROM refusal f WHERE f.line = s.line) AND NOT EXISTS (SELECT FROM twin w WHERE w.line = s.line)
                ORDER BY s.line
            ) sorted
            """,
            {
                "ids": sql.SQL("").join(sql.SQL(", {}").format(column) for column in ids),
                "joins": sql.SQL("").join(joins),
                "table": sql.Literal(self.kind.model._meta.db_table),
            },
        )
        again = "EXISTS (SELECT FROM resolved o WHERE o.matched_id = s.matched_id AND o.line < s.line)"
        self.refuse_where(
            "",
            again,
            _("Another row before it speaks of the same record, known by something else. Keep one of the two."),
            "resolved",
        )
        self.drop_refused()
        # From here on a record stands in it once.
        self.run("ALTER TABLE resolved ADD PRIMARY KEY (id)")
        for name in self.kind.needs:
            empty = f"s.is_new AND s.{name} IS NULL" if self.has(name) else "s.is_new"
            self.refuse_where(name, empty, _("A new record needs %(name)s; fill it") % {"name": name}, "resolved")
        self.refuse_taken()
        self.drop_refused()
        self.run("ANALYZE resolved")

    def refuse_taken(self) -> None:
        """Refuse rows that would give their record what only one may have and another one has."""
        for held in self.kind.model._meta.concrete_fields:
            if held.unique and not held.primary_key and self.has(held.name):
                names: Names = {
                    "column": sql.Identifier(held.column),
                    "table": sql.Identifier(self.kind.model._meta.db_table),
                }
                taken = "EXISTS (SELECT FROM {table} t WHERE t.{column} = s.{column} AND t.id <> s.id)"
                twice = "EXISTS (SELECT FROM resolved o WHERE o.{column} = s.{column} AND o.line < s.line)"
                for condition in (taken, twice):
                    composed = sql.SQL(condition).format(**names).as_string(self.cursor.cursor)
                    self.refuse_where(held.name, composed, _("belongs to another record already"), "resolved")

    def touch(self, changed: str) -> None:
        """Note that the old ones among the records of this query were changed."""
        self.run(
            "INSERT INTO touched SELECT DISTINCT id FROM ({changed}) c (id) JOIN resolved r USING (id) WHERE NOT r.is_new ON CONFLICT DO NOTHING",
            {"changed": sql.SQL(changed)},
        )

    def drop_refused(self) -> int:
        """Take rows out again against which something was found since."""
        return self.run("DELETE FROM resolved WHERE line IN (SELECT line FROM refusal)")

    def counts(self) -> tuple[int, int, int]:
        """How many records were made, changed, and left as they were; rows that repeat an earlier row are among the last."""
        [(made, old, changed)] = self.ask(
            """
            SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new),
                count(touched.id) FILTER (WHERE NOT is_new) FROM resolved LEFT JOIN touched USING (id)
            """
        )
        [(twins,)] = self.ask(
            "SELECT count(*) FROM twin WHERE same AND NOT EXISTS (SELECT FROM refusal f WHERE f.line = twin.line)"
        )
        return made, changed, old - changed + twins


def comma(parts: Iterable[sql.Composable]) -> sql.Composed:
    return sql.SQL(", ").join(parts)


def key_of(alias: str, columns: Sequence[str], *, exact: bool) -> sql.Composable:
    """The text by which two records are the same."""
    parts = [sql.SQL("{}.{}").format(sql.Identifier(alias), sql.Identifier(name)) for name in columns]
    if exact and len(parts) == 1:
        return parts[0]
    texts = [sql.SQL("coalesce({}, '')").format(part) for part in parts] if len(parts) > 1 else parts
    # chr(31) separates: no cell that is a key holds it.
    return sql.SQL("lower({})").format(sql.SQL(" || chr(31) || ").join(texts))
