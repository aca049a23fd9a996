"""After many rows at once the planner must learn of them, or reports choose plans for an almost empty database."""

from django.db import connection


def refresh_statistics() -> None:
    """ANALYZE the tables that imports fill, by a function of the owner's: the app's role may not (intake/0003)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT intake_analyze_imported()")
