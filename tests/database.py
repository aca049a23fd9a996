"""The test database: made and migrated by the owner, used by the app's role, as in production.

The app's role gets one right more than in production: TRUNCATE, so that a test that commits can be cleaned up after.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test.utils import setup_databases, teardown_databases
from psycopg2 import sql


@contextmanager
def as_owner() -> Iterator[None]:
    """Let the default connection be the owner's for a while."""
    if settings.OWNER_DATABASE is None:
        pytest.exit("DATABASE_OWNER_URL is not set: the tests make their database as its owner and run as the app's role.", returncode=2)
    app = {key: connection.settings_dict[key] for key in ("USER", "PASSWORD", "HOST", "PORT", "OPTIONS")}
    connection.close()
    connection.settings_dict.update({key: settings.OWNER_DATABASE[key] for key in app} | {"OPTIONS": {**app["OPTIONS"], "options": "-c lock_timeout=5000"}})
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(app)


@contextmanager
def a_test_database(*, verbosity: int, keepdb: bool) -> Iterator[None]:
    """A migrated database under Django's test name, and the default connection in it as the app's role."""
    with as_owner():
        made: Any = setup_databases(verbosity=verbosity, interactive=False, keepdb=keepdb)
        call_command("grant_app_role", verbosity=0)
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("GRANT TRUNCATE ON ALL TABLES IN SCHEMA public TO {}").format(sql.Identifier(settings.APP_ROLE)))
    try:
        yield
    finally:
        with as_owner():
            teardown_databases(made, verbosity=verbosity, keepdb=keepdb)
