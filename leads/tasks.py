"""Thin Celery tasks. The broker only wakes them; what there is to do stands in PostgreSQL."""

from celery import shared_task

from leads import sweeping


@shared_task
def sweep() -> None:
    """Every minute, and whenever a write left work."""
    sweeping.sweep()


@shared_task
def rescore_everything() -> None:
    """Every night: what no due moment foretold, such as a registered attribute that came to be known."""
    sweeping.mark_everything()
    sweeping.sweep()
