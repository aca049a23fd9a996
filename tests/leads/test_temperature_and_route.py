"""How warm a lead is and what to do with it next (decisions.md 8), under the shipped policy."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from leads.behaviour import NewEvent, log_activity, record_events
from leads.explaining import explain
from leads.models import Activity, Lead, Score
from leads.models.score import Temperature
from leads.overriding import override
from leads.qualification import Named
from tests.factories import make_contact, make_lead
from tests.leads.answering import BEST_DIRECT, answer, answer_all, checklist_of
from tests.leads.queueing import raise_hand
from users.facts import database_now
from users.models import User

NEED = {"pain": "yes", "pain_felt_by": "yes", "tried": "yes"}
NO_BUDGET = {"budget": "no", "budget_spent": "no", "budget_drawn_up": "no", "budget_author": "no"}
NO_AUTHORITY = {"evaluator": "no", "procurement": "no", "decision_maker": "no"}
FITS = {"industry": "Technology", "employees": 300, "revenue": 9_000_000, "seniority": "Director"}


def score_of(lead: Lead) -> Score:
    return Score.objects.get(lead=lead, listed=True)


def did(lead: Lead, kind: str, times: int = 1) -> None:
    now = database_now() - timedelta(minutes=1)
    record_events(NewEvent(lead.pk, kind, now, "test", f"{lead.pk}-{kind}-{number}") for number in range(times))


def test_nothing_known_is_cold(alice: User) -> None:
    assert score_of(make_lead(alice)).temperature == Temperature.COLD


def test_an_sql_without_interest_is_warm_and_a_touch_that_goes_both_ways_makes_it_hot(alice: User) -> None:
    lead = make_lead(alice, answers=BEST_DIRECT)
    score = score_of(lead)
    assert (score.sql, score.interest_shown, score.temperature) == (True, False, Temperature.WARM)
    log_activity(checklist_of(lead), Activity.Kind.CALL, by=alice, two_way=False)
    assert score_of(lead).temperature == Temperature.WARM, "we called, nobody answered"
    log_activity(checklist_of(lead), Activity.Kind.CALL, by=alice, two_way=True)
    assert score_of(lead).temperature == Temperature.HOT


@pytest.mark.parametrize("how", ["hand", "behaviour"])
def test_interest_is_shown_by_a_raised_hand_and_by_behaviour(alice: User, how: str) -> None:
    lead = make_lead(alice, answers=BEST_DIRECT)
    if how == "hand":
        raise_hand(lead)
    else:
        did(lead, "pricing_viewed", 3)
        did(lead, "fair_visited", 1)
    assert score_of(lead).temperature == Temperature.HOT


def test_an_mql_and_a_felt_need_and_much_behaviour_are_warm(alice: User) -> None:
    raised, felt, busy, idle = (make_lead(alice) for _ in range(4))
    raise_hand(raised)
    answer_all(checklist_of(felt), NEED, by=alice)
    did(busy, "pricing_viewed", 3)
    did(busy, "visit", 2)
    did(idle, "visit", 2)
    assert [score_of(lead).mql for lead in (raised, felt, busy, idle)] == [True, False, False, False]
    assert score_of(busy).engagement > 50 > score_of(idle).engagement
    assert [score_of(lead).temperature for lead in (raised, felt, busy, idle)] == [1, 1, 1, 0]


def test_an_override_warms_nothing(alice: User) -> None:
    lead = make_lead(alice)
    override(checklist_of(lead), "sql", "up", by=alice, reason="I know them")
    score = score_of(lead)
    assert (score.sql, score.temperature, score.route) == (False, Temperature.COLD, "ask")


@pytest.mark.parametrize(
    ("answers", "about", "champion", "route"),
    [
        ({}, FITS, False, "ask"),
        (NEED | NO_BUDGET, FITS, True, "champion"),
        (NEED | NO_BUDGET, FITS, False, "diagnose"),
        (NEED | NO_BUDGET, {}, False, "nurture"),
        (dict.fromkeys(NEED, "no") | NO_BUDGET, FITS, False, "nurture"),
        (dict.fromkeys(NEED, "partly") | NO_BUDGET | NO_AUTHORITY, FITS, False, "diagnose"),
        (NEED | NO_BUDGET, FITS | {"seniority": "Student"}, True, "disqualify"),
        (BEST_DIRECT, {}, True, ""),
    ],
)
def test_the_first_route_that_applies_is_taken(
    alice: User, answers: Mapping[str, str], about: Mapping[str, Any], champion: bool, route: str
) -> None:
    lead = make_lead(alice, answers=answers, **about)
    if champion:
        named = [Named(make_contact(), champion=True)]
        answer(checklist_of(lead), "pain_felt_by", "yes", by=alice, contacts=named)
    assert score_of(lead).route == route


def test_a_disqualifier_closes_both_gates_and_is_named(alice: User) -> None:
    lead = make_lead(alice, answers=BEST_DIRECT, seniority="Student")
    raise_hand(lead)
    score = score_of(lead)
    assert (score.low, score.mql, score.sql, score.disqualified) == (Decimal(100), False, False, True)
    assert explain(checklist_of(lead)).missing_for_sql == ["disqualified: Student or applicant"]


def test_a_kind_gives_its_cap_at_most_and_takes_what_it_takes(alice: User) -> None:
    """min(cap, sum) of each kind (decisions.md 5): the cap is no floor, the clamp at 0 is."""
    lead = make_lead(alice)
    did(lead, "pricing_viewed", 9)  # 72 points, 24 at most
    did(lead, "visit", 2)  # 36 points, and 36 at most
    assert score_of(lead).engagement == Decimal("60.0")
    did(lead, "unsubscribed", 2)  # takes 40, although its cap is 20
    assert score_of(lead).engagement == Decimal("20.0")
    did(lead, "unsubscribed", 2)
    sheet = explain(checklist_of(lead), at=database_now())
    assert sheet.engagement == score_of(lead).engagement == 20, "the same messages told twice"
    record_events(
        NewEvent(lead.pk, "unsubscribed", database_now(), "test", f"{lead.pk}-more-{number}") for number in range(2)
    )
    sheet = explain(checklist_of(lead), at=database_now())
    assert sheet.engagement == score_of(lead).engagement == 0
    assert sheet.total_of["engagement"] == 0
    assert "Limited to 0 to 100" in [row.rule for row in sheet.ledger]
