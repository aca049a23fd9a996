"""Give the app's role the rights it needs, and no more."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from psycopg2 import sql

from users.facts import append_only_tables


class Command(BaseCommand):
    help = "Grants the app's role its rights on every table, read and append only on facts. Runs as the owner, after migrate; again does no harm."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--role", default=settings.APP_ROLE, help="the app's role (default: the one in DATABASE_URL)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        role: str = options["role"]
        owner = connection.settings_dict["USER"]
        if role == owner:
            raise CommandError(
                f"DATABASE_URL and DATABASE_OWNER_URL name the same role ({role}), so nothing would keep the app from changing facts. "
                "Make a second role without rights of its own and name it in DATABASE_URL; docs/operating.md shows how."
            )
        self.refuse_powerful(role)
        with connection.cursor() as cursor:
            for statement in grants(role, owner):
                cursor.execute(statement)
        if options["verbosity"] > 1:
            self.stdout.write(
                f"{role}: read and append on {len(append_only_tables())} tables of facts, read and write on the others"
            )

    def refuse_powerful(self, role: str) -> None:
        """Raise CommandError for a role that is missing, or that no grant could hold back."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = %s", [role])
            found = cursor.fetchone()
        if found is None:
            raise CommandError(
                f"There is no role {role}. As an administrator of the server: CREATE ROLE {role} LOGIN PASSWORD '...'"
            )
        if any(found):
            raise CommandError(
                f"The role {role} is a superuser or may make roles or databases; the app's role must not. "
                f"ALTER ROLE {role} NOSUPERUSER NOCREATEDB NOCREATEROLE"
            )


def grants(role: str, owner: str) -> list[sql.Composed]:
    """The statements, in order. Everything is taken back first, so that a table that became a fact loses its old rights."""
    names = {"role": sql.Identifier(role), "owner": sql.Identifier(owner)}
    whole_schema = [
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC, {role}",
        "GRANT USAGE ON SCHEMA public TO {role}",
        "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
        "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
        "REVOKE INSERT, UPDATE, DELETE ON TABLE django_migrations FROM {role}",
    ]
    facts = ["REVOKE ALL ON TABLE {table} FROM {role}", "GRANT SELECT, INSERT ON TABLE {table} TO {role}"]
    return [
        *(sql.SQL(text).format(**names) for text in whole_schema),
        *(
            sql.SQL(text).format(table=sql.Identifier(table), **names)
            for table in append_only_tables()
            for text in facts
        ),
    ]
