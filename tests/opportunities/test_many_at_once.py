"""Several people work on one lead at the same moment: nobody's write is lost, and nobody waits in a circle."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from leads.casefile import edit_case
from leads.lifecycle import Stage
from leads.models import Answer, Lead
from leads.ownership import assign
from opportunities.conversion import ConversionChoice, convert, undo
from opportunities.models import Conversion, Opportunity
from opportunities.pipeline import close_won, move_to_stage
from tests.factories import make_account, make_lead
from tests.leads.answering import answer, checklist_of
from tests.leads.queueing import make_sql
from users.conflicts import StaleVersion
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


def test_of_two_who_save_one_lead_the_second_gets_both_values(alice: User, bob: User) -> None:
    lead = make_lead(alice)
    results = at_once(
        lambda: edit_case(lead, {"city": "Oslo"}, version=lead.version, by=alice),
        lambda: edit_case(lead, {"city": "Bergen"}, version=lead.version, by=bob),
    )
    [stale] = [result for result in results if isinstance(result, StaleVersion)]
    assert {stale.differences()[0].theirs, stale.differences()[0].yours} == {"Oslo", "Bergen"}
    assert Lead.objects.get(pk=lead.pk).city == stale.differences()[0].theirs


def test_converting_answering_assigning_and_editing_at_once(alice: User, bob: User) -> None:
    lead = make_sql(alice)
    account = make_account("Nordvik", manager=alice)
    checklist = checklist_of(lead)
    results = at_once(
        lambda: convert(lead, ConversionChoice(account=account), by=bob),
        lambda: answer(checklist, "budget", "can_be_found", by=bob),
        lambda: assign(lead, bob, by=bob),
        lambda: edit_case(lead, {"city": "Oslo"}, version=None, by=bob),
    )
    assert not [result for result in results if isinstance(result, Exception)], results
    fresh = Lead.objects.get(pk=lead.pk)
    assert (fresh.stage, fresh.owner, fresh.city, fresh.account) == (Stage.OPPORTUNITY, bob, "Oslo", account)
    assert (
        Answer.objects.filter(checklist=checklist, question__code="budget").latest("id").choice.code == "can_be_found"
    )


def test_undo_and_a_move_of_the_deal_at_once_never_both_succeed(alice: User) -> None:
    for _round in range(3):
        lead = make_sql(alice)
        conversion = convert(lead, ConversionChoice(account_manager=alice, amount=Decimal(5)), by=alice)
        deal = conversion.opportunity
        assert deal is not None
        proposal = deal.pipeline.stages.get(code="proposal")
        results = at_once(
            lambda conversion=conversion: undo(conversion, by=alice),
            lambda deal=deal, proposal=proposal: move_to_stage(deal, proposal, by=alice),
        )
        undone = Conversion.objects.filter(undoes=conversion).exists()
        moved = Opportunity.objects.get(pk=deal.pk).stage == proposal
        assert undone != moved, results
        assert Lead.objects.get(pk=lead.pk).stage == (Stage.SQL if undone else Stage.OPPORTUNITY)


def test_two_deals_of_one_account_won_at_once_make_one_customer(alice: User) -> None:
    account = make_account("Nordvik", manager=alice)
    deals = [convert(make_sql(alice), ConversionChoice(account=account), by=alice).opportunity for _ in range(2)]
    results = at_once(*[lambda deal=deal: close_won(deal, Decimal(1), by=alice) for deal in deals])
    assert not [result for result in results if isinstance(result, Exception)], results
    account.refresh_from_db()
    assert account.type.code == "customer"
    assert set(Lead.objects.filter(account=account).values_list("stage", flat=True)) == {Stage.CUSTOMER}
