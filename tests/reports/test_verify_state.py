"""`verify_state` finds nothing on a state that the product wrote, and names whatever was tampered with."""

import json
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from leads.behaviour import NewEvent, log_activity, record_events
from leads.casefile import edit_case
from leads.handoff import reassign, recycle
from leads.models import (
    Activity,
    BehaviourEvent,
    EngagementSum,
    GateChange,
    Handoff,
    Lead,
    LifecycleChange,
    Override,
    RejectionReason,
    Score,
)
from leads.overriding import override
from leads.scores import rescore
from opportunities.editing import assign_opportunity
from opportunities.models import Opportunity
from reports.catalogue import REPORTS
from reports.models import ReportSnapshot
from reports.parameters import Wish
from reports.snapshots import keep
from tests.factories import make_lead, make_opportunity
from tests.intake.files import take_in
from tests.leads.answering import BEST_DIRECT, answer, answer_all, checklist_of
from users.facts import database_now
from users.models import Dirty, Team, User


def verify() -> dict[str, Any]:
    out = StringIO()
    try:
        call_command("verify_state", "--format", "json", stdout=out)
    except SystemExit as stop:
        assert stop.code == 1
    return dict(json.loads(out.getvalue()))


@pytest.fixture
def worked(alice: User) -> Lead:
    """A lead with answers, events, a call, an edit and a hand-off, beside two quieter ones."""
    make_lead(alice)
    channel = make_lead(alice, context="channel", employees=40)
    answer(checklist_of(channel), "expected_sales", "yes", by=alice)
    lead = make_lead(alice, employees=300, industry="Technology", seniority="Director", department="IT")
    answer_all(checklist_of(lead), BEST_DIRECT, by=alice)
    answer(checklist_of(lead), "go_live_date", "partly", by=alice, date=database_now().date() + timedelta(days=40))
    log_activity(checklist_of(lead), Activity.Kind.CALL, by=alice, two_way=True)
    now = database_now()
    for number in range(4):
        record_events([NewEvent(lead.pk, "pricing_viewed", now - timedelta(days=number * 9), "site", str(number))])
    edit_case(Lead.objects.get(pk=lead.pk), {"employees": 301}, version=None, by=alice)
    make_opportunity(owner=alice)
    return lead


def test_a_state_that_the_product_wrote_has_no_differences(worked: Lead) -> None:
    report = verify()
    assert report["differences"] == 0, report
    assert report["checked"]["leads_score"] == 3
    assert report["checked"]["leads_engagementsum"] == 1
    assert report["checked"]["leads_handoff.state"] == 1


SCORE_TAMPERINGS = {
    "fit": 1,
    "best_persona": "nobody",
    "engagement": 77,
    "qualification": 1,
    "low": 1,
    "high": 1,
    "completeness": 1,
    "criteria_low": [1, 1, 1, 1],
    "criteria_high": [1, 1, 1, 1],
    "mql": False,
    "sql": False,
    "disqualified": True,
    "interest_shown": False,
    "temperature": 0,
    "route": "ask",
    "due_at": None,
    "policy_id": None,
    "stage": "customer",
    "owner_id": None,
    "team_id": None,
    "source_id": None,
    "listed": False,
}


@pytest.mark.parametrize("column", SCORE_TAMPERINGS)
def test_a_tampered_score_is_named(worked: Lead, column: str) -> None:
    Score.objects.filter(lead=worked).update(**{column: SCORE_TAMPERINGS[column]})
    report = verify()
    assert report["differences"] == 1
    assert str(checklist_of(worked).pk) in report["differing"][0]


def test_a_missing_score_is_named(worked: Lead) -> None:
    Score.objects.filter(lead=worked).delete()
    assert verify()["differing"] == [f"leads_score (one for each checklist) {checklist_of(worked).pk}: has no score"]


def told_often(lead: Lead, alice: User) -> None:
    """Interest of more than the MQL gate asks for, which fades."""
    now = database_now()
    kinds = ["pricing_viewed"] * 3 + ["demo_watched"]
    record_events(NewEvent(lead.pk, kind, now, "site", f"{lead.pk}-{n}") for n, kind in enumerate(kinds))


def told_a_date(lead: Lead, alice: User) -> None:
    answer(checklist_of(lead), "decision_date", "yes", by=alice, date=database_now().date() + timedelta(days=3))


def overridden(lead: Lead, alice: User) -> None:
    until = database_now().date() + timedelta(days=3)
    override(checklist_of(lead), "mql", "up", by=alice, reason="She will buy", until=until)


def asked_for_a_quote(lead: Lead, alice: User) -> None:
    record_events([NewEvent(lead.pk, "quote_requested", database_now(), "site", str(lead.pk))])


def unsubscribed(lead: Lead, alice: User) -> None:
    record_events([NewEvent(lead.pk, "unsubscribed", database_now(), "site", str(lead.pk))])


@pytest.mark.parametrize("what", [told_often, told_a_date, overridden, asked_for_a_quote, unsubscribed])
@pytest.mark.parametrize("late", ["by days", "for ever"])
def test_a_score_that_comes_due_too_late_is_named(alice: User, what: Any, late: str) -> None:
    lead = make_lead(alice)
    what(lead, alice)
    assert verify()["differences"] == 0
    due = Score.objects.get(lead=lead).due_at
    assert due is not None
    Score.objects.filter(lead=lead).update(due_at=due + timedelta(days=5) if late == "by days" else None)
    found = verify()["differing"]
    assert len(found) == 1 and found[0].startswith(f"leads_score.due_at {checklist_of(lead).pk}"), found


def test_a_score_may_come_due_early(alice: User) -> None:
    """The moment is a bound: looked at too often, a score is right as well."""
    lead = make_lead(alice)
    told_often(lead, alice)
    Score.objects.filter(lead=lead).update(due_at=database_now() + timedelta(minutes=5))
    assert verify()["differences"] == 0


@pytest.mark.parametrize(
    ("fact", "write"),
    [
        (
            "a two-way touch",
            lambda lead: Activity.objects.create(
                checklist=checklist_of(lead), kind="call", two_way=True, occurred_at=database_now()
            ),
        ),
        ("an edit of the lead", lambda lead: Lead.objects.filter(pk=lead.pk).update(industry="Farming")),
        (
            "an override",
            lambda lead: Override.objects.create(
                checklist=checklist_of(lead), gate="mql", direction="up", reason="So", occurred_at=database_now()
            ),
        ),
        (
            "behaviour",
            lambda lead: BehaviourEvent.objects.create(lead=lead, kind="none_known", occurred_at=database_now()),
        ),
    ],
)
def test_a_fact_that_was_never_settled_is_named(alice: User, fact: str, write: Any) -> None:
    lead = make_lead(alice)
    assert verify()["differences"] == 0
    write(lead)
    assert f"leads_score (facts that are newer than the score) {checklist_of(lead).pk}: {fact} came in" in " ".join(
        verify()["differing"]
    )


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("leads_engagementsum", lambda lead: EngagementSum.objects.filter(lead=lead).update(units=3)),
        ("leads_engagementsum (one", lambda lead: EngagementSum.objects.filter(lead=lead).delete()),
        ("leads_lead.stage", lambda lead: Lead.objects.filter(pk=lead.pk).update(stage_since=database_now())),
        ("leads_lead.owner", lambda lead: Lead.objects.filter(pk=lead.pk).update(owner=None)),
        (
            "leads_handoff.state",
            lambda lead: Handoff.objects.filter(lead=lead).update(state="withdrawn", decided_at=database_now()),
        ),
        (
            "opportunities_opportunity.stage",
            lambda lead: Opportunity.objects.update(stage_since=database_now() + timedelta(seconds=1)),
        ),
        ("opportunities_opportunity.closed_at", lambda lead: Opportunity.objects.update(closed_at=database_now())),
        ("opportunities_opportunity.owner", lambda lead: Opportunity.objects.update(owner=None)),
        ("users_user.team", lambda lead: User.objects.filter(pk=lead.owner_id).update(team=None)),
        ("users_team.manager", lambda lead: Team.objects.filter(pk=lead.team_id).update(manager=lead.owner)),
    ],
)
def test_other_tampered_rows_are_named(worked: Lead, table: str, change: Any) -> None:
    change(worked)
    report = verify()
    assert report["differences"] >= 1
    assert any(sentence.startswith(table) for sentence in report["differing"]), report["differing"]


@pytest.fixture
def decided(alice: User, worked: Lead) -> Handoff:
    """The worked lead's hand-off, recycled with a note."""
    handoff = Handoff.objects.get(lead=worked)
    until = database_now().date() + timedelta(days=60)
    return recycle(handoff, until, by=alice, note="Next quarter", version=None)


HANDOFF_TAMPERINGS: dict[str, tuple[str, Any]] = {
    "team_id": ("leads_handoff.team", lambda handoff: None),
    "offered_at": ("leads_handoff.offered_at", lambda handoff: handoff.offered_at - timedelta(hours=1)),
    "decided_at": ("leads_handoff (its decision)", lambda handoff: handoff.decided_at + timedelta(hours=1)),
    "decided_by_id": ("leads_handoff (its decision)", lambda handoff: None),
    "reason_id": ("leads_handoff (its decision)", lambda handoff: RejectionReason.objects.earliest("pk").pk),
    "note": ("leads_handoff (its decision)", lambda handoff: "Never"),
    "recycle_until": ("leads_handoff.recycle_until", lambda handoff: handoff.recycle_until + timedelta(days=1)),
}


@pytest.mark.parametrize("column", HANDOFF_TAMPERINGS)
def test_a_tampered_decision_is_named(decided: Handoff, column: str) -> None:
    assert verify()["differences"] == 0
    table, value = HANDOFF_TAMPERINGS[column]
    Handoff.objects.filter(pk=decided.pk).update(**{column: value(decided)})
    assert any(sentence.startswith(f"{table} {decided.pk}:") for sentence in verify()["differing"])


def test_a_tampered_wake_date_is_named(decided: Handoff) -> None:
    Lead.objects.filter(pk=decided.lead_id).update(nurture_until=database_now().date() + timedelta(days=900))
    assert any(one.startswith(f"leads_lead.nurture_until {decided.lead_id}:") for one in verify()["differing"])


def test_an_import_that_dates_a_nurture_anew_leaves_its_fact(decided: Handoff, tmp_path: Path) -> None:
    Lead.objects.filter(pk=decided.lead_id).update(external_id="L1")
    rescore([decided.checklist_id], cause=GateChange.Cause.EDIT)
    text = "external_id,nurture_until\nL1,2090-05-01\n"
    for _time in range(2):
        take_in(tmp_path, "leads", text, update_by="external_id")
        assert Lead.objects.get(pk=decided.lead_id).nurture_until == date(2090, 5, 1)
        assert LifecycleChange.objects.filter(lead=decided.lead_id, nurture_until=date(2090, 5, 1)).count() == 1
    assert verify()["differences"] == 0


def test_work_that_waits_is_listed_and_after_a_minute_differs(worked: Lead) -> None:
    row = Dirty.objects.create(kind="advance", key=worked.pk)
    report = verify()
    assert report["differences"] == 0
    assert len(report["pending"]) == 1
    Dirty.objects.filter(pk=row.pk).update(since=database_now() - timedelta(minutes=2))
    assert verify()["differences"] == 1


def test_what_a_manager_read_still_holds_after_records_went_to_another_team(
    worked: Lead, alice: User, bob: User, charlie: User
) -> None:
    deal = make_opportunity(owner=alice)
    kept = [keep(Wish(name, by="all"), bob) for name in REPORTS]
    south = charlie.team
    assert south is not None
    reassign(Handoff.objects.get(lead=worked), south, by=bob)
    assign_opportunity(deal, charlie, by=None)
    make_lead(alice)
    report = verify()
    assert report["differences"] == 0, report["differing"]
    assert report["checked"]["reports_reportsnapshot"] == len(kept)


def test_verifying_leaves_nothing_behind(worked: Lead) -> None:
    verify()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_class WHERE relpersistence = 't' AND relkind = 'r' AND relname = 'rebuilt'"
        )
        assert cursor.fetchone() == (0,)


def test_kept_figures_hold_after_later_facts_and_a_tampered_one_is_named(
    worked: Lead, maria: User, alice: User
) -> None:
    for name, by in [("lead-funnel", "source"), ("win-rate", "owner"), ("handoff", ""), ("pipeline", "")]:
        keep(Wish(name, by=by), maria)
    make_opportunity(owner=alice)
    answer(checklist_of(make_lead(alice)), "budget", "set_aside", by=alice)
    report = verify()
    assert report["differences"] == 0, report
    assert report["checked"]["reports_reportsnapshot"] == 4
    kept = ReportSnapshot.objects.get(name="lead-funnel")
    figures = dict(kept.report or {})
    figures["rows"] = [row | {"leads": 99} for row in figures["rows"]]
    ReportSnapshot.objects.filter(pk=kept.pk).update(report=figures)
    differing = verify()["differing"]
    assert len(differing) == 1
    assert differing[0].startswith(f"reports_reportsnapshot {kept.pk}: lead-funnel: leads of")
