"""Which move follows from what, without a database: the sales handbook of decisions.md 12 to 16."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import product

import pytest

from leads.lifecycle import (
    BY_HAND,
    FOLLOWS_GATES,
    Case,
    Cause,
    Move,
    Stage,
    automatic_moves,
    is_offered_where_it_stands,
)

TODAY = date(2026, 3, 2)
LEAD = Case(Stage.LEAD, mql=False, sql=False)
OFFERED = Case(Stage.MQL, mql=True, sql=False, open_handoff=True)


def moves(case: Case) -> list[Move]:
    return automatic_moves(case, TODAY)


def test_a_lead_whose_gate_holds_becomes_an_mql_and_is_offered() -> None:
    assert moves(LEAD) == []
    assert moves(replace(LEAD, mql=True)) == [Move(Stage.MQL, Cause.POLICY, offer=True)]


def test_a_lead_that_is_ready_for_sales_is_an_mql_first() -> None:
    assert moves(replace(LEAD, mql=True, sql=True)) == [Move(Stage.MQL, Cause.POLICY, offer=True)]
    assert moves(replace(OFFERED, sql=True)) == [], "sales accepts first"


def test_what_sales_decided_on_is_not_offered_again_by_the_same_gate() -> None:
    assert moves(replace(LEAD, mql=True, may_be_offered=False)) == []


def test_a_lost_gate_takes_an_untaken_offer_back() -> None:
    assert moves(replace(OFFERED, mql=False)) == [Move(Stage.LEAD, Cause.POLICY, withdraw=True)]


@pytest.mark.parametrize("cause", [Cause.IMPORT, Cause.PERSON])
def test_the_policy_takes_back_only_what_a_policy_set(cause: Cause) -> None:
    assert moves(replace(OFFERED, mql=False, set_by=cause)) == []


def test_an_override_that_ends_undecided_takes_back_what_it_set() -> None:
    assert moves(replace(OFFERED, mql=False, set_by=Cause.OVERRIDE)) == [
        Move(Stage.LEAD, Cause.OVERRIDE, withdraw=True)
    ]
    by_override = Case(Stage.SQL, mql=True, sql=False, set_by=Cause.OVERRIDE)
    assert moves(by_override) == [Move(Stage.SAL, Cause.OVERRIDE)]
    assert moves(replace(by_override, set_by=Cause.POLICY)) == [], "an SQL gate that is lost later takes nothing back"
    assert moves(replace(by_override, sql=True)) == [], "the policy says so by now"


def test_an_override_moves_the_lead_in_its_own_name() -> None:
    up = replace(LEAD, mql=True, mql_overridden=True)
    assert moves(up) == [Move(Stage.MQL, Cause.OVERRIDE, offer=True)]
    sql_up = replace(LEAD, sql=True, sql_overridden=True)
    assert moves(sql_up) == [Move(Stage.MQL, Cause.OVERRIDE, offer=True)]
    assert moves(Case(Stage.SAL, mql=True, sql=True, sql_overridden=True)) == [Move(Stage.SQL, Cause.OVERRIDE)]


def test_an_mql_gate_closed_by_hand_stays_closed_where_the_sql_gate_holds() -> None:
    down = Case(Stage.LEAD, mql=False, sql=True, mql_overridden=True)
    assert moves(down) == []
    assert moves(replace(down, stage=Stage.MQL, open_handoff=True)) == [Move(Stage.LEAD, Cause.OVERRIDE, withdraw=True)]


def test_an_accepted_lead_becomes_an_sql_when_that_gate_holds() -> None:
    assert moves(Case(Stage.SAL, mql=True, sql=False)) == []
    assert moves(Case(Stage.SAL, mql=True, sql=True)) == [Move(Stage.SQL, Cause.POLICY)]


def test_nurture_ends_on_its_day_or_by_a_raised_hand() -> None:
    asleep = Case(Stage.NURTURE, mql=False, sql=False, wake_on=TODAY + timedelta(days=1))
    assert moves(asleep) == []
    assert moves(replace(asleep, wake_on=TODAY)) == [Move(Stage.LEAD, Cause.POLICY)]
    assert moves(replace(asleep, raised_hand_since=True)) == [Move(Stage.LEAD, Cause.POLICY)]
    decided = replace(asleep, mql=True, may_be_offered=False, wake_on=TODAY)
    assert moves(decided) == [Move(Stage.LEAD, Cause.POLICY), Move(Stage.MQL, Cause.POLICY, offer=True)], (
        "it woke: what was decided before no longer forbids the offer"
    )
    assert moves(replace(decided, wake_on=None)) == []


def test_an_imported_mql_is_offered_once_its_gate_turns_true() -> None:
    imported = Case(Stage.MQL, mql=True, sql=False, set_by=Cause.IMPORT)
    assert moves(imported) == [] and is_offered_where_it_stands(imported)
    for change in ({"mql": False}, {"may_be_offered": False}, {"open_handoff": True}, {"set_by": Cause.POLICY}):
        assert not is_offered_where_it_stands(replace(imported, **change)), change


def test_no_move_is_followed_by_another_and_a_deal_is_left_alone() -> None:
    """Every case: after its moves a lead stands still, an offer comes with MQL only, and a deal follows no gate."""
    flags = [False, True]
    tried = 0
    for stage, cause, (open_gate, sql, over_mql, over_sql, offerable, open_handoff, raised) in product(
        Stage, Cause, product(flags, repeat=7)
    ):
        mql = open_gate or (sql and not over_sql and not over_mql)  # the policy's SQL gate opens its MQL gate
        case = Case(stage, mql, sql, over_mql, over_sql, offerable, open_handoff, cause, TODAY, raised)
        made = moves(case)
        tried += 1
        if stage not in FOLLOWS_GATES:
            assert made == []
        assert all(move.to is Stage.MQL for move in made if move.offer)
        assert all(move.to is Stage.LEAD and stage is Stage.MQL for move in made if move.withdraw)
        if made:
            after = replace(
                case, stage=made[-1].to, set_by=made[-1].cause, open_handoff=made[-1].to is Stage.MQL, wake_on=None
            )
            assert moves(replace(after, raised_hand_since=False)) == [], (case, made)
    assert tried == 8 * 5 * 2**7


def test_a_person_accepts_from_the_queue_only_and_nobody_presses_sql_or_opportunity() -> None:
    assert BY_HAND[Stage.SAL] == {Stage.MQL}
    assert not {Stage.MQL, Stage.SQL, Stage.OPPORTUNITY, Stage.CUSTOMER} & BY_HAND.keys()
