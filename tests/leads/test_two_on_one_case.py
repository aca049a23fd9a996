"""A person and the background meet on one lead: whoever waited judges it by what stands after the wait."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TypeVar

import pytest
from django.db import connection, transaction

from leads.advancing import advance
from leads.casefile import switch_context
from leads.handoff import reject
from leads.lifecycle import Cause, Stage
from leads.locking import lock_checklists
from leads.models import Checklist, GateChange, Handoff, Lead, RejectionReason, Score
from leads.moving import Moved, append_moves
from leads.scores import BLOCK, rescore_block
from tests.factories import make_lead
from tests.leads.answering import checklist_of
from tests.leads.queueing import make_offered, moves_of
from tests.waiting import PATIENCE_SECONDS, until_somebody_waits
from users.facts import database_now
from users.models import SalesContext, User

pytestmark = pytest.mark.django_db(transaction=True)
Found = TypeVar("Found")


def elsewhere(act: Callable[[], Found]) -> Callable[[], Found]:
    """The act on a connection of its own, to be run in a thread."""

    def run() -> Found:
        try:
            return act()
        finally:
            connection.close()

    return run


def test_a_sweep_that_waited_for_a_rejection_sees_the_decision(alice: User) -> None:
    """The gate still holds, so the lead would be an MQL again at once, if the decision were not seen."""
    handoff = make_offered(alice)
    reason = RejectionReason.objects.get(code="wrong_person")
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            reject(handoff, reason, by=alice, version=1)
            waiting = pool.submit(elsewhere(lambda: advance([handoff.lead_id])))
            until_somebody_waits()
        assert waiting.result(timeout=PATIENCE_SECONDS) == []
    assert Lead.objects.get(pk=handoff.lead_id).stage == Stage.LEAD
    assert moves_of(handoff.lead)[-1] == ("mql", "lead", "person")
    assert not Handoff.objects.undecided().exists()


def test_a_full_rescore_beside_a_move_writes_the_new_stage(alice: User) -> None:
    lead = make_lead(alice)
    checklist = checklist_of(lead)
    Score.objects.filter(lead=lead).update(low=99)  # so that the rescore has something to write
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            Lead.objects.select_for_update(no_key=True).get(pk=lead.pk)
            move = Moved(
                lead.pk, Stage.LEAD, Stage.NURTURE, Cause.PERSON, nurture_until=database_now().date() + timedelta(9)
            )
            append_moves([move], at=database_now())
            waiting = pool.submit(elsewhere(lambda: rescore_block(checklist.pk // BLOCK, cause=GateChange.Cause.TIME)))
            until_somebody_waits()
            lock_checklists([checklist.pk])  # as whoever moved the lead does next, to score it
        assert waiting.result(timeout=PATIENCE_SECONDS).changed >= 1
    score = Score.objects.get(lead=lead)
    assert score.stage == Stage.NURTURE and score.low == 0


def test_the_checklists_of_a_lead_are_locked_together(alice: User) -> None:
    """A rescore of a block locks them in order of id; an answer that held one and reached for the other could meet it."""
    lead = make_lead(alice)
    second = switch_context(lead, SalesContext.objects.get(code="channel"), by=alice)

    def free() -> list[int]:
        with transaction.atomic():
            rows = Checklist.objects.filter(lead=lead).select_for_update(skip_locked=True, no_key=True)
            return list(rows.values_list("pk", flat=True))

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            lock_checklists([second.pk])
            assert pool.submit(elsewhere(free)).result(timeout=PATIENCE_SECONDS) == []
        assert len(pool.submit(elsewhere(free)).result(timeout=PATIENCE_SECONDS)) == 2
