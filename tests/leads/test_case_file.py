"""A lead's case file is opened, edited by two people, switched to another kind of sale, archived."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from leads.casefile import archive, edit_case, open_case, restore, switch_context
from leads.lifecycle import Stage
from leads.models import Checklist, Handoff, Lead, LeadSource, OwnerChange, Score
from leads.ownership import assign
from tests.factories import make_account, make_lead
from tests.leads.answering import BEST_DIRECT, answer, answer_all, checklist_of
from tests.leads.queueing import make_offered, moves_of, raise_hand
from users.conflicts import StaleVersion
from users.facts import database_now
from users.models import SalesContext, Team, User, Workspace
from users.rights import Forbidden


def test_a_representative_opens_a_lead_and_keeps_it(alice: User) -> None:
    lead = open_case({"name": "  Kari Nordmann ", "company": "Nordvik", "email": "kari@nordvik.no"}, by=alice)
    assert (lead.name, lead.owner, lead.team, lead.stage) == ("Kari Nordmann", alice, alice.team, Stage.LEAD)
    assert moves_of(lead) == [("", "lead", "person")]
    assert OwnerChange.objects.get(lead=lead).owner == alice
    checklist = Checklist.objects.get(lead=lead)
    assert checklist.context.code == "direct"
    assert checklist.question_set.questions.count() == 14
    score = Score.objects.get(checklist=checklist)
    assert (score.owner, score.listed) == (alice, True)
    assert score.low == 0


def test_one_of_five_things_is_needed(alice: User) -> None:
    for field in ("name", "company", "email", "phone", "external_id"):
        value = "a@b.no" if field == "email" else "x"
        assert open_case({field: value}, by=alice).pk
    with pytest.raises(ValidationError, match="at least one of"):
        open_case({"name": "   ", "city": "Oslo"}, by=alice)


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("email", "kari at nordvik", "write it as name@company.com"),
        ("name", "x" * 201, "at most 200"),
        ("company", "Nord\x00vik", "invisible character"),
        ("employees", -1, "greater than or equal to 0"),
        ("employees", "many", "integer"),
        ("revenue", "1" * 20, "digits"),
        ("attributes", {"shoe_size": 44}, "not a registered field"),
        ("attributes", {"competitor": "yes"}, "must be: yes or no"),
        ("stage", "customer", "no such field"),
        ("nonsense", 1, "no such field"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_field_and_nothing_is_written(
    alice: User, field: str, value: Any, says: str
) -> None:
    with pytest.raises(ValidationError, match=says) as refused:
        open_case({"name": "Kari", field: value}, by=alice)
    assert field in refused.value.message_dict
    assert not Lead.objects.exists()


def test_an_external_id_is_taken_once(alice: User) -> None:
    open_case({"external_id": "A-1"}, by=alice)
    with pytest.raises(ValidationError, match="already exists"):
        open_case({"external_id": "A-1"}, by=alice)


def test_a_lead_of_a_managed_account_goes_to_its_manager_first(alice: User, maria: User) -> None:
    make_account("Nordvik", manager=alice, domain="nordvik.no")
    from_form = open_case({"name": "Kari", "email": "kari@nordvik.no"}, by=None)
    from_marketing = open_case({"name": "Ola", "company": "NORDVIK"}, by=maria)
    stranger = open_case({"name": "Per", "email": "per@gmail.com"}, by=maria)
    assert [lead.owner for lead in (from_form, from_marketing, stranger)] == [alice, alice, None]
    assert from_form.team == alice.team


def test_the_second_of_two_editors_gets_both_values(alice: User, bob: User) -> None:
    lead = open_case({"name": "Kari"}, by=alice)
    edit_case(lead, {"city": "Oslo"}, version=lead.version, by=alice)
    with pytest.raises(StaleVersion) as stale:
        edit_case(lead, {"city": "Bergen"}, version=lead.version, by=bob)
    assert [(d.field, d.theirs, d.yours) for d in stale.value.differences()] == [("city", "Oslo", "Bergen")]
    edited = edit_case(lead, {"city": "Bergen"}, version=stale.value.version, by=bob)
    assert edited.city == "Bergen"


def test_an_edit_moves_fit_and_the_gates_at_once(alice: User) -> None:
    lead = make_lead(alice)
    answer_all(
        checklist_of(lead),
        {code: "yes" for code in list(BEST_DIRECT) if code not in ("budget", "decision_date", "pain")},
        by=alice,
    )
    assert Lead.objects.get(pk=lead.pk).stage == Stage.LEAD
    facts = {
        "industry": "Retail",
        "employees": 400,
        "revenue": 9_000_000,
        "seniority": "Director",
        "department": "Operations",
        "country": "Norway",
    }
    edit_case(lead, facts, version=None, by=alice)
    score = Score.objects.get(lead=lead, listed=True)
    assert score.fit is not None
    assert score.fit >= 50
    assert Lead.objects.get(pk=lead.pk).stage == Stage.MQL
    edit_case(lead, {"attributes": {"competitor": True}}, version=None, by=alice)
    assert Lead.objects.get(pk=lead.pk).stage == Stage.LEAD


def test_a_revenue_keeps_the_currency_that_it_was_told_in(alice: User, workspace: Workspace) -> None:
    lead = open_case({"name": "Anna", "revenue": Decimal(9), "currency": "USD"}, by=alice)
    other = open_case({"name": "Bert", "revenue": Decimal(9)}, by=alice)
    nothing = open_case({"name": "Carl", "currency": "USD"}, by=alice)
    workspace.currency = "NOK"
    workspace.save()
    for each in (lead, other, nothing):
        each.refresh_from_db()
    assert [each.currency for each in (lead, other, nothing)] == ["USD", "EUR", ""]
    edit_case(lead, {"revenue": Decimal(10)}, version=None, by=alice)
    edit_case(nothing, {"revenue": Decimal(10)}, version=None, by=alice)
    edit_case(other, {"revenue": None}, version=None, by=alice)
    for each in (lead, other, nothing):
        each.refresh_from_db()
    assert [each.currency for each in (lead, other, nothing)] == ["USD", "", "NOK"]
    with pytest.raises(ValidationError, match="three capital letters"):
        edit_case(lead, {"currency": "kr"}, version=None, by=alice)


def test_switching_the_kind_of_sale_keeps_what_was_answered(alice: User) -> None:
    lead = make_lead(alice)
    direct, channel = SalesContext.objects.get(code="direct"), SalesContext.objects.get(code="channel")
    answer(checklist_of(lead), "budget", "set_aside", by=alice)
    low = Score.objects.get(lead=lead, listed=True).low
    switched = switch_context(lead, channel, by=alice)
    assert switched.question_set.questions.count() == 17
    assert Score.objects.get(lead=lead, listed=True).checklist == switched
    assert switch_context(lead, channel, by=alice) == switched
    back = switch_context(lead, direct, by=alice)
    assert (back.answers.count(), Score.objects.get(lead=lead, listed=True).low) == (1, low)
    assert Checklist.objects.filter(lead=lead).count() == 2


def test_an_archived_lead_leaves_the_lists_and_the_queue_and_comes_back(alice: User) -> None:
    handoff = make_offered(alice)
    archive(handoff.lead, by=alice)
    handoff.refresh_from_db()
    assert handoff.state == Handoff.State.WITHDRAWN
    assert not Score.objects.listed().filter(lead=handoff.lead_id).exists()
    assert not Lead.objects.active().filter(pk=handoff.lead_id).exists()
    restore(handoff.lead, by=alice)
    assert Score.objects.listed().filter(lead=handoff.lead_id).exists()
    assert Handoff.objects.offered().filter(lead=handoff.lead_id).exists()


def test_an_edit_does_not_quarrel_with_a_gate_that_turned_meanwhile(alice: User, maria: User, charlie: User) -> None:
    lead = make_lead(alice)
    read = lead.version
    raise_hand(lead)
    assign(lead, charlie, by=maria)
    assert edit_case(lead, {"city": "Oslo"}, version=read, by=charlie).city == "Oslo"
    assert Lead.objects.get(pk=lead.pk).stage == Stage.MQL


def test_who_works_and_who_edits(
    alice: User, bob: User, charlie: User, dora: User, maria: User, carmen: User, ada: User
) -> None:
    lead = make_lead(alice)
    for other in (charlie, dora, carmen):
        with pytest.raises(Forbidden, match="Only Alice"):
            edit_case(lead, {"city": "Oslo"}, version=None, by=other)
    for number, editor in enumerate((alice, bob, maria, ada)):
        edit_case(lead, {"city": f"Town {number}"}, version=None, by=editor)
    with pytest.raises(Forbidden):
        switch_context(lead, SalesContext.objects.get(code="channel"), by=maria)
    with pytest.raises(Forbidden, match="created by sales and marketing"):
        open_case({"name": "Kari"}, by=carmen)


def test_giving_a_lead_to_somebody(alice: User, bob: User, charlie: User, maria: User, carmen: User) -> None:
    lead = make_lead(None, team=alice.team)
    assign(lead, alice, by=alice)  # takes what nobody owns
    for by, owner in [(alice, charlie), (bob, charlie), (charlie, charlie)]:
        with pytest.raises(Forbidden):
            assign(lead, owner, by=by)
    assign(lead, bob, by=bob)
    assign(lead, charlie, by=maria)
    lead.refresh_from_db()
    assert (lead.owner, lead.team) == (charlie, charlie.team)
    with pytest.raises(ValidationError, match="does not sell"):
        assign(lead, carmen, by=maria)
    assign(lead, None, by=maria)
    lead.refresh_from_db()
    assert (lead.owner, lead.team) == (None, charlie.team)
    assert [change.owner for change in OwnerChange.objects.filter(lead=lead).order_by("id")] == [
        None,
        alice,
        bob,
        charlie,
        None,
    ]
    assert Score.objects.get(lead=lead, listed=True).team == charlie.team


def test_an_open_hand_off_goes_along_with_its_lead(alice: User, maria: User) -> None:
    handoff = make_offered(alice)
    assign(handoff.lead, None, by=maria, team=Team.objects.get(name="South"))
    handoff.refresh_from_db()
    assert (handoff.team, handoff.version) == (Team.objects.get(name="South"), 2)


def test_a_change_of_owner_may_be_dated_back(alice: User, maria: User) -> None:
    lead = make_lead(alice)
    earlier = database_now() - timedelta(days=10)
    assign(lead, None, by=maria, at=earlier)
    assert OwnerChange.objects.latest("id").occurred_at == earlier


def test_source_and_campaign_are_copied_into_the_list(alice: User) -> None:
    lead = make_lead(alice)
    edit_case(lead, {"source": LeadSource.objects.get(code="fair")}, version=None, by=alice)
    assert Score.objects.get(lead=lead, listed=True).source == LeadSource.objects.get(code="fair")
