"""Thin Celery tasks. The broker only wakes them; what there is to do stands in PostgreSQL."""

from celery import shared_task

from reports import snapshots
from users import dirty


@shared_task
def compute_asked() -> None:
    """Whenever somebody asks for a fresh report, and every minute for what a lost message forgot."""
    while snapshots.compute_asked():
        pass


@shared_task
def refresh() -> None:
    """Every minute: what was kept too long, and what was asked for."""
    snapshots.mark_stale()
    compute_asked()


def wake() -> None:
    """Have a worker compute what was asked for, once it is committed."""
    dirty.wake(compute_asked.delay)
