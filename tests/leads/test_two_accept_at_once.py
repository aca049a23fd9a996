"""Two people press at the same moment, in transactions of their own."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from leads.handoff import HandoffTaken, accept, recycle, reject
from leads.models import Handoff, HandoffChange, Lead, LifecycleChange, RejectionReason
from tests.leads.queueing import make_offered
from users.facts import database_now
from users.models import User

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts: Any) -> list[Any]:
    """Run the acts in threads that start together; each result is what the act returned or raised."""
    barrier = Barrier(len(acts))

    def run(act: Any) -> Any:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=20)
            return act()
        except Exception as raised:
            return raised
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_of_two_who_accept_one_wins_and_the_other_is_told(alice: User, bob: User) -> None:
    for _round in range(5):
        handoff = make_offered(None, team=alice.team)
        mine, theirs = Handoff.objects.get(pk=handoff.pk), Handoff.objects.get(pk=handoff.pk)
        results = at_once(
            lambda mine=mine: accept(mine, by=alice, version=1), lambda theirs=theirs: accept(theirs, by=bob, version=1)
        )
        losers = [result for result in results if isinstance(result, HandoffTaken)]
        assert len(losers) == 1, results
        decided = Handoff.objects.get(pk=handoff.pk)
        assert losers[0].handoff.decided_by == decided.decided_by
        assert Lead.objects.get(pk=handoff.lead_id).owner == decided.decided_by
        assert HandoffChange.objects.filter(handoff=handoff, to_state="accepted").count() == 1
        assert LifecycleChange.objects.filter(lead=handoff.lead_id, to_stage="sal").count() == 1


def test_accept_reject_and_recycle_at_once_leave_one_decision(alice: User, bob: User, maria: User) -> None:
    handoff = make_offered(alice)
    reason = RejectionReason.objects.get(code="no_fit")
    later = database_now().date() + timedelta(days=30)
    seen = [Handoff.objects.get(pk=handoff.pk) for _ in range(3)]
    results = at_once(
        lambda: accept(seen[0], by=alice, version=1),
        lambda: reject(seen[1], reason, by=bob, version=1),
        lambda: recycle(seen[2], later, by=maria, version=1),
    )
    assert sorted(type(result).__name__ for result in results) == ["Handoff", "HandoffTaken", "HandoffTaken"], results
    assert HandoffChange.objects.filter(handoff=handoff).exclude(from_state="").count() == 1
    assert LifecycleChange.objects.filter(lead=handoff.lead_id, from_stage="mql").count() == 1
