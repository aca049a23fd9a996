"""What the background does: scores that time turns, leads that wake, full rescores in blocks."""

import json
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command

from leads import sweeping
from leads.behaviour import NewEvent, log_activity, record_events, refresh_sums
from leads.casefile import archive, restore, switch_context
from leads.explaining import explain
from leads.lifecycle import Cause, Stage
from leads.models import (
    Activity,
    BehaviourEvent,
    EngagementSum,
    GateChange,
    Lead,
    LifecycleChange,
    Override,
    Score,
)
from leads.models.lifecycle import Gate
from leads.moving import Moved, append_moves
from leads.overriding import override, write_override
from leads.scores import BLOCK, rescore_block
from leads.setting_aside import MoveRefused, nurture
from scoring.packs import policies
from scoring.publishing import publish_policy
from tests.factories import make_lead
from tests.leads.answering import answer, checklist_of
from users.dirty import mark, work_through
from users.facts import database_now
from users.models import Dirty, SalesContext, User, Workspace


def told(lead: Lead, kind: str, number: int, *, days_ago: float) -> NewEvent:
    return NewEvent(lead.pk, kind, database_now() - timedelta(days=days_ago), "site", f"{lead.pk}-{kind}-{number}")


def score_of(lead: Lead) -> Score:
    return Score.objects.get(checklist__lead=lead, listed=True)


def test_an_event_told_twice_counts_once(alice: User) -> None:
    lead = make_lead(alice)
    once = told(lead, "pricing_viewed", 1, days_ago=1)
    assert record_events([once, once]) == 1
    before = score_of(lead).engagement
    assert record_events([once]) == 0
    assert BehaviourEvent.objects.filter(lead=lead).count() == 1 and score_of(lead).engagement == before > 0


def test_kept_sums_equal_history_in_any_order(alice: User) -> None:
    """Late, shuffled and split deliveries end at the same engagement as the events themselves say."""
    shuffled, at_once = make_lead(alice), make_lead(alice)
    days = [0.5, 40, 3, 200, 11, 3.5]
    for number in (4, 1, 5, 0, 3, 2):
        record_events([told(shuffled, "pricing_viewed", number, days_ago=days[number])])
    record_events(told(at_once, "pricing_viewed", number, days_ago=day) for number, day in enumerate(days))
    assert score_of(shuffled).engagement == score_of(at_once).engagement
    for lead in (shuffled, at_once):
        sheet = explain(checklist_of(lead), at=database_now())
        assert abs(sheet.engagement - score_of(lead).engagement) <= Decimal("0.1")
        assert sheet.total_of["engagement"] == sheet.engagement
    kept = EngagementSum.objects.get(lead=shuffled)
    EngagementSum.objects.filter(pk=kept.pk).update(units=99)
    refresh_sums([shuffled.pk])
    assert EngagementSum.objects.get(pk=kept.pk).units == pytest.approx(kept.units)


def test_a_future_event_is_clamped_and_flagged(alice: User) -> None:
    lead = make_lead(alice)
    record_events([told(lead, "pricing_viewed", 1, days_ago=-30)])
    event = BehaviourEvent.objects.get(lead=lead)
    assert event.odd_time and event.occurred_at is not None and event.occurred_at <= event.recorded_at


def test_a_hand_raise_makes_an_mql_and_fades_after_thirty_days(alice: User) -> None:
    lead = make_lead(alice)
    record_events([told(lead, "quote_requested", 1, days_ago=29.9999)])
    lead.refresh_from_db()
    assert lead.stage == "mql" and score_of(lead).mql
    due = score_of(lead).due_at
    assert due is not None and due < database_now() + timedelta(minutes=1)


def test_a_due_score_is_swept(alice: User) -> None:
    lead = make_lead(alice)
    Score.objects.filter(lead=lead).update(due_at=database_now() - timedelta(hours=1), low=7)
    assert sweeping.settle_due() == 1
    assert score_of(lead).low == 0


def test_a_nurtured_lead_wakes_on_its_date(alice: User) -> None:
    lead = make_lead(alice)
    with pytest.raises(MoveRefused, match="after today"):
        nurture(lead, database_now().date(), by=alice, reason="budget next year")
    nurture(lead, database_now().date() + timedelta(days=5), by=alice, reason="budget next year")
    sweeping.sweep()
    assert Lead.objects.get(pk=lead.pk).stage == "nurture"
    Lead.objects.filter(pk=lead.pk).update(nurture_until=database_now().date())
    sweeping.sweep()
    assert Lead.objects.get(pk=lead.pk).stage == "lead"
    assert LifecycleChange.objects.filter(lead=lead).latest("id").from_stage == "nurture"


def test_a_two_way_call_shows_interest(alice: User) -> None:
    lead = make_lead(alice)
    log_activity(checklist_of(lead), Activity.Kind.CALL, by=alice, two_way=True)
    assert score_of(lead).interest_shown


def test_a_call_about_one_kind_of_sale_shows_interest_in_the_other(alice: User) -> None:
    """The lead is the same person, whichever checklist the call was logged on."""
    lead = make_lead(alice)
    before = checklist_of(lead)
    switch_context(lead, SalesContext.objects.get(code="channel"), by=alice)
    log_activity(before, Activity.Kind.CALL, by=alice, two_way=True)
    assert set(Score.objects.filter(lead=lead).values_list("interest_shown", flat=True)) == {True}
    assert Score.objects.filter(lead=lead).count() == 2


def test_a_full_rescore_mends_what_differs_and_writes_nothing_else(alice: User) -> None:
    leads = [make_lead(alice) for _ in range(3)]
    answer(checklist_of(leads[0]), "budget", "set_aside", by=alice)
    Score.objects.filter(lead=leads[0]).update(low=99, temperature=2)
    out = StringIO()
    call_command("rescore", "--all", "--format", "json", stdout=out)
    first = json.loads(out.getvalue())
    out = StringIO()
    call_command("rescore", "--all", "--format", "json", stdout=out)
    second = json.loads(out.getvalue())
    assert first["scored"] >= 3 and first["changed"] >= 1 and second["changed"] == 0
    assert score_of(leads[0]).low == Decimal("12.5")


def test_rescoring_the_past_writes_nothing(alice: User) -> None:
    lead = make_lead(alice)
    with pytest.raises(CommandError, match="--dry-run"):
        call_command("rescore", "--all", "--as-of", "2026-01-01")
    before = database_now()
    answer(checklist_of(lead), "budget", "set_aside", by=alice)
    out = StringIO()
    call_command(
        "rescore", "--lead", lead.pk, "--as-of", before.isoformat(), "--dry-run", "--format", "json", stdout=out
    )
    assert json.loads(out.getvalue())["changed"] == 1
    assert score_of(lead).low == Decimal("12.5")


def test_a_mark_made_during_the_work_is_not_lost(alice: User) -> None:
    lead = make_lead(alice)
    mark(Dirty.Kind.ADVANCE, [lead.pk])
    work_through(Dirty.Kind.ADVANCE, lambda keys: mark(Dirty.Kind.ADVANCE, keys), limit=10)
    assert Dirty.objects.filter(kind="advance", key=lead.pk).count() == 1
    assert sweeping.advance_dirty() == 1
    assert not Dirty.objects.exists()


def test_work_that_fails_stays_and_is_given_up_after_five_attempts(alice: User) -> None:
    def fail(keys: list[int]) -> None:
        raise ArithmeticError("by design")

    mark(Dirty.Kind.BLOCK, [1])
    for _ in range(5):
        with pytest.raises(ArithmeticError):
            work_through(Dirty.Kind.BLOCK, fail, limit=10)
    assert work_through(Dirty.Kind.BLOCK, fail, limit=10) == 0
    row = Dirty.objects.get()
    assert (row.attempts, row.error) == (5, "ArithmeticError")


def test_an_archived_lead_sleeps_on_and_keeps_nobody_from_waking(alice: User) -> None:
    archived, awake = make_lead(alice), make_lead(alice)
    for lead in (archived, awake):
        nurture(lead, database_now().date() + timedelta(days=5), by=alice, reason="budget next year")
    archive(archived, by=alice)
    yesterday = database_now().date() - timedelta(days=1)
    Lead.objects.filter(pk=archived.pk).update(nurture_until=yesterday)
    Lead.objects.filter(pk=awake.pk).update(nurture_until=database_now().date())
    assert sweeping.wake_leads(limit=1) == 1
    assert Lead.objects.get(pk=awake.pk).stage == "lead"
    assert Lead.objects.get(pk=archived.pk).stage == "nurture"
    restore(archived, by=alice)
    sweeping.sweep()
    assert Lead.objects.get(pk=archived.pk).stage == "lead"


def test_leads_that_wake_are_counted_once_whatever_follows(alice: User) -> None:
    """One that is an MQL as soon as it wakes makes two moves; a round that was full is still known to have been."""
    leads = [make_lead(alice) for _ in range(2)]
    for lead in leads:
        nurture(lead, database_now().date() + timedelta(days=5), by=alice, reason="budget next year")
    override(checklist_of(leads[0]), "mql", "up", by=alice, reason="She has asked for an offer")
    Lead.objects.update(nurture_until=database_now().date())
    assert sweeping.wake_leads(limit=2) == 2
    assert sorted(Lead.objects.values_list("stage", flat=True)) == ["lead", "mql"]


def test_a_score_comes_due_when_an_override_ends(alice: User) -> None:
    lead = make_lead(alice)
    today = Workspace.get().day_of(database_now())
    override(checklist_of(lead), "mql", "up", by=alice, reason="She will buy", until=today + timedelta(days=2))
    day_after = datetime.combine(today + timedelta(days=3), time.min, tzinfo=ZoneInfo(Workspace.get().zone))
    assert score_of(lead).due_at == day_after


@pytest.mark.parametrize("first", ["the sweep", "a full rescore"])
def test_an_override_is_taken_back_however_late_the_sweep_comes(alice: User, first: str) -> None:
    """Nobody swept for three weeks after its last day."""
    lead = make_lead(alice)
    checklist, long_ago, today = checklist_of(lead), database_now() - timedelta(days=30), database_now().date()
    ended = today - timedelta(days=22)
    write_override(
        checklist, Gate.MQL, Override.Direction.UP, by=alice, reason="She will buy", until=ended, at=long_ago
    )
    append_moves([Moved(lead.pk, Stage.LEAD, Stage.MQL, Cause.OVERRIDE)], at=long_ago)
    Score.objects.filter(lead=lead).update(due_at=datetime.combine(ended + timedelta(days=1), time.min, tzinfo=UTC))
    if first == "a full rescore":
        assert rescore_block(checklist.pk // BLOCK, cause=GateChange.Cause.TIME).turned == (lead.pk,)
        Score.objects.filter(lead=lead).update(due_at=long_ago)
    sweeping.sweep()
    assert Lead.objects.get(pk=lead.pk).stage == Stage.LEAD
    assert score_of(lead).due_at is None


def test_a_moment_that_would_come_too_late_is_renewed_by_a_full_rescore(alice: User) -> None:
    lead = make_lead(alice)
    tomorrow = database_now().date() + timedelta(days=1)
    answer(checklist_of(lead), "decision_date", "yes", by=alice, date=tomorrow)
    right = score_of(lead).due_at
    assert right is not None
    Score.objects.filter(lead=lead).update(due_at=right + timedelta(hours=9))  # as of another zone
    sweeping.rescore_now()
    assert score_of(lead).due_at == right


def test_a_published_policy_leaves_its_leads_to_the_workers_and_wakes_them(
    alice: User, django_capture_on_commit_callbacks: Any
) -> None:
    lead = make_lead(alice)
    with django_capture_on_commit_callbacks() as messages:
        publish_policy(lead.context, policies.DIRECT | {"warm_engagement": 40}, at=database_now() + timedelta(days=2))
    assert messages == [] and not Dirty.objects.exists(), "one that begins later waits for its moment"
    with django_capture_on_commit_callbacks() as messages:
        policy = publish_policy(lead.context, policies.DIRECT | {"warm_engagement": 45})
    assert len(messages) == 1
    assert set(Dirty.objects.values_list("kind", "key")) == {("block", checklist_of(lead).pk // BLOCK)}
    sweeping.sweep()
    assert score_of(lead).policy == policy
    assert sweeping.mark_other_policies() == 0
    Score.objects.filter(lead=lead).update(policy=None)
    assert sweeping.mark_other_policies() == 1
