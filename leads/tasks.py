"""Thin Celery tasks. The broker only wakes them; what there is to do stands in PostgreSQL."""

import time

from celery import shared_task
from django.db import transaction

from leads import impact, sweeping
from leads.moving_checklists import order_move
from scoring.models import Policy, QuestionSet
from users.dirty import wake
from users.models import User

COMPARING_SECONDS = 45  # then the worker is free for others; what is left goes on in the next task


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


def leave_move(target: QuestionSet, *, by: User) -> int:
    """Leave to the workers, and wake them, to move open checklists to the set; returns how many there are.

    Raises Forbidden, MovingRefused.
    """
    with transaction.atomic():
        found = order_move(target, by=by)
        wake(sweep.delay)
    return found


def leave_what_it_judges(_policy: Policy) -> None:
    """Leave to the workers, and wake them, what is scored under another policy than the one now in force.

    A policy that begins later is found by the sweep when it does.
    """
    if sweeping.mark_other_policies():
        wake(sweep.delay)


@shared_task
def compare_drafts() -> None:
    """Whenever somebody asks for the impact of a draft, and every minute for what a lost message forgot."""
    until = time.monotonic() + COMPARING_SECONDS
    while impact.compare_asked():
        if time.monotonic() > until:
            wake(compare_drafts.delay)
            return
