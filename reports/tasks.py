"""Thin Celery tasks. The broker only wakes them; what there is to do stands in PostgreSQL."""

import logging

from celery import shared_task
from kombu.exceptions import OperationalError

from reports import snapshots

log = logging.getLogger(__name__)


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
    """Tell a worker that there is something to do. Without a broker the next sweep finds it."""
    try:
        compute_asked.delay()
    except OperationalError:
        log.warning("The broker cannot be reached; the next sweep computes the report.")
