"""The app's role reads and writes rows; it can change no fact and no table, whatever the code above it does."""

import secrets
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.checks import Error
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, connections
from psycopg2 import sql

from tests.database import TestDatabase, as_owner, drop_database, server
from users.checks import knows_every_script
from users.facts import append_only_tables

pytestmark = pytest.mark.django_db


def rights_on(table: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT privilege_type FROM information_schema.role_table_grants WHERE table_name = %s AND grantee = %s",
            [table, settings.APP_ROLE],
        )
        return {row[0] for row in cursor.fetchall()}


def test_there_are_facts() -> None:
    assert {"leads_answer", "leads_lifecyclechange", "leads_gatechange"} <= set(append_only_tables())


@pytest.mark.parametrize("act", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {}", "DROP TABLE {}"])
def test_no_fact_can_be_changed(act: str) -> None:
    statement = sql.SQL(act).format(sql.Identifier("leads_answer"))
    with connection.cursor() as cursor, pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
        cursor.execute(statement)


def test_each_table_has_exactly_its_rights() -> None:
    facts = set(append_only_tables())
    tables = set(connection.introspection.table_names())
    assert facts <= tables
    for table in sorted(tables - {"django_migrations"}):
        expected = {"SELECT", "INSERT"} if table in facts else {"SELECT", "INSERT", "UPDATE", "DELETE"}
        assert rights_on(table) == expected, table
    assert rights_on("django_migrations") == {"SELECT"}


def test_the_app_is_no_superuser_and_makes_nothing() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolname, rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user"
        )
        assert cursor.fetchone() == (settings.APP_ROLE, False, False, False)


@pytest.mark.django_db(transaction=True)
def test_granting_again_changes_nothing_and_a_table_that_became_a_fact_loses_its_rights(
    test_database: TestDatabase,
) -> None:
    with as_owner(test_database.name), connection.cursor() as cursor:
        cursor.execute(sql.SQL("GRANT UPDATE ON leads_answer TO {}").format(sql.Identifier(settings.APP_ROLE)))
        assert "UPDATE" in rights_on("leads_answer")
        call_command("grant_app_role", verbosity=0)
        call_command("grant_app_role", verbosity=0)
        assert rights_on("leads_answer") == {"SELECT", "INSERT"}


@pytest.mark.django_db(transaction=True)
def test_a_role_that_is_missing_or_the_owner_is_refused(test_database: TestDatabase) -> None:
    with as_owner(test_database.name):
        with pytest.raises(CommandError, match="There is no role nobody_at_all"):
            call_command("grant_app_role", role="nobody_at_all")
        with pytest.raises(CommandError, match="name the same role"):
            call_command("grant_app_role", role=connection.settings_dict["USER"])


@pytest.fixture
def ascii_database(transactional_db: None) -> Iterator[str]:
    """A database whose lower() knows ASCII only, as plain `LC_CTYPE=C` makes it."""
    name = f"leadqual_ascii_{secrets.token_hex(4)}"
    with server(settings.OWNER_DATABASE) as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int")
        (version,) = cursor.fetchone() or (0,)
        plain = "LC_COLLATE 'C' LC_CTYPE 'C'" + (" LOCALE_PROVIDER libc" if version >= 150000 else "")
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' {plain}")
        yield name
        drop_database(cursor, name)


def test_a_database_that_knows_ascii_only_is_refused(ascii_database: str) -> None:
    before = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = ascii_database
    try:
        (error,) = knows_every_script(None, ["default"])
    finally:
        connections.close_all()
        connection.settings_dict["NAME"] = before
    assert isinstance(error, Error)
    assert "cannot lower-case 'Ж'" in error.msg
    assert "C.UTF-8" in str(error.hint)


def test_our_own_database_passes() -> None:
    assert knows_every_script(None, ["default"]) == []
