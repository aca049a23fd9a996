"""`verify_state` finds nothing on a state that the product wrote, and names whatever was tampered with."""

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from leads.behaviour import NewEvent, log_activity, record_events
from leads.handoff import reassign
from leads.models import Activity, EngagementSum, Handoff, Lead, Score
from opportunities.editing import assign_opportunity
from reports.catalogue import REPORTS
from reports.models import ReportSnapshot
from reports.parameters import Wish
from reports.snapshots import keep
from tests.factories import make_lead, make_opportunity
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
    Lead.objects.filter(pk=lead.pk).update(employees=301)
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


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("leads_engagementsum", lambda lead: EngagementSum.objects.filter(lead=lead).update(units=3)),
        ("leads_engagementsum (one", lambda lead: EngagementSum.objects.filter(lead=lead).delete()),
        ("leads_lead.stage", lambda lead: Lead.objects.filter(pk=lead.pk).update(stage_since=database_now())),
        (
            "leads_handoff.state",
            lambda lead: Handoff.objects.filter(lead=lead).update(state="withdrawn", decided_at=database_now()),
        ),
        ("users_user.team", lambda lead: User.objects.filter(pk=lead.owner_id).update(team=None)),
        ("users_team.manager", lambda lead: Team.objects.filter(pk=lead.team_id).update(manager=lead.owner)),
    ],
)
def test_other_tampered_rows_are_named(worked: Lead, table: str, change: Any) -> None:
    change(worked)
    report = verify()
    assert report["differences"] >= 1
    assert any(sentence.startswith(table) for sentence in report["differing"]), report["differing"]


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
