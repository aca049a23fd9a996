"""What follows for leads when a policy is published: sums for what it counts anew, and scores under it."""

from leads import tasks
from leads.behaviour import kinds_of
from leads.sweeping import mark_sums
from scoring.models import Policy
from users.dirty import wake
from users.facts import database_now
from users.models import SalesContext


def follow(policy: Policy) -> None:
    """Leave to the background what a new policy needs; part of the transaction that publishes it.

    The sweep finds every score under another policy than the one in force, also of a policy that begins later.
    """
    if kinds_of(policy).keys() - _kept_before(policy):
        mark_sums()
        wake(tasks.sweep.delay)
    tasks.leave_what_it_judges(policy)


def _kept_before(policy: Policy) -> set[tuple[str, float]]:
    """(kind, half-life in days) of which sums are kept already, for other policies that are or will be in force."""
    now = database_now()
    others = Policy.objects.exclude(pk=policy.pk)
    kept = list(others.filter(in_force_from__gt=now))
    for context in SalesContext.objects.all():
        kept += others.filter(context=context, in_force_from__lte=now).newest_first()[:1]
    return {kind for each in kept for kind in kinds_of(each)}
