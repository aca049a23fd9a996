"""The stages of a lead and which move follows from what (decisions.md 12 to 16). Pure: nothing of Django.

lead -> mql -> sal -> sql -> opportunity -> customer        and aside: nurture, disqualified
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Stage(StrEnum):
    LEAD = "lead"  # somebody who may buy
    MQL = "mql"  # marketing qualified: offered to sales
    SAL = "sal"  # sales accepted
    SQL = "sql"  # sales qualified
    OPPORTUNITY = "opportunity"  # converted: has a deal
    CUSTOMER = "customer"  # a deal was won
    NURTURE = "nurture"  # kept warm until a date
    DISQUALIFIED = "disqualified"  # will not buy


class Cause(StrEnum):
    POLICY = "policy"  # a gate turned
    PERSON = "person"  # somebody pressed a button
    OVERRIDE = "override"  # somebody overrode a gate
    CONVERSION = "conversion"  # converted, won, or the undo of it
    IMPORT = "import"  # came with an import


# What a person may do by hand: from which stages each move leads to its target.
BY_HAND: dict[Stage, frozenset[Stage]] = {
    Stage.SAL: frozenset({Stage.MQL}),  # accept
    Stage.NURTURE: frozenset({Stage.LEAD, Stage.MQL, Stage.SAL, Stage.SQL, Stage.DISQUALIFIED}),
    Stage.DISQUALIFIED: frozenset({Stage.LEAD, Stage.MQL, Stage.SAL, Stage.SQL, Stage.NURTURE}),
    Stage.LEAD: frozenset({Stage.NURTURE, Stage.DISQUALIFIED}),  # reopen
}

# Before conversion the gates move the lead; afterwards it follows its deals.
FOLLOWS_GATES = frozenset({Stage.LEAD, Stage.MQL, Stage.SAL, Stage.SQL, Stage.NURTURE})

# Of the reason of a move or an override, in characters.
LONGEST_REASON = 300

# How far along a lead is, for funnels: reaching a stage means having reached those before it.
FUNNEL = (Stage.LEAD, Stage.MQL, Stage.SAL, Stage.SQL, Stage.OPPORTUNITY, Stage.CUSTOMER)


@dataclass(frozen=True, slots=True)
class Case:
    """What the automatic moves of one lead depend on.

    `mql` and `sql` are the effective verdicts: the policy's, or the override's where there is one.
    """

    stage: Stage
    mql: bool
    sql: bool
    mql_overridden: bool = False
    sql_overridden: bool = False
    may_be_offered: bool = True  # decisions.md 14
    open_handoff: bool = False
    set_by: Cause = Cause.POLICY  # the cause of the move into the present stage
    wake_on: date | None = None  # nurture until
    raised_hand_since: bool = False  # a hand-raise after the nurture began


@dataclass(frozen=True, slots=True)
class Move:
    to: Stage
    cause: Cause
    offer: bool = False  # opens a hand-off
    withdraw: bool = False  # takes the open hand-off back


def automatic_moves(case: Case, today: date) -> list[Move]:
    """The moves that follow by themselves, in order; an empty list when the lead stays where it is.

    `today` is the date in the workspace's zone. An SQL gate that holds at lead makes the lead an MQL, never an SQL:
    sales accepts first.
    """
    moves: list[Move] = []
    stage = case.stage
    may_be_offered = case.may_be_offered
    if stage is Stage.NURTURE and (case.raised_hand_since or (case.wake_on is not None and case.wake_on <= today)):
        stage, may_be_offered = Stage.LEAD, True
        moves.append(Move(stage, Cause.POLICY))
    if stage is Stage.LEAD and _is_mql(case) and may_be_offered:
        # The policy's MQL gate holds wherever its SQL gate does: what holds at SQL alone, an override holds.
        cause = Cause.OVERRIDE if case.mql_overridden or not case.mql else Cause.POLICY
        moves.append(Move(Stage.MQL, cause, offer=not case.open_handoff))
    elif stage is Stage.MQL and not _is_mql(case):
        if case.mql_overridden:
            moves.append(Move(Stage.LEAD, Cause.OVERRIDE, withdraw=True))
        elif case.set_by in (Cause.POLICY, Cause.OVERRIDE):
            # The policy takes back only what a policy set, or an override that ended undecided.
            moves.append(Move(Stage.LEAD, case.set_by, withdraw=True))
    elif stage is Stage.SAL and case.sql:
        moves.append(Move(Stage.SQL, Cause.OVERRIDE if case.sql_overridden else Cause.POLICY))
    elif stage is Stage.SQL and not case.sql and case.set_by is Cause.OVERRIDE:
        moves.append(Move(Stage.SAL, Cause.OVERRIDE))
    return moves


def is_offered_where_it_stands(case: Case) -> bool:
    """An MQL that an import brought opened no hand-off; it is offered when its gate turns true later (decisions.md 13)."""
    imported = case.stage is Stage.MQL and case.set_by is Cause.IMPORT
    return imported and _is_mql(case) and case.may_be_offered and not case.open_handoff


def _is_mql(case: Case) -> bool:
    """An MQL gate that an override closes stays closed, even where the SQL gate holds."""
    return case.mql or (case.sql and not case.mql_overridden)
