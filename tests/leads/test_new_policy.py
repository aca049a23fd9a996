"""A policy is published: from that moment on every lead is judged by it, also where it counts what nobody counted."""

import time
from copy import deepcopy
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from leads import sweeping
from leads.behaviour import NewEvent, record_events
from leads.explaining import explain
from leads.models import EngagementSum, GateChange, Lead, LifecycleChange, Score
from reports.verification.verifying import verify
from scoring.models import Policy
from scoring.publishing import publish_policy
from tests.factories import make_event, make_lead
from tests.leads.answering import answer, checklist_of
from tests.leads.queueing import raise_hand
from users.facts import database_now
from users.models import Dirty, SalesContext, User


def shipped() -> dict[str, Any]:
    return deepcopy(Policy.objects.get(context__code="direct", version=1).definition)


def direct() -> SalesContext:
    return SalesContext.objects.get(code="direct")


def score_of(lead: Lead) -> Score:
    return Score.objects.get(lead=lead, listed=True)


def without_hand_raises() -> dict[str, Any]:
    return shipped() | {"hand_raises": []}


def test_a_lead_changes_status_and_says_under_which_version(alice: User) -> None:
    lead = make_lead(alice)
    raise_hand(lead)
    assert Lead.objects.get(pk=lead.pk).stage == "mql"
    policy = publish_policy(direct(), without_hand_raises())
    sweeping.sweep()
    lead.refresh_from_db()
    assert lead.stage == "lead" and score_of(lead).policy == policy
    change = LifecycleChange.objects.filter(lead=lead).latest("id")
    assert (change.from_stage, change.cause, change.policy) == ("mql", "policy", policy)
    turn = GateChange.objects.filter(checklist__lead=lead).latest("id")
    assert (turn.gate, turn.holds, turn.policy) == ("mql", False, policy)


def test_a_policy_that_begins_later_judges_from_its_moment_on(alice: User) -> None:
    lead = make_lead(alice)
    raise_hand(lead)
    begins = database_now() + timedelta(seconds=1.5)
    policy = publish_policy(direct(), without_hand_raises(), at=begins)
    sweeping.sweep()
    assert Lead.objects.get(pk=lead.pk).stage == "mql" and score_of(lead).policy != policy
    while database_now() < begins:
        time.sleep(0.1)
    sweeping.sweep()
    assert Lead.objects.get(pk=lead.pk).stage == "lead" and score_of(lead).policy == policy
    assert sweeping.mark_other_policies() == 0


def seen_twenty_days_ago(lead: Lead, kind: str) -> None:
    at = database_now() - timedelta(days=20)
    record_events([NewEvent(lead.pk, kind, at, "site", f"{lead.pk}-{kind}")])


def slower(definition: dict[str, Any]) -> dict[str, Any]:
    """Looking at the prices fades by half in 40 days instead of 14."""
    for rule in definition["engagement"]:
        if rule["kind"] == "pricing_viewed":
            rule["half_life_days"] = 40
    return definition


def test_another_half_life_counts_at_once_and_before_any_sum_is_made(alice: User) -> None:
    lead = make_lead(alice)
    seen_twenty_days_ago(lead, "pricing_viewed")
    assert score_of(lead).engagement == Decimal("3.0")  # 8 points, 20 of 14 days: 8 / 2 ** (20 / 14) = 2.97
    publish_policy(direct(), slower(shipped()))
    answer(checklist_of(lead), "tried", "yes", by=alice)  # scored before the background did anything
    assert score_of(lead).engagement == Decimal("5.7")  # 8 / 2 ** (20 / 40) = 5.66
    assert Dirty.objects.filter(kind=Dirty.Kind.SUMS).exists()
    assert not EngagementSum.objects.filter(lead=lead, half_life_days=40).exists()
    assert explain(checklist_of(lead)).engagement == Decimal("5.7")
    sweeping.sweep()
    assert EngagementSum.objects.filter(lead=lead, half_life_days=40).exists()
    assert not Dirty.objects.exists()
    assert score_of(lead).engagement == Decimal("5.7")
    assert verify().differences == []


def test_a_kind_that_nobody_counted_counts_with_what_was_told_before(alice: User) -> None:
    lead = make_lead(alice)
    make_event(lead, "podcast_heard")
    assert score_of(lead).engagement == 0
    heard = {"kind": "podcast_heard", "text": "Heard a podcast", "points": 9, "half_life_days": 30, "cap": 20}
    definition = shipped()
    publish_policy(direct(), definition | {"engagement": [*definition["engagement"], heard]})
    sweeping.sweep()
    assert score_of(lead).engagement == Decimal("9.0")
    assert verify().differences == []


def test_a_policy_that_only_moves_a_threshold_asks_for_no_sums(alice: User) -> None:
    make_lead(alice)
    publish_policy(direct(), shipped() | {"warm_engagement": 20})
    assert not Dirty.objects.filter(kind=Dirty.Kind.SUMS).exists()


def test_sums_of_a_coming_policy_are_made_before_it_begins_and_kept_up(alice: User) -> None:
    lead = make_lead(alice)
    publish_policy(direct(), slower(shipped()), at=database_now() + timedelta(days=2))
    sweeping.sweep()
    seen_twenty_days_ago(lead, "pricing_viewed")
    assert EngagementSum.objects.get(lead=lead, half_life_days=40).units == pytest.approx(1)
    assert score_of(lead).engagement == Decimal("3.0")
