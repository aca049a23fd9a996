"""Checks of the database that run before a migration, and by `manage.py check --database default`."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections


@register(Tags.database)
def knows_every_script(app_configs: Any, databases: Sequence[str] | None, **kwargs: Any) -> list[CheckMessage]:
    """An error for each database whose lower() knows ASCII only: searches would miss Cyrillic and Greek names."""
    errors: list[CheckMessage] = []
    for alias in databases or []:
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT lower('Ж') = 'ж', current_database()")
            fine, name = cursor.fetchone()
        if not fine:
            errors.append(
                Error(
                    f"The database {name} cannot lower-case 'Ж'.",
                    hint=f"Make it anew with a Unicode LC_CTYPE: CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'",
                    id="users.E001",
                )
            )
    return errors
