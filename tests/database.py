"""The test database: made and migrated by the owner, used by the app's role, as in production.

Migrating takes ten seconds, so it is done once for each state of the migrations, into a template that every test run
(and every xdist process) copies. A run sets up the workspace and the people of tests/personas.py in its copy, and copies
that once more: every test begins there, in whatever order they run. What a test does in a transaction is rolled back;
after a test that commits, the database is copied anew, which is quicker than emptying its tables.
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from psycopg2 import sql

from leads import scores
from leads.views import marks, questions

ROOT = settings.BASE_DIR
TEMPLATE_PREFIX = "leadqual_template_"
# Any number does, as long as nothing else of ours takes it in the `postgres` database.
MAKING_THE_TEMPLATE = 5_432_001
# What a process keeps of published versions, which never change. In a copy of the database their ids begin anew.
KEPT_BY_ID = (scores._kept_judge, scores._writing_statement, marks._criteria, questions._questions)


def fingerprint() -> str:
    """A short digest of everything that decides what an empty, migrated database holds."""
    files = [
        *sorted(path for room in settings.ROOMS for path in (ROOT / room / "migrations").glob("*.py")),
        ROOT / "requirements" / "base.txt",
        ROOT / "leadqual" / "settings.py",
        ROOT / "users" / "facts.py",
        ROOT / "users" / "management" / "commands" / "grant_app_role.py",
        ROOT / "tests" / "database.py",
    ]
    digest = hashlib.sha256(settings.APP_ROLE.encode())
    for path in files:
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]


@contextmanager
def server(role: dict[str, Any] | None) -> Iterator[psycopg2.extensions.cursor]:
    """A cursor in the `postgres` database as the role of these Django settings, outside any transaction."""
    if role is None:
        pytest.exit(
            "DATABASE_OWNER_URL is not set: the tests make their database as its owner and run as the app's role.",
            returncode=2,
        )
    names = {"user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    opened = psycopg2.connect(dbname="postgres", **{name: role[key] or None for name, key in names.items()})
    opened.autocommit = True
    try:
        with opened.cursor() as cursor:
            yield cursor
    finally:
        opened.close()


@contextmanager
def as_owner(name: str) -> Iterator[None]:
    """Let Django's connection be the owner's, in the named database, for a while."""
    before = dict(connection.settings_dict)
    connection.close()
    assert settings.OWNER_DATABASE is not None
    owner = {key: settings.OWNER_DATABASE[key] for key in ("USER", "PASSWORD", "HOST", "PORT")}
    connection.settings_dict.update(
        {**owner, "NAME": name, "OPTIONS": {**before["OPTIONS"], "options": "-c lock_timeout=5000"}}
    )
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(before)


def make_template(cursor: psycopg2.extensions.cursor) -> str:
    """Return the name of the migrated template, made now if the migrations have changed since."""
    name = TEMPLATE_PREFIX + fingerprint()
    cursor.execute("SELECT pg_advisory_lock(%s)", [MAKING_THE_TEMPLATE])
    try:
        cursor.execute(
            "SELECT datname FROM pg_database WHERE datname LIKE %s", [TEMPLATE_PREFIX.replace("_", r"\_") + "%"]
        )
        existing = {row[0] for row in cursor.fetchall()}
        if name in existing:
            return name
        for outdated in existing:
            drop_database(cursor, outdated)
        unfinished = f"{TEMPLATE_PREFIX}unfinished"
        cursor.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(unfinished)))
        with as_owner(unfinished):
            call_command("migrate", verbosity=0, interactive=False)
            call_command("createcachetable", verbosity=0)
            call_command("grant_app_role", verbosity=0)
        cursor.execute(
            sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(unfinished), sql.Identifier(name))
        )
        return name
    finally:
        cursor.execute("SELECT pg_advisory_unlock(%s)", [MAKING_THE_TEMPLATE])


def copy_database(cursor: psycopg2.extensions.cursor, source: str, target: str) -> None:
    """Make the target anew as a copy of the source. Whoever is connected to the target is cut off."""
    # Two processes cannot copy one template at the same moment.
    cursor.execute("SELECT pg_advisory_lock(%s)", [MAKING_THE_TEMPLATE])
    try:
        drop_database(cursor, target)
        names = {"source": sql.Identifier(source), "target": sql.Identifier(target)}
        cursor.execute(sql.SQL("CREATE DATABASE {target} TEMPLATE {source}").format(**names))
    finally:
        cursor.execute("SELECT pg_advisory_unlock(%s)", [MAKING_THE_TEMPLATE])


def drop_database(cursor: psycopg2.extensions.cursor, name: str) -> None:
    # Only the app's role may cut off its own connections: those of a live server's threads, or of a killed process.
    with server(settings.APP_DATABASE) as app:
        app.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND usename = user", [name]
        )
    cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))


class TestDatabase:
    """The database of this test process, with the default connection in it as the app's role."""

    __test__ = False  # no test, whatever its name begins with

    def __init__(self) -> None:
        self.before = str(connection.settings_dict["NAME"])
        self.name = str(connection.settings_dict["TEST"].get("NAME") or f"test_{self.before}")
        self.peopled = f"{self.name}_peopled"
        self.empty = ""

    def make(self, populate: Callable[[], None]) -> None:
        """Copy the template, let `populate` fill the copy as the app's role, and begin there."""
        with server(settings.OWNER_DATABASE) as cursor:
            self.empty = make_template(cursor)
        self.begin_with(self.empty, under=self.peopled)
        populate()
        self.restore()

    def restore(self) -> None:
        """Begin anew with the workspace and its people."""
        self.begin_with(self.peopled, under=self.name)

    def restore_empty(self) -> None:
        """Begin anew with no row but those of the migrations, for tests of the first start."""
        self.begin_with(self.empty, under=self.name)

    def begin_with(self, source: str, *, under: str) -> None:
        connections.close_all()
        with server(settings.OWNER_DATABASE) as cursor:
            copy_database(cursor, source, under)
        connection.settings_dict["NAME"] = under
        for kept in KEPT_BY_ID:
            kept.cache_clear()

    def drop(self) -> None:
        connections.close_all()
        connection.settings_dict["NAME"] = self.before
        with server(settings.OWNER_DATABASE) as cursor:
            drop_database(cursor, self.name)
            drop_database(cursor, self.peopled)
