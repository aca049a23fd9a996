"""`manage.py report` on a handful of deals and leads whose figures were worked out by hand."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from leads.lifecycle import Cause
from leads.models import Lead, LifecycleChange
from opportunities.models import Opportunity, PipelineStage, StageChange
from tests.factories import make_lead, make_opportunity
from users.models import User, Workspace


def day(month: int, number: int, hour: int = 0) -> datetime:
    return datetime(2026, month, number, hour, tzinfo=UTC)


def report(*arguments: str) -> dict[str, Any]:
    out = StringIO()
    call_command("report", *arguments, "--format", "json", stdout=out)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def move(deal: Opportunity, stage: str, at: datetime | None) -> None:
    to_stage = PipelineStage.objects.get(pipeline=deal.pipeline, code=stage)
    known = {"known_at": at} if at else {}
    StageChange.objects.create(opportunity=deal, from_stage=deal.stage, to_stage=to_stage, occurred_at=at, **known)
    deal.stage = to_stage
    if to_stage.outcome == "won":
        deal.won_amount, deal.won_currency = deal.amount, deal.currency
    deal.save()


def advance(lead: Lead, stage: str, at: datetime, cause: Cause = Cause.POLICY, **fields: Any) -> None:
    LifecycleChange.objects.create(
        lead=lead, from_stage=lead.stage, to_stage=stage, cause=cause, occurred_at=at, known_at=at, **fields
    )
    lead.stage = stage
    lead.save()


def after(lead: Lead, days: int) -> datetime:
    assert lead.created_at is not None
    return lead.created_at + timedelta(days=days)


@pytest.fixture
def deals(alice: User, charlie: User) -> dict[str, Opportunity]:
    """Alice: one won after 10 days, one lost after 20, one open. Charlie: two won after 30 and 40 days."""
    found = {
        name: make_opportunity(owner, at=day(1, 1), amount=amount)
        for name, owner, amount in [
            ("a won", alice, 1000), ("a lost", alice, 3000), ("a open", alice, 500), ("c won", charlie, 200), ("c won late", charlie, 400)
        ]
    }  # fmt: skip
    move(found["a won"], "won", day(1, 11))
    move(found["a lost"], "solution", day(1, 5))
    move(found["a lost"], "lost", day(1, 21, 12))
    move(found["c won"], "won", day(1, 31))
    move(found["c won late"], "won", day(2, 10))
    return found


@pytest.fixture
def leads(alice: User, charlie: User) -> list[Lead]:
    """Four leads of January, one of February; one of each month is won, one skipped SQL by a diagnostic conversion."""
    won, diagnosed, mql, plain = (make_lead(alice, at=day(1, number)) for number in (1, 2, 3, 4))
    february = make_lead(charlie, source="referral", at=day(2, 1))
    for lead in (won, diagnosed, mql, february):
        advance(lead, "mql", after(lead, 1))
    for lead in (won, diagnosed, february):
        advance(lead, "sal", after(lead, 2), Cause.PERSON)
    for lead in (won, february):
        advance(lead, "sql", after(lead, 3))
        advance(lead, "opportunity", after(lead, 4), Cause.CONVERSION)
    advance(diagnosed, "opportunity", day(1, 9), Cause.CONVERSION, diagnostic=True)
    advance(won, "customer", day(1, 9), Cause.CONVERSION)
    advance(february, "customer", day(2, 21, 12), Cause.CONVERSION)
    return [won, diagnosed, mql, plain, february]


def cells(found: dict[str, Any], by: str, *columns: str) -> dict[str, list[Any]]:
    return {row[by]: [row[column] for column in columns] for row in found["rows"]}


def test_win_rate_by_owner(deals: dict[str, Opportunity]) -> None:
    found = report("win-rate", "--by", "owner")
    assert cells(found, "owner", "won", "lost", "open") == {"Alice": [1, 1, 1], "Charlie": [2, 0, 0]}
    rate = found["totals"]["win_rate"]
    assert (rate["rate"], rate["numerator"], rate["denominator"]) == (0.75, 3, 4)
    # Wilson's interval for 3 of 4, worked out by hand.
    assert (rate["low"], rate["high"]) == (0.300642, 0.954413)
    assert found["totals"]["won_amount"] == {"amount": 1600.0, "currency": "EUR"}
    assert found["totals"]["win_rate_by_amount"]["rate"] == pytest.approx(1600 / 4600, abs=1e-6)


def test_win_rate_of_a_month_that_nothing_closed_in_is_no_data(deals: dict[str, Opportunity]) -> None:
    found = report("win-rate", "--from", "2026-03-01", "--to", "2026-03-31")
    assert found["totals"]["win_rate"] == {"rate": None, "numerator": 0, "denominator": 0, "low": None, "high": None}
    assert found["totals"]["open"] == 1


def test_win_rate_by_month_in_the_workspaces_zone(deals: dict[str, Opportunity], workspace: Any) -> None:
    assert cells(report("win-rate", "--by", "month"), "month", "won", "lost", "open") == {
        "2026-01": [2, 1, 0], "2026-02": [1, 0, 0], "(none)": [0, 0, 1]
    }  # fmt: skip
    workspace.zone = "America/New_York"
    workspace.save()
    # 31 January 00:00 and 10 February 00:00 in UTC are the evenings before.
    assert cells(report("win-rate", "--from", "2026-01-30", "--to", "2026-01-30", "--by", "month"), "month", "won")[
        "2026-01"
    ] == [1]


def test_win_rate_as_of_a_past_day_knows_what_was_known_then(deals: dict[str, Opportunity]) -> None:
    found = report("win-rate", "--as-of", "2026-01-20")["totals"]
    assert (found["won"], found["lost"], found["open"]) == (1, 0, 4)


def test_a_reopened_deal_is_open_again(deals: dict[str, Opportunity]) -> None:
    move(deals["a lost"], "solution", day(3, 1))
    found = report("win-rate")["totals"]
    assert (found["won"], found["lost"], found["open"]) == (3, 0, 2)


def test_amounts_in_two_currencies_are_never_added_up(deals: dict[str, Opportunity]) -> None:
    Opportunity.objects.filter(pk=deals["c won"].pk).update(won_currency="USD")
    found = report("win-rate", "--by", "currency")
    assert found["totals"]["won_amount"] == {"amount": None, "currency": None, "mixed": ["EUR", "USD"]}
    assert cells(found, "currency", "won_amount")["USD"] == [{"amount": 200.0, "currency": "USD"}]


def test_sales_cycle_in_exact_and_calendar_days(deals: dict[str, Opportunity]) -> None:
    totals = report("sales-cycle")["totals"]
    assert (totals["won"]["n"], totals["won"]["median"]) == (3, 30.0)
    assert totals["won"]["mean"] == pytest.approx(80 / 3, abs=1e-6)
    assert totals["won"]["p90"] == pytest.approx(30 + 0.8 * 10)  # percentile_cont: position 0.9 x 2
    assert (totals["lost"]["mean"], totals["lost_calendar"]["mean"]) == (20.5, 20.0)
    assert totals["closed"]["n"] == 4


def test_a_close_of_unknown_date_counts_but_has_no_duration(deals: dict[str, Opportunity]) -> None:
    move(deals["a open"], "lost", None)
    assert report("win-rate")["totals"]["lost"] == 2
    assert report("win-rate", "--from", "2026-01-01", "--to", "2026-12-31")["totals"]["lost"] == 1
    assert report("sales-cycle")["totals"]["lost"]["n"] == 1


def test_stage_conversion_counts_every_stage_before(deals: dict[str, Opportunity]) -> None:
    steps = {
        row["step"]: row for row in report("stage-conversion", "--by", "all", "--filter", "pipeline=direct")["rows"]
    }
    # Three wins reached all stages, the loss got to Solution, the open one stands at the first.
    assert {code: row["reached"] for code, row in steps.items()} | {} == {
        "diagnosis": 5, "pain_intervention": 4, "market_insight": 4, "solution": 4, "proposal": 3, "negotiation": 3, "closed": 4, "won": 3
    }  # fmt: skip
    assert steps["pain_intervention"]["from_previous"]["rate"] == 0.8
    # Of the three that reached the last stage all closed; the fourth closed from before it.
    assert (steps["closed"]["from_previous"]["numerator"], steps["closed"]["from_previous"]["denominator"]) == (3, 3)
    assert steps["won"]["from_previous"]["rate"] == 0.75
    assert steps["diagnosis"]["still_here"] == 1


def test_stage_conversion_in_the_period_counts_moves(deals: dict[str, Opportunity]) -> None:
    rows = report("stage-conversion", "--view", "period", "--from", "2026-02-01", "--to", "2026-02-28")["rows"]
    steps = {row["step"]: row["reached"] for row in rows if row["pipeline"] == "direct"}
    assert (steps["diagnosis"], steps["negotiation"], steps["closed"], steps["won"]) == (0, 1, 1, 1)


def test_pipeline_weighs_open_deals_by_their_stage(deals: dict[str, Opportunity]) -> None:
    found = report("pipeline")
    stage = PipelineStage.objects.get(pipeline__code="direct", code="diagnosis")
    assert found["totals"]["deals"] == 1
    assert found["totals"]["amount"]["amount"] == 500.0
    assert found["totals"]["weighted"]["amount"] == 500.0 * stage.probability / 100


def test_lead_funnel_with_what_came_by_override(leads: list[Lead]) -> None:
    totals = report("lead-funnel")["totals"]
    assert [totals[name] for name in ("leads", "mql", "sal", "sql", "opportunity", "won")] == [5, 4, 3, 3, 3, 2]
    assert (totals["sql_by_override"], totals["opportunity_by_override"], totals["mql_by_override"]) == (1, 1, 0)
    # 8 days, and 20 and a half.
    assert totals["days_to_won"]["median"] == 14.25
    assert totals["calendar_days_to_won"]["median"] == 14.0


def test_lead_funnel_by_source_and_its_filter(leads: list[Lead]) -> None:
    found = report("lead-funnel", "--by", "source")
    assert {row["key"]: row["won"] for row in found["rows"]} == {"website": 1, "referral": 1}
    assert report("lead-funnel", "--filter", "source=website")["totals"]["leads"] == 4
    assert report("lead-funnel", "--filter", "source=")["totals"]["leads"] == 0
    Lead.objects.filter(pk=leads[0].pk).update(industry="100 % 'wool' %s")
    assert report("lead-funnel", "--filter", "sector=100 % 'wool' %s")["totals"]["leads"] == 1


def test_lead_funnel_period_view_counts_the_moves_of_the_period(leads: list[Lead]) -> None:
    totals = report("lead-funnel", "--view", "period", "--from", "2026-02-01", "--to", "2026-02-28")["totals"]
    assert [totals[name] for name in ("leads", "mql", "won")] == [1, 1, 1]


def test_undoing_a_conversion_takes_the_opportunity_back(leads: list[Lead]) -> None:
    advance(leads[1], "sal", day(3, 1), Cause.CONVERSION)
    totals = report("lead-funnel")["totals"]
    assert (totals["sql"], totals["opportunity"], totals["sql_by_override"]) == (2, 2, 0)


def test_lead_conversion_counts_prospects(leads: list[Lead]) -> None:
    totals = report("lead-conversion")["totals"]
    assert (totals["prospects"], totals["prospects_by_override"], totals["lead_conversion"]["rate"]) == (3, 1, 0.6)


def test_leads_by_source_share(leads: list[Lead]) -> None:
    found = report("leads-by-source")
    assert [(row["key"], row["leads"], row["share"]["rate"]) for row in found["rows"]] == [
        ("website", 4, 0.8),
        ("referral", 1, 0.2),
    ]


def test_cohorts_by_month(leads: list[Lead]) -> None:
    found = report("cohorts")
    assert cells(found, "month", "leads", "won", "won_within_7", "won_within_30") == {
        "2026-01": [4, 1, 0, 1],
        "2026-02": [1, 1, 0, 1],
    }


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["win-rat"], "There is no report “win-rat”"),
        (["win-rate", "--by", "colour"], "cannot be divided by “colour”. It can by: owner"),
        (["win-rate", "--filter", "colour=red"], "cannot be filtered by “colour”"),
        (["win-rate", "--filter", "owner"], "is not a filter"),
        (["win-rate", "--filter", "owner=Nobody"], "names no"),
        (["win-rate", "--from", "2026-02-01", "--to", "2026-01-01"], "ends (2026-01-01) before it begins"),
        (["win-rate", "--from", "1990-01-01", "--to", "2090-01-01"], "longer than 30 years"),
        (["win-rate", "--from", "2026-02-30"], "is not a day"),
        (["win-rate", "--from", "1066-01-01"], "is outside"),
        (["win-rate", "--as-of", "2090-01-01"], "is still to come"),
        (["win-rate", "--as-of", "yesterday"], "is not a moment"),
        (["win-rate", "--view", "period"], "has no view"),
        (["win-rate", "--compare", "previous"], "needs a period"),
    ],
)
def test_what_cannot_be_answered_says_what_can(workspace: Any, arguments: list[str], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence.replace("(", r"\(").replace(")", r"\)")):
        call_command("report", *arguments)


def test_a_table_says_its_moment_to_the_minute_in_the_workspaces_zone(deals: dict[str, Opportunity]) -> None:
    Workspace.objects.update(zone="Europe/Oslo")
    out = StringIO()
    call_command("report", "win-rate", "--as-of", "2026-07-01T10:32:20.696877+00:00", stdout=out)
    assert "As of 2026-07-01 12:32 Europe/Oslo, all teams." in out.getvalue()
