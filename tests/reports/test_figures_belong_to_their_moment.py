"""Whose a number is, and what was known when: worked out by hand on a few records."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import psycopg2
import pytest
from django.db import connection

from leads.models import Handoff, HandoffChange, Lead, OwnerChange
from opportunities.models import Opportunity, StageChange
from reports.computing import compute
from reports.parameters import Wish, newest_complete_moment
from reports.rates import Rate
from reports.rendering import as_json
from reports.scope import Scope
from tests.factories import make_account, make_lead, make_opportunity, make_team
from tests.leads.answering import answer, checklist_of
from tests.reports.records_of_a_year import advance, day, give, hand_off, move
from users.facts import database_now
from users.models import Management, Membership, User


def report(name: str, **asked: Any) -> Any:
    return as_json(compute(Wish(name, **asked), Scope.all()))


def groups(name: str, by: str, column: str, **asked: Any) -> dict[str, Any]:
    return {row[by]: row[column] for row in report(name, by=by, **asked)["rows"]}


# --- Owner, team and manager at the moment of the move -----------------------------------------------------


def test_a_win_stays_with_the_team_that_its_owner_was_in_at_the_close(alice: User, charlie: User) -> None:
    before, after = make_opportunity(alice, at=day(0)), make_opportunity(alice, at=day(0))
    move(before, "won", day(10))
    move(after, "won", day(30))
    Membership.objects.create(user=alice, team=charlie.team, occurred_at=day(20), known_at=day(20))
    assert groups("win-rate", "team", "won") == {"North": 1, "South": 1}
    assert groups("win-rate", "owner", "won") == {"Alice": 2}
    assert groups("win-rate", "region", "won") == {"Europe": 2}


def test_a_win_stays_with_the_owner_who_closed_it(alice: User, charlie: User) -> None:
    deal = make_opportunity(alice, at=day(0))
    give(deal, charlie, day(5))
    move(deal, "won", day(10))
    give(deal, alice, day(20))
    assert groups("win-rate", "owner", "won") == {"Charlie": 1}
    # The deal was created by Alice, and that is the move that stage conversion counts.
    reached = report("stage-conversion", by="owner", filters=("pipeline=direct",))["rows"]
    assert {row["owner"] for row in reached} == {"Alice"}


def test_a_number_belongs_to_the_manager_of_that_day(alice: User, dora: User) -> None:
    deal, later = make_opportunity(alice, at=day(0)), make_opportunity(alice, at=day(0))
    move(deal, "won", day(10))
    move(later, "lost", day(40))
    assert alice.team is not None
    assert alice.team is not None
    Management.objects.create(team=alice.team, manager=dora, occurred_at=day(30), known_at=day(30))
    assert groups("win-rate", "manager", "deals") == {"Bob": 1, "Dora": 1}


def test_a_membership_without_a_start_counts_from_the_beginning(alice: User) -> None:
    move(make_opportunity(alice, at=day(-3000)), "won", day(-2990))
    assert groups("win-rate", "team", "won") == {"North": 1}


def test_a_lead_counts_for_the_owner_at_its_creation_and_a_move_for_the_owner_at_the_move(
    alice: User, charlie: User
) -> None:
    lead = make_lead(alice, at=day(0))
    OwnerChange.objects.create(lead=lead, owner=charlie, team=charlie.team, occurred_at=day(5), known_at=day(5))
    advance(lead, "mql", day(10))
    assert groups("lead-funnel", "owner", "mql") == {"Alice": 1}
    assert groups("lead-funnel", "owner", "mql", view="period") == {"Alice": 0, "Charlie": 1}


def test_a_region_is_the_root_of_the_tree(alice: User) -> None:
    squad = make_team("Squad", parent=alice.team)
    Membership.objects.create(user=alice, team=squad, occurred_at=day(-1), known_at=day(-1))
    move(make_opportunity(alice, at=day(0)), "won", day(1))
    assert groups("win-rate", "region", "won") == {"Europe": 1}
    assert groups("win-rate", "team", "won") == {"Squad": 1}


# --- What was known when -----------------------------------------------------------------------------------


def test_a_move_recorded_late_is_in_no_report_as_of_before_it_was_known(alice: User) -> None:
    deal = make_opportunity(alice, at=day(0))
    won = deal.pipeline.stages.get(code="won")
    StageChange.objects.create(
        opportunity=deal, from_stage=deal.stage, to_stage=won, occurred_at=day(5), known_at=day(50)
    )
    assert report("win-rate", as_of=day(20).isoformat())["totals"]["won"] == 0
    assert report("win-rate", as_of=day(60).isoformat())["totals"]["won"] == 1
    # Counted, it counts in the period in which it happened.
    assert report("win-rate", since="2026-01-05", until="2026-01-15")["totals"]["won"] == 1


def test_as_of_reads_the_source_as_it_was_then(alice: User) -> None:
    lead = make_lead(alice, source="website")
    then = database_now()
    Lead.objects.filter(pk=lead.pk).update(source=None)
    assert groups("lead-funnel", "source", "leads", as_of=then.isoformat()) == {"Website": 1}
    assert groups("lead-funnel", "source", "leads") == {"(none)": 1}


@pytest.fixture
def open_write(db: None) -> Iterator[Any]:
    """Another connection in the middle of a transaction that writes."""
    other = psycopg2.connect(**connection.get_connection_params() | {"cursor_factory": None})
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id(), now()")
        yield cursor.fetchone()[1]
    other.rollback()
    other.close()


def test_now_is_just_before_the_oldest_transaction_that_still_writes(open_write: Any) -> None:
    moment = newest_complete_moment()
    assert moment < open_write
    assert (open_write - moment).total_seconds() < 0.001


def test_now_is_now_when_nobody_writes(db: None) -> None:
    before = database_now()
    assert before <= newest_complete_moment() <= database_now()


# --- Hand-offs ---------------------------------------------------------------------------------------------


@pytest.fixture
def handoffs(alice: User, charlie: User) -> list[Handoff]:
    """Alice accepts after 2 hours, rejects after 30; one is withdrawn, one waits. Charlie recycles after 4; one in review."""
    leads = [make_lead(alice, at=day(0)) for _number in range(4)] + [
        make_lead(charlie, at=day(0)) for _number in range(2)
    ]
    return [
        hand_off(leads[0], "accepted", day(1), day(1 + 2 / 24), by=alice),
        hand_off(leads[1], "rejected", day(1), day(1 + 30 / 24), by=alice, reason="no_budget"),
        hand_off(leads[2], "withdrawn", day(1), day(2)),
        hand_off(leads[3], "offered", day(1), None),
        hand_off(leads[4], "recycled", day(40), day(40 + 4 / 24), by=charlie),
        hand_off(leads[5], "review", day(40), None),
    ]


def test_acceptance_counts_what_was_decided(handoffs: list[Handoff]) -> None:
    totals = report("handoff")["totals"]
    counts = ("offered", "accepted", "rejected", "recycled", "withdrawn", "waiting", "in_review", "returned")
    assert [totals[name] for name in counts] == [5, 1, 1, 1, 1, 1, 1, 0]
    assert (totals["acceptance"]["numerator"], totals["acceptance"]["denominator"]) == (1, 3)
    # Within 8 hours: the accepted and the recycled one; not the rejected one, and not the one that still waits.
    assert (totals["sla_kept"]["numerator"], totals["sla_kept"]["denominator"]) == (2, 4)
    assert (totals["hours_to_decision"]["n"], totals["hours_to_decision"]["median"]) == (3, 4.0)


def test_rejections_by_reason_and_decisions_by_decider(handoffs: list[Handoff]) -> None:
    assert {row["key"]: row["rejected"] for row in report("handoff", by="reason")["rows"]} == {"no_budget": 1, "": 0}
    assert groups("handoff", "decider", "accepted") == {"Alice": 1, "Charlie": 0, "(none)": 0}


def test_a_hand_off_counts_for_the_team_in_whose_queue_it_stood_then(alice: User, charlie: User) -> None:
    found = hand_off(make_lead(alice, at=day(0)), "offered", day(1), None)
    south = {"handoff": found, "from_state": "offered", "team": charlie.team}
    HandoffChange.objects.create(**south, to_state="offered", occurred_at=day(10), known_at=day(10))
    HandoffChange.objects.create(**south, to_state="accepted", by=charlie, occurred_at=day(11), known_at=day(11))
    found.team, found.state, found.decided_at, found.decided_by = charlie.team, "accepted", day(11), charlie
    found.save()
    assert groups("handoff", "team", "offered", view="period") == {"North": 1, "South": 0}
    assert groups("handoff", "team", "accepted", view="period") == {"North": 0, "South": 1}
    assert groups("handoff", "team", "offered", as_of=day(5).isoformat()) == {"North": 1}
    assert groups("handoff", "team", "accepted") == {"North": 1}, "the cohort is that of the offer"


def test_hand_offs_as_of_before_they_were_decided(handoffs: list[Handoff]) -> None:
    totals = report("handoff", as_of=day(1.05).isoformat())["totals"]
    assert (totals["offered"], totals["waiting"], totals["accepted"]) == (4, 4, 0)
    assert totals["acceptance"]["rate"] is None


def test_the_period_view_takes_offers_and_decisions_by_their_own_dates(handoffs: list[Handoff]) -> None:
    found = report("handoff", view="period", since="2026-01-07", until="2026-01-31")["totals"]
    # Offered on the 6th, rejected on the 7th.
    assert (found["offered"], found["rejected"], found["accepted"], found["withdrawn"]) == (0, 1, 0, 1)
    cohort = report("handoff", since="2026-01-07", until="2026-01-31")["totals"]
    assert (cohort["offered"], cohort["rejected"]) == (0, 0)


# --- Data quality ------------------------------------------------------------------------------------------


def test_data_quality_lists_what_is_wrong(alice: User) -> None:
    make_account("Unmanaged", type="customer")
    make_account("Managed", type="customer", manager=alice)
    make_account("Partner", type="agent")
    won_early = make_lead(alice, at=day(10))
    advance(won_early, "customer", day(2))
    backwards = make_lead(alice, at=day(10))
    advance(backwards, "mql", day(12))
    advance(backwards, "sal", day(11))
    make_lead(None, source=None, at=day(10))
    unknown = make_lead(alice, at=day(10))
    advance(unknown, "mql", None)
    closed_early = make_opportunity(alice, at=day(10), account=make_account("A", manager=alice))
    move(closed_early, "lost", day(9))
    fine = make_opportunity(alice, at=day(10), account=make_account("B", manager=alice))
    move(fine, "won", day(20))
    without = make_opportunity(alice, at=day(10), amount=None)
    move(without, "won", None)
    told = checklist_of(make_lead(alice, at=day(10)))
    for code, on in (("decision_date", date(2026, 5, 1)), ("order_date", date(2026, 4, 1))):
        answer(told, code, "yes", by=alice, date=on)
    mended = checklist_of(make_lead(alice, at=day(10)))
    for code, on in (
        ("order_date", date(2026, 4, 1)),
        ("decision_date", date(2026, 5, 1)),
        ("order_date", date(2026, 6, 1)),
    ):
        answer(mended, code, "yes", by=alice, date=on)
    found = {row["check"]: row["records"] for row in report("data-quality")["rows"]}
    assert found == {
        "won_before_contact": 1,
        "lead_dates": 2,
        "deal_dates": 1,
        "closed_before_created": 1,
        "won_without_amount": 1,
        "deals_without_account": 1,
        "accounts_without_manager": 1,
        "told_dates": 1,
        "leads_without_team": 1,
        "leads_without_owner": 1,
        "leads_without_source": 1,
        "lead_dates_unknown": 1,
        "deal_dates_unknown": 1,
    }


def test_a_deal_that_was_won_and_reopened_twice_counts_as_it_stands(alice: User) -> None:
    deal = make_opportunity(alice, at=day(0))
    for number in (1, 3):
        move(deal, "won", day(number))
        move(deal, "solution", day(number + 1))
    assert report("win-rate")["totals"]["won"] == 0
    move(deal, "lost", day(9))
    totals = report("win-rate", since="2026-01-14", until="2026-01-14")["totals"]
    assert (totals["won"], totals["lost"]) == (0, 1)
    steps = {row["step"]: row["reached"] for row in report("stage-conversion", filters=("pipeline=direct",))["rows"]}
    # The wins that were taken back reached nothing; Solution was reached.
    assert (steps["solution"], steps["proposal"], steps["won"], steps["closed"]) == (1, 0, 0, 1)


def test_a_won_deal_without_an_amount_counts_and_adds_nothing(alice: User) -> None:
    move(make_opportunity(alice, at=day(0), amount=None), "won", day(1))
    move(make_opportunity(alice, at=day(0), amount=300), "won", day(1))
    totals = report("win-rate")["totals"]
    assert (totals["won"], totals["won_amount"]["amount"], totals["mean_won"]["amount"]) == (2, 300.0, 300.0)


def test_two_people_of_one_name_are_two_groups_and_no_filter(alice: User, workspace: Any) -> None:
    twin = User.objects.create(username="alice2", name=alice.name, team=alice.team)
    for owner in (alice, twin):
        move(make_opportunity(owner, at=day(0)), "won", day(1))
    assert [row["won"] for row in report("win-rate", by="owner")["rows"]] == [1, 1]
    with pytest.raises(ValueError, match="or more than one"):
        report("win-rate", filters=(f"owner={alice.name}",))
    assert report("win-rate", filters=(f"owner={twin.pk}",))["totals"]["won"] == 1


@pytest.mark.parametrize(
    ("won", "of", "low", "high"),
    # Wilson's interval as Brown, Cai and DasGupta tabulate it, to three digits.
    [(0, 10, 0.0, 0.278), (1, 10, 0.018, 0.404), (5, 10, 0.237, 0.763), (10, 10, 0.722, 1.0), (81, 263, 0.255, 0.366)],
)
def test_wilsons_interval(won: int, of: int, low: float, high: float) -> None:
    interval = Rate(won, of).interval
    assert interval is not None
    assert (round(interval[0], 3), round(interval[1], 3)) == (low, high)


def test_opportunities_have_the_outcome_of_their_newest_move_whatever_their_row_says(alice: User) -> None:
    deal = make_opportunity(alice, at=day(0))
    move(deal, "won", day(1))
    Opportunity.objects.filter(pk=deal.pk).update(stage=deal.pipeline.stages.get(code="lost"))
    assert report("win-rate")["totals"]["won"] == 1
