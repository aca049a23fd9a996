"""Makes the data, takes each measure in turn, and shows what came out."""

import os
import traceback

from django.conf import settings
from django.db import connection

from launch.places import LOCAL
from tests.bench import filling, importing, reporting, requests, rescoring
from tests.bench.results import Result, keep, show
from tests.database import as_owner, copy_database, make_template, server

MEASURES = {
    "answer": requests.answers,
    "lists": requests.lists,
    "rescore": rescoring.rescores,
    "reports": reporting.reports,
    "import": importing.imports,
    "memory": rescoring.worker_memory,
}


def prepare(size: filling.Size) -> None:
    """Make the benchmark's database anew and fill it."""
    name = str(connection.settings_dict["NAME"])
    with server(settings.OWNER_DATABASE) as cursor:
        if os.environ.get("KEEP"):
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            if cursor.fetchone():
                return
        copy_database(cursor, make_template(cursor), name)
    with as_owner(name):
        filling.fill(size)


def run(size_name: str) -> int:
    """The exit code: 0, or 1 if something could not be measured, or 2 if what was asked for is not known."""
    if size_name not in filling.SIZES:
        print(f"SIZE={size_name} is not known; there are: {', '.join(filling.SIZES)}.")
        return 2
    size = filling.SIZES[size_name]
    only = [name for name in os.environ.get("ONLY", "").split(",") if name] or list(MEASURES)
    if unknown := set(only) - set(MEASURES):
        print(f"ONLY={','.join(sorted(unknown))} is not known; there are: {', '.join(MEASURES)}.")
        return 2
    print(f"SIZE={size.name}: {size.leads:,} leads, {size.events:,} events", flush=True)
    prepare(size)
    results: list[Result] = []
    failed = False
    for name in only:
        print(f"  measuring: {name}", flush=True)
        try:
            found = MEASURES[name](size)
            results += found
            print("    " + ", ".join(each.in_short() for each in found), flush=True)
        except Exception:
            failed = True
            traceback.print_exc()
            print(f"{name} could not be measured; the rest goes on.")
    show(results)
    keep(results, LOCAL / "bench.json")
    missed = [each.name for each in results if each.met is False]
    print(f"\n{len(results)} figures; goals missed: {', '.join(missed) or 'none'}")
    return 1 if failed else 0
