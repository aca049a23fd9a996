"""Taking in a file: read, judge, resolve, write. One transaction, so that a file goes in as a whole or not at all;
a bad row is no reason to stop, it is set aside with what is wrong with it."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError, connection, transaction
from django.utils.translation import gettext as _

from intake.columns import Column, Manner, Reader, Reads, Unreadable, reader_of
from intake.errors import Rejection, write_rejected
from intake.kind import Kind
from intake.kinds import KINDS
from intake.mapping import ATTRIBUTE, Bound, ColumnMapping, MappingRefused, bind, parse_mapping
from intake.models import Import
from intake.reading import FileRefused, Source, look_at
from intake.references import REFERENCES
from intake.staging import Staging
from intake.statistics import refresh_statistics
from users.attributes import several
from users.facts import database_now
from users.models import Attribute, User, Workspace
from users.past import the_past_was_added_to
from users.rights import demand, may_import, who_may_import

# One import at a time: two would find the same records missing and both make them.
LOCK = "SELECT pg_try_advisory_xact_lock(hashtext('leadqual.import'))"
# From so many rows on the planner is let know what came in before anything reads it.
MANY = 1_000
# SQLSTATE of what another writer does to us: the same key taken, a lock held for long, a deadlock. What nobody else
# could have changed was checked before.
BESIDE_US = frozenset({"23505", "40001", "40P01", "55P03"})
# The server was stopped, or starts; without a state the connection was cut.
GONE = frozenset({None, "57P01", "57P02", "57P03"})
# Values that repeat, such as sources and days, are read once; so many different ones are kept.
REMEMBERED = 50_000


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of the rows. read = created + updated + unchanged + rejected."""

    read: int
    created: int
    updated: int
    unchanged: int
    rejected: int
    import_id: int | None  # None of a trial run
    errors_file: str
    unmapped: tuple[str, ...]
    encoding: str

    def as_json(self) -> dict[str, Any]:
        names = ("read", "created", "updated", "unchanged", "rejected", "import_id", "errors_file")
        return {name: getattr(self, name) for name in names} | {
            "errors_file": self.errors_file or None,
            "unmapped": list(self.unmapped),
        }


def import_file(
    kind_name: str,
    path: Path,
    mapping_data: Mapping[str, Any] | None = None,
    *,
    update_by: str = "",
    create_missing: frozenset[str] = frozenset(),
    dry_run: bool = False,
    errors_path: Path | None = None,
    by: User | None = None,
) -> Imported:
    """Take in the file, or only try to.

    `by` None is the machine. Raises Forbidden, and FileRefused or MappingRefused if nothing can go in; nothing is then
    written. Rows that cannot go in are listed in the errors file with their line, column, value and reason.
    """
    if by is not None:
        demand(may_import(by, kind_name), who_may_import())
    kind = KINDS[kind_name]
    mapping = parse_mapping(mapping_data or {})
    mapping = replace(
        mapping, update_by=update_by or mapping.update_by, create_missing=mapping.create_missing | create_missing
    )
    kind = known_by(kind, mapping)
    source = look_at(path, mapping.encoding, mapping.delimiter)
    try:
        with transaction.atomic():
            done, rejections = take_in(kind, source, mapping, by)
            if dry_run:
                transaction.set_rollback(True)
    except (IntegrityError, OperationalError, InterfaceError) as error:
        sentence = what_came_between(error)
        if sentence is None:
            raise
        raise FileRefused(sentence) from error
    errors_file = str(write_rejected(source, rejections, errors_path)) if rejections else ""
    if dry_run or done.import_id is None:
        return replace(done, import_id=None, errors_file=errors_file)
    Import.objects.filter(pk=done.import_id).update(errors_file=errors_file[:500])
    return replace(done, errors_file=errors_file)


def what_came_between(error: DatabaseError | InterfaceError) -> str | None:
    """What the person is told of it; None where nothing came between and the fault is ours."""
    code = getattr(error.__cause__, "pgcode", None)
    if code in BESIDE_US:
        return _("Somebody else works on the same records. Nothing was written; import the file again.")
    if isinstance(error, InterfaceError) or (isinstance(error, OperationalError) and code in GONE):
        return _("The database went away meanwhile. Nothing was written; import the file again when it is back.")
    return None


def known_by(kind: Kind, mapping: ColumnMapping) -> Kind:
    """The kind with the keys that `update_by` leaves, after checking it and `create_missing`."""
    columns = {column.name: column for column in kind.columns}
    makeable = [name for name, column in columns.items() if column.refers and REFERENCES[column.refers].make]
    for name in sorted(mapping.create_missing):
        if name not in makeable:
            have = ", ".join(makeable) or _("none")
            raise MappingRefused(
                _("create_missing names %(name)s, which an import of %(kind)s cannot make; it can make: %(have)s.")
                % {"name": name, "kind": kind.name, "have": have}
            )
    if not mapping.update_by:
        return kind
    keys = tuple(key for key in kind.keys if key.columns[0] == mapping.update_by)
    if not keys:
        have = ", ".join(dict.fromkeys(key.columns[0] for key in kind.keys))
        raise MappingRefused(
            _("Records of %(kind)s cannot be found by %(name)s; they can by: %(have)s.")
            % {"kind": kind.name, "name": mapping.update_by, "have": have}
        )
    return replace(kind, keys=keys)


def take_in(
    kind: Kind, source: Source, mapping: ColumnMapping, by: User | None
) -> tuple[Imported, dict[int, list[Rejection]]]:
    """The act itself, inside the caller's transaction."""
    with connection.cursor() as cursor:
        # The limits of a request are too short for a file; a lock that somebody holds is still not waited for long.
        cursor.execute(
            "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = '15min'; SET LOCAL work_mem = '64MB'"
        )
        cursor.execute(LOCK)
        if not cursor.fetchone()[0]:
            raise FileRefused(_("Another import is running. Wait until it is done and try again."))
        register_attributes(kind, mapping)
        attributes = {
            a.code: Column(ATTRIBUTE + a.code, READ_AS[a.kind], limit=1000, may_be_negative=True)
            for a in Attribute.objects.filter(of=kind.attributes_of)
        }
        bound = bind(mapping, source.header, {column.name: column.aliases for column in kind.columns}, attributes)
        row = Import.objects.create(
            kind=kind.name, file_name=source.path.name[:255], mapping=dict(mapping.raw), history=mapping.history, by=by
        )
        reading = Rows(kind, source, mapping, bound, attributes)
        staging = Staging(cursor, kind, tuple(reading.columns), mapping, row.pk, database_now())
        if mapping.update_by and not staging.has(mapping.update_by):
            raise MappingRefused(
                _("Nothing in the file fills %(name)s, by which records are to be found.") % {"name": mapping.update_by}
            )
        kind.prepare(staging)
        staging.create()
        staging.take_in(reading)
        kind.check(staging)
        staging.find_records()
        staging.find_references()
        staging.settle_rows()
        kind.resolve(staging)
        kind.write(staging)
        if reading.read >= MANY:
            refresh_statistics()
        kind.follow_up(staging)
        if mapping.history:
            the_past_was_added_to()
        rejections = reading.rejections
        for rejection in staging.refusals():
            rejections[rejection.line].append(rejection._replace(column=reading.file_column(rejection.column)))
        created, updated, unchanged = staging.counts()
        done = Imported(
            reading.read, created, updated, unchanged, len(rejections), row.pk, "", bound.unmapped, source.encoding
        )
        Import.objects.filter(pk=row.pk).update(
            read=done.read,
            created=created,
            updated=updated,
            unchanged=unchanged,
            rejected=done.rejected,
            finished_at=database_now(),
        )
        return done, dict(rejections)


READ_AS = {"text": Reads.TEXT, "number": Reads.NUMBER, "date": Reads.DATE, "flag": Reads.FLAG, "list": Reads.LIST}


def register_attributes(kind: Kind, mapping: ColumnMapping) -> None:
    """Register the fields that the mapping describes and that are not there."""
    if mapping.attributes and not kind.attributes_of:
        raise MappingRefused(
            _("In the mapping, `attributes` is for leads and accounts; an import of %(kind)s has none.")
            % {"kind": kind.name}
        )
    for code, new in mapping.attributes.items():
        Attribute.objects.get_or_create(
            of=kind.attributes_of, code=code, defaults={"label": new.label, "kind": new.kind, "personal": new.personal}
        )


class Rows:
    """The rows of the file as texts for the staging table. What cannot be read is collected in `rejections`."""

    def __init__(
        self, kind: Kind, source: Source, mapping: ColumnMapping, bound: Bound, attributes: Mapping[str, Column]
    ) -> None:
        self.source, self.mapping, self.bound = source, mapping, bound
        self.read = 0
        self.rejections: defaultdict[int, list[Rejection]] = defaultdict(list)
        decimal = mapping.decimal or ("," if source.delimiter == ";" else ".")
        self.manner = Manner(mapping.zone or ZoneInfo(Workspace.get().zone), decimal, mapping.dates, mapping.scale)
        said = {*bound.cells, *bound.constants}
        self.attributes = [(column, self.cell_of(column)) for code, column in attributes.items() if column.name in said]
        self.columns: list[Column] = []
        self.cells: list[Callable[[list[str]], str | None]] = []
        for column in kind.columns:
            if column.name in said:
                self.columns.append(column)
                self.cells.append(self.cell_of(column))
        for name, parts in kind.joined.items():
            if name not in said and said & set(parts):
                column = next(column for column in kind.columns if column.name == name)
                self.columns.append(column)
                self.cells.append(self.joined_cell(column, [part for part in parts if part in said]))
        if self.attributes:
            self.columns.append(Column("attributes", Reads.JSON))
            self.cells.append(self.attribute_cell)

    def file_column(self, name: str) -> str:
        """The header of the file's column that fills `name`; the name itself if a constant does."""
        place = self.bound.cells.get(name)
        return name if place is None else self.source.header[place].strip()

    def __iter__(self) -> Iterator[tuple[int, list[str | None]]]:
        for record in self.source.records():
            self.read += 1
            if record.problem:
                self.rejections[record.line].append(Rejection(record.line, "", "", record.problem))
                continue
            try:
                yield record.line, [cell(record.cells) for cell in self.cells]
            except Unreadable:
                # Once more, slowly: a row is told everything that is wrong with it.
                self.rejections[record.line] = self.problems(record.line, record.cells)

    def problems(self, line: int, cells: list[str]) -> list[Rejection]:
        found = []
        for column, cell in [*zip(self.columns, self.cells, strict=True), *self.attributes]:
            if column.name == "attributes":
                continue
            try:
                cell(cells)
            except Unreadable as error:
                place = self.bound.cells.get(column.name)
                value = self.bound.constants.get(column.name, "") if place is None else cells[place]
                found.append(Rejection(line, self.file_column(column.name), value, str(error)))
        return found

    def cell_of(self, column: Column) -> Callable[[list[str]], str | None]:
        read = remembering(valued(reader_of(column, self.manner), self.mapping.values.get(column.name, {})))
        if column.name in self.bound.constants:
            constant = self.bound.constants[column.name]
            return lambda _cells: read(constant)
        place = self.bound.cells[column.name]
        return lambda cells: read(cells[place])

    def joined_cell(self, column: Column, parts: list[str]) -> Callable[[list[str]], str | None]:
        read = reader_of(column, self.manner)
        places = [self.bound.cells[part] for part in parts if part in self.bound.cells]

        def joined(cells: list[str]) -> str | None:
            text = " ".join(filter(None, (cells[place].strip() for place in places)))
            return read(text) if text else None

        return joined

    def attribute_cell(self, cells: list[str]) -> str | None:
        found: dict[str, Any] = {}
        for column, cell in self.attributes:
            value = cell(cells)
            if value is not None:
                found[column.name.removeprefix(ATTRIBUTE)] = JSON_OF[column.reads](value)
        return json.dumps(found) if found else None


JSON_OF: Mapping[Reads, Callable[[str], Any]] = {
    Reads.TEXT: str,
    Reads.NUMBER: lambda value: int(float(value)) if float(value).is_integer() else float(value),
    Reads.DATE: str,
    Reads.FLAG: lambda value: value == "t",
    Reads.LIST: several,
}


def valued(read: Reader, values: Mapping[str, str]) -> Callable[[str], str | None]:
    """Read a cell after replacing what the mapping replaces; an empty cell is None."""

    def cell(raw: str) -> str | None:
        text = raw.strip()
        text = values.get(text, text)
        return read(text) if text else None

    return cell


def remembering(read: Callable[[str], str | None]) -> Callable[[str], str | None]:
    """The same, but a short text that was read before is not read again."""
    known: dict[str, str | None] = {}

    def cell(raw: str) -> str | None:
        try:
            return known[raw]
        except KeyError:
            value = read(raw)
            if len(raw) < 60 and len(known) < REMEMBERED:
                known[raw] = value
            return value

    return cell
