"""Thin Celery tasks. The broker only wakes them; what there is to do stands in PostgreSQL."""

from celery import shared_task

from leads import sweeping
from scoring.models import Policy
from users.dirty import wake


@shared_task
def sweep() -> None:
    """Every half minute, and whenever a write left work."""
    sweeping.sweep()


@shared_task
def rescore_everything() -> None:
    """Every night: what no due moment foretold, such as a registered attribute that came to be known."""
    sweeping.mark_everything()
    sweeping.sweep()


def leave_everything() -> None:
    """Leave a full rescore to the workers and wake them: for a write after which every score may be another."""
    sweeping.mark_everything()
    wake(sweep.delay)


def leave_what_it_judges(_policy: Policy) -> None:
    """Leave to the workers, and wake them, what is scored under another policy than the one now in force.

    A policy that begins later is found by the sweep when it does.
    """
    if sweeping.mark_other_policies():
        wake(sweep.delay)
