"""Thin Celery tasks. The broker only wakes them; what there is to do stands in PostgreSQL."""

from celery import shared_task

from users.api.once import forget_old_keys
from users.facts import database_now


@shared_task
def forget_keys() -> None:
    """Every night: Idempotency-Keys that nobody repeats any more."""
    forget_old_keys(database_now())
