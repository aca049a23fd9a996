"""A policy that turns many gates opens many hand-offs: with as many statements as it takes for one."""

import pytest
from pytest_django import DjangoAssertNumQueries

from leads.lifecycle import Cause, Stage
from leads.models import BehaviourEvent, Handoff, HandoffChange, Lead
from leads.moving import Moved, append_moves
from leads.offering import offer, withdraw
from tests.factories import make_lead
from tests.leads.answering import checklist_of
from users.facts import database_now
from users.models import User

# Who is offered already, the leads, their checklists; the moment with its policy, the scores with their reasons; the
# policy again, who raised a hand, the workspace; the hand-offs and their changes.
STATEMENTS = 10


@pytest.mark.parametrize("many", [1, 50])
def test_fifty_offers_take_as_many_statements_as_one(
    alice: User, django_assert_num_queries: DjangoAssertNumQueries, many: int
) -> None:
    leads = [make_lead(alice, answers={"budget": "set_aside"} if number % 2 else None) for number in range(many)]
    answered = {lead.pk for number, lead in enumerate(leads) if number % 2}
    BehaviourEvent.objects.create(lead=leads[0], kind="quote_requested", occurred_at=database_now())
    append_moves([Moved(lead.pk, Stage.LEAD, Stage.MQL, Cause.IMPORT) for lead in leads], at=database_now())
    offer([make_imported_mql(alice).pk], at=database_now())  # what is read once a process is read
    now = database_now()
    with django_assert_num_queries(STATEMENTS):
        opened = offer([lead.pk for lead in leads], at=now)
    assert [handoff.lead_id for handoff in opened] == [lead.pk for lead in leads]
    assert HandoffChange.objects.filter(handoff__in=opened, from_state="", to_state="offered").count() == many
    for handoff, lead in zip(opened, leads, strict=True):
        kept = Handoff.objects.get(pk=handoff.pk)
        assert (kept.checklist, kept.team, kept.state) == (checklist_of(lead), alice.team, "offered")
        assert kept.frozen["lead"] == lead.pk
        told = [row for row in kept.frozen["ledger"] if row["part"] == "qualification" and row["points"]]
        assert bool(told) is bool(lead.pk in answered), "each has the reasons of its own score"
        assert kept.accept_due is not None
    assert opened[0].because == "Raised a hand: Asked for a quote."
    assert all("Raised a hand" not in handoff.because for handoff in opened[1:])


@pytest.mark.parametrize("many", [1, 20])
def test_many_are_withdrawn_with_three_statements(
    alice: User, django_assert_num_queries: DjangoAssertNumQueries, many: int
) -> None:
    ids = [make_imported_mql(alice).pk for _ in range(many)]
    now = database_now()
    offer(ids, at=now)
    with django_assert_num_queries(3):
        assert withdraw(ids, at=now) == many
    kept = set(Handoff.objects.values_list("state", "decided_at", "version"))
    assert kept == {("withdrawn", now, 2)}
    changes = HandoffChange.objects.filter(from_state="offered", to_state="withdrawn", occurred_at=now)
    assert changes.values("handoff").distinct().count() == many


def make_imported_mql(owner: User) -> Lead:
    lead = make_lead(owner)
    append_moves([Moved(lead.pk, Stage.LEAD, Stage.MQL, Cause.IMPORT)], at=database_now())
    return lead
