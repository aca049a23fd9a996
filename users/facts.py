"""What every fact has in common: two times, and that nothing overwrites it (decisions.md 19).

A fact is a row that says something happened. The application's database role may insert and read facts, never
change or delete them; `append_only_tables` is the one list of them, from which the grants are made.
"""

from datetime import datetime
from typing import Self, TypeVar

from django.apps import apps
from django.db import connection, models
from django.db.models import Q

M = TypeVar("M", bound=models.Model)


class DatabaseClock(models.Func):
    """The database's wall clock at the instant the row is written.

    Not `now()`: that is the start of the transaction, and a transaction that waited for a lock would date its fact
    before the one it waited for.
    """

    function = "clock_timestamp"
    template = "%(function)s()"
    output_field = models.DateTimeField()


def database_now() -> datetime:
    """The database's wall clock, time zone aware. The only clock that rules are given."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment


class FactQuerySet(models.QuerySet[M]):
    def known_by(self, moment: datetime) -> Self:
        """Facts that were known at the moment and had happened by then; an unknown date counts as happened."""
        return self.filter(Q(occurred_at__isnull=True) | Q(occurred_at__lte=moment), known_at__lte=moment)


class Fact(models.Model):
    """Base of every append-only table."""

    # When it happened in the world. Empty means that nobody knows.
    occurred_at = models.DateTimeField(null=True, blank=True)
    # When the database took it in.
    recorded_at = models.DateTimeField(db_default=DatabaseClock(), editable=False)
    # From when on the product may use it: recorded_at, or in a history import the date it happened.
    known_at = models.DateTimeField(db_default=DatabaseClock(), editable=False)

    class Meta:
        abstract = True


def append_only_tables() -> list[str]:
    """Names of the tables that the application's role may only read and append to, sorted.

    They are the tables of all facts, and the field histories that database triggers write.
    """
    facts = {model._meta.db_table for model in apps.get_models() if issubclass(model, Fact)}
    histories = {model._meta.db_table for model in apps.get_models() if hasattr(model, "pgh_tracked_model")}
    return sorted(facts | histories)
