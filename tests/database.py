"""The test database: made and migrated by the owner, used by the app's role, as in production.

Migrating takes ten seconds, so it is done once for each state of the migrations, into a template that every test
run (and every xdist process) copies. The app's role gets one right more than in production: TRUNCATE, so that a test
that commits can be cleaned up after.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from psycopg2 import sql

ROOT = settings.BASE_DIR
TEMPLATE_PREFIX = "leadqual_template_"
# Any number does, as long as nothing else of ours takes it in the `postgres` database.
MAKING_THE_TEMPLATE = 5_432_001


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
def server() -> Iterator[psycopg2.extensions.cursor]:
    """A cursor in the `postgres` database as the owner, outside any transaction."""
    owner = settings.OWNER_DATABASE
    if owner is None:
        pytest.exit(
            "DATABASE_OWNER_URL is not set: the tests make their database as its owner and run as the app's role.",
            returncode=2,
        )
    opened = psycopg2.connect(
        dbname="postgres",
        user=owner["USER"],
        password=owner["PASSWORD"],
        host=owner["HOST"],
        port=owner["PORT"] or None,
        connect_timeout=5,
    )
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
            cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(outdated)))
        unfinished = f"{TEMPLATE_PREFIX}unfinished"
        cursor.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(unfinished)))
        with as_owner(unfinished):
            call_command("migrate", verbosity=0, interactive=False)
            call_command("createcachetable", verbosity=0)
            call_command("grant_app_role", verbosity=0)
            with connection.cursor() as inside:
                inside.execute(
                    sql.SQL("GRANT TRUNCATE ON ALL TABLES IN SCHEMA public TO {}").format(
                        sql.Identifier(settings.APP_ROLE)
                    )
                )
        cursor.execute(
            sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(unfinished), sql.Identifier(name))
        )
        return name
    finally:
        cursor.execute("SELECT pg_advisory_unlock(%s)", [MAKING_THE_TEMPLATE])


@contextmanager
def a_test_database() -> Iterator[str]:
    """A migrated database under Django's test name, with the default connection in it as the app's role. Yields its name."""
    before = connection.settings_dict["NAME"]
    name = connection.settings_dict["TEST"].get("NAME") or f"test_{before}"
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    with server() as cursor:
        template = make_template(cursor)
        cursor.execute(drop)
        # Two processes cannot copy one template at the same moment.
        cursor.execute("SELECT pg_advisory_lock(%s)", [MAKING_THE_TEMPLATE])
        cursor.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
        cursor.execute("SELECT pg_advisory_unlock(%s)", [MAKING_THE_TEMPLATE])
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield name
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before
        with server() as cursor:
            cursor.execute(drop)
