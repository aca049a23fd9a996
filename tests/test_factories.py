"""The rows that tests stand on are as the product would make them."""

from leads.lifecycle import Stage
from leads.models import Answer, Score
from opportunities.models import Opportunity, StageChange
from tests.factories import (
    make_account,
    make_campaign,
    make_contact,
    make_event,
    make_lead,
    make_opportunity,
    make_product,
)
from tests.leads.answering import BEST_DIRECT
from users.models import Team, User


def test_everybody_stands_where_the_story_says(
    alice: User, bob: User, charlie: User, dora: User, maria: User, carmen: User, ada: User
) -> None:
    north, south = Team.objects.get(name="North"), Team.objects.get(name="South")
    assert (alice.team, bob.team, charlie.team, dora.team) == (north, north, south, south)
    assert (north.manager, south.manager) == (bob, dora)
    assert north.parent == south.parent == Team.objects.get(name="Europe")
    assert [person.role for person in (alice, bob, maria, carmen, ada)] == [
        "representative",
        "manager",
        "marketing",
        "customer_success",
        "administrator",
    ]


def test_a_lead_is_seen_by_its_team_and_not_by_another(alice: User, bob: User, charlie: User) -> None:
    lead = make_lead(owner=alice)
    assert [
        Score.objects.visible_to(person).listed().filter(lead=lead).count() for person in (alice, bob, charlie)
    ] == [1, 1, 0]


def test_rows_of_every_kind_can_be_made_twice(alice: User) -> None:
    for _again in range(2):
        lead = make_lead(owner=alice, context="channel", campaign=make_campaign())
        make_event(lead, "pricing_viewed")
        account = make_account(manager=alice)
        make_contact(account=account)
        deal = make_opportunity(owner=alice, account=account, product=make_product(), stage="won")
        assert deal.won_amount == deal.amount
        assert StageChange.objects.get(opportunity=deal).to_stage == deal.stage
    assert Opportunity.objects.visible_to(alice).count() == 2


def test_answers_are_given_as_on_the_phone(alice: User) -> None:
    lead = make_lead(owner=alice, answers=BEST_DIRECT)
    assert lead.stage == Stage.MQL
    assert Answer.objects.filter(checklist__lead=lead, by=alice).count() == 14


def test_an_event_reaches_the_score(alice: User) -> None:
    lead = make_lead(owner=alice)
    make_event(lead, "pricing_viewed")
    assert Score.objects.get(lead=lead).engagement == 8
