"""Thin Celery tasks. The broker only wakes them; what there is to do stands in PostgreSQL."""

from celery import shared_task

from leads import sweeping
from leads.models import GateChange


@shared_task
def sweep() -> None:
    """Every minute, and whenever a write left work."""
    sweeping.sweep()


@shared_task
def rescore_piece(context_id: int, first: int, last: int) -> None:
    """One piece of a full rescore."""
    sweeping.rescore_piece(context_id, first, last, cause=GateChange.Cause.TIME)


@shared_task
def rescore_all() -> None:
    """Every night: what no due moment foretold, such as a registered attribute that came to be known."""
    for context_id, first, last in sweeping.ranges():
        rescore_piece.delay(context_id, first, last)
