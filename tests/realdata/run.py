"""Load the real data sets into databases of their own and compare every figure with its truth.

Each database is made anew, filled by `manage.py import` with the mappings beside this file, scored, and left there.
Then every leaf of truth.json is looked up as COVER.md says, and at last one real lead is qualified in a browser. Exit 1
if a figure differs, or if the lead does not come through.
"""

import os
import secrets
import subprocess
import sys
import time
from contextlib import closing
from urllib.parse import unquote, urlsplit

import psycopg2
import psycopg2.errors
import psycopg2.extensions
from psycopg2 import sql

from launch import product
from launch.commands import DEMO_PASSWORD
from tests.browser import chromium
from tests.realdata.data import CURRENCY, DATA, HERE, QUALIFIED, ROOT, SETS
from tests.realdata.qualifying import ADMINISTRATOR, NotQualified, qualify

# Somebody may want to look at it in the browser: embedded, it is the demo's password, which is published.
PASSWORD = DEMO_PASSWORD if os.environ.get("EMBEDDED") == "1" else secrets.token_urlsafe(24)


def main(arguments: list[str]) -> int:
    """Both data sets, or those that are named. `--compare-only` takes the databases as they are, and changes nothing."""
    wanted = [name for name in arguments if name in SETS] or list(SETS)
    if not DATA.is_dir():
        sys.stderr.write(
            f"{DATA} is not there: the data sets are not part of the repository. Name their folder in REALDATA.\n"
        )
        return 1
    worst = 0
    for name in wanted:
        loads = "--compare-only" not in arguments
        if loads:
            began = time.monotonic()
            load(name)
            say(f"{name}: loaded in {time.monotonic() - began:.0f} s into {database_name(name)}")
        compared = subprocess.run(
            [sys.executable, "-m", "tests.realdata.comparing", name, str(DATA / name / "truth.json")],
            env=environment(name),
            cwd=ROOT,
        )
        worst = max(worst, compared.returncode)
        if loads and name == QUALIFIED:
            worst = max(worst, qualify_one(name))
    return worst


def qualify_one(name: str) -> int:
    """Qualify a lead of the set in the browser, and prove that what is stored is still what the facts give."""
    try:
        say(f"{name}: {qualify(environment(name), PASSWORD)}")
    except (NotQualified, chromium.Missing) as reason:
        say(f"{name}: no lead was qualified in the browser. {reason}")
        return 1
    manage_py(name, "verify_state")
    return 0


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def database_name(name: str) -> str:
    return f"leadqual_{name}"


def environment(name: str) -> dict[str, str]:
    return {**os.environ, "DATABASE_NAME": database_name(name)}


def load(name: str) -> None:
    make_database(database_name(name))
    for arguments in product.prepare():
        manage_py(name, *arguments)
    setup = ["setup", "--name", name.capitalize(), "--zone", "UTC", "--currency", CURRENCY[name]]
    manage_py(name, *setup, "--admin", ADMINISTRATOR, "--password-stdin", typed=f"{PASSWORD}\n")
    for kind, file, mapping in SETS[name]:
        say(f"{name}: import {kind} {file}")
        manage_py(
            name,
            "import",
            kind,
            str(DATA / name / file),
            "--mapping",
            str(HERE / name / f"{mapping}.json"),
            "--errors",
            str(ROOT / ".local" / f"{name}.{mapping}.rejected.csv"),
        )
    analyze(database_name(name))
    manage_py(name, "rescore", "--all")
    manage_py(name, "verify_state")


def manage_py(name: str, *arguments: str, typed: str = "") -> None:
    """Run manage.py on the data set's database; a failure ends everything, its own message says what is wrong."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments], env=environment(name), cwd=ROOT, input=typed, text=True
    )
    if done.returncode:
        raise SystemExit(f"manage.py {' '.join(arguments)} failed on {database_name(name)}")


def make_database(name: str) -> None:
    """Drop the database, if it is there, and make it anew as its owner."""
    with closing(as_owner()) as connection, connection.cursor() as cursor:
        cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        try:
            cursor.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        except psycopg2.errors.InsufficientPrivilege as error:
            raise SystemExit(
                "The role of DATABASE_OWNER_URL may not make databases: ALTER ROLE ... CREATEDB, for as long as this runs."
            ) from error


def analyze(name: str) -> None:
    """Let the planner know what came in: autovacuum would in a minute, and only the owner may."""
    with closing(as_owner(name)) as connection, connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def as_owner(name: str = "") -> psycopg2.extensions.connection:
    """A connection outside of any transaction, to the database or to the one that the environment names."""
    url = urlsplit(os.environ["DATABASE_OWNER_URL"])
    connection = psycopg2.connect(
        host=unquote(url.hostname or ""),
        port=url.port or 5432,
        user=unquote(url.username or ""),
        password=unquote(url.password or ""),
        dbname=name or url.path.lstrip("/"),
    )
    connection.autocommit = True
    return connection
