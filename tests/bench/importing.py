"""An import of leads from a file, beside COPY of the rows that it ended in, into the same tables."""

import csv
import os
import random
import tempfile
from pathlib import Path

from django.db import connection
from psycopg2 import sql

from intake.importing import import_file
from leads.models import LeadSource
from tests.bench.filling import Size
from tests.bench.results import Result, alternate, of_runs, seconds
from tests.database import as_owner
from users.models import Dirty, User

TIMES = 1 if os.environ.get("QUICK") else 3
HEADER = [
    "external_id",
    "name",
    "company",
    "email",
    "phone",
    "title",
    "seniority",
    "industry",
    "employees",
    "country",
    "source",
    "owner",
    "created_at",
]

# Where an import of leads writes; each table with how its rows of this import are found. Children come first.
OWN = "(SELECT id FROM leads_lead WHERE external_id LIKE 'file-%')"
CHECKLISTS = f"(SELECT id FROM leads_checklist WHERE lead_id IN {OWN})"
TABLES = {
    "leads_score": f"checklist_id IN {CHECKLISTS}",
    "leads_gatechange": f"checklist_id IN {CHECKLISTS}",
    "leads_ownerchange": f"lead_id IN {OWN}",
    "leads_lifecyclechange": f"lead_id IN {OWN}",
    "leads_checklist": f"lead_id IN {OWN}",
    "leads_lead": "external_id LIKE 'file-%'",
}


def write_file(path: Path, rows: int) -> None:
    """Rows as a web shop or another program would export them; the same ones every time."""
    chance = random.Random(5)
    sources = list(LeadSource.objects.values_list("code", flat=True))
    owners = list(User.objects.filter(username__startswith="rep").values_list("username", flat=True))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for number in range(rows):
            company = f"Company {number // 3} {chance.choice(['Industries', 'Holdings', 'Foods'])}"
            writer.writerow(
                [
                    f"file-{number}", f"{chance.choice(['Anna', 'Boris', 'Carla'])} Person{number}", company,
                    f"person{number}@company{number // 3}.example.com", f"+1666{number:07d}", chance.choice(["CEO", "Buyer", "Engineer"]),
                    chance.choice(["Director", "Manager", ""]), chance.choice(["Manufacturing", "Retail", "Education"]),
                    chance.randrange(5, 9000), chance.choice(["US", "DE", "JP"]), chance.choice(sources), chance.choice(owners),
                    f"2026-{chance.randrange(1, 11):02d}-{chance.randrange(1, 28):02d}T10:00:00Z",
                ]
            )  # fmt: skip


def columns_of(table: str) -> list[str]:
    """The columns that rows are written to: all but generated ones."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = %s"
            " AND is_generated = 'NEVER' ORDER BY ordinal_position",
            [table],
        )
        return [name for (name,) in cursor.fetchall()]


def copy(table: str, direction: str, path: Path) -> None:
    names = sql.SQL(", ").join(map(sql.Identifier, columns_of(table)))
    texts = {"TO": f"COPY (SELECT {{}} FROM {{}} WHERE {TABLES[table]}) TO STDOUT", "FROM": "COPY {1} ({0}) FROM STDIN"}
    with connection.cursor() as cursor, path.open("r" if direction == "FROM" else "w") as file:
        cursor.copy_expert(
            sql.SQL(texts[direction]).format(names, sql.Identifier(table)).as_string(cursor.cursor), file
        )


def remove() -> None:
    """Take the imported rows out again, so that both sides always write into the same tables."""
    with as_owner(str(connection.settings_dict["NAME"])), connection.cursor() as cursor:
        for table, condition in TABLES.items():
            cursor.execute(f"DELETE FROM {table} WHERE {condition}")
            cursor.execute(f"VACUUM ANALYZE {table}")


def imports(size: Size) -> list[Result]:
    with tempfile.TemporaryDirectory(prefix="lq-bench-") as name:
        folder = Path(name)
        file = folder / "leads.csv"
        write_file(file, size.import_rows)
        kept: dict[str, Path] = {}

        def ours() -> float:
            remove()
            taken = seconds(lambda: check(import_file("leads", file, {"history": True, "context": "direct"}), size))
            for table in TABLES:
                kept[table] = folder / f"{table}.copy"
                copy(table, "TO", kept[table])
            return taken

        def put_back() -> None:
            for table in reversed(list(TABLES)):
                copy(table, "FROM", kept[table])

        def floor() -> float:
            remove()
            return seconds(put_back)

        Dirty.objects.all().delete()
        ours()
        mine, plain = alternate(ours, floor, TIMES)
        rows = {table: sum(1 for _ in path.open()) for table, path in kept.items()}
        remove()
    said = "COPY table (...) FROM STDIN of " + ", ".join(
        f"{count:,} rows of {table}" for table, count in rows.items() if count
    )
    took = of_runs("import", mine, plain, said)
    more = f"{size.import_rows:,} leads, {len(mine)} runs each, beside {size.leads:,} that are there"
    rates = [size.import_rows / seconds for seconds in (took.value, took.floor or 1)]
    return [
        Result("import", "rows/s", rates[0], rates[1], floor_said=said, more=more),
        Result("import-rate", "rows/s", rates[0]),
    ]


def check(done: object, size: Size) -> None:
    created = getattr(done, "created", None)
    if created != size.import_rows:
        raise AssertionError(f"The import made {created} of {size.import_rows} rows: {done}")
