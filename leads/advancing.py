"""Moves leads by themselves where their gates say so (decisions.md 12 to 16): reads each lead's case, asks the pure
lifecycle, and writes what follows."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from leads.lifecycle import FOLLOWS_GATES, Case, Cause, Stage, automatic_moves, is_offered_where_it_stands
from leads.locking import lock_leads
from leads.models import Override
from leads.models.lifecycle import Gate
from leads.moving import Moved, append_moves
from leads.offering import offer, withdraw
from leads.scores import sitting
from users.prepared import execute_prepared

# A lead that was decided on, or whose gate already held when it was imported, may be offered again only by something
# that came later: a hand-raise, a return from nurture or disqualified, a gate that turned true anew; or by an override
# that came later and still holds, which _advance_in looks for.
CASES = """
SELECT lead.id, lead.stage, score.mql, score.sql, score.policy_id, score.checklist_id, lead.nurture_until,
       (SELECT cause FROM leads_lifecyclechange change WHERE change.lead_id = lead.id ORDER BY id DESC LIMIT 1),
       EXISTS (SELECT FROM leads_handoff handoff WHERE handoff.lead_id = lead.id AND handoff.state IN ('review', 'offered')),
       lead.stage = 'nurture' AND EXISTS (
           SELECT FROM leads_behaviourevent event
           WHERE event.lead_id = lead.id AND event.kind = ANY(%(hand_raises)s) AND event.occurred_at > lead.stage_since),
       settled.at,
       settled.at IS NULL
       OR EXISTS (SELECT FROM leads_behaviourevent event
                  WHERE event.lead_id = lead.id AND event.kind = ANY(%(hand_raises)s) AND event.occurred_at > settled.at)
       OR EXISTS (SELECT FROM leads_lifecyclechange change
                  WHERE change.lead_id = lead.id AND change.to_stage = 'lead'
                    AND change.from_stage IN ('nurture', 'disqualified') AND change.occurred_at > settled.at)
       OR EXISTS (SELECT FROM leads_gatechange turn
                  WHERE turn.checklist_id = score.checklist_id AND turn.gate = 'mql' AND turn.holds
                    AND turn.cause <> 'import' AND turn.occurred_at > settled.at),
       EXISTS (SELECT FROM leads_override override WHERE override.checklist_id = score.checklist_id)
FROM leads_lead lead
JOIN leads_score score ON score.lead_id = lead.id AND score.listed
CROSS JOIN LATERAL (
    SELECT greatest(
        (SELECT max(decided_at) FROM leads_handoff handoff
         WHERE handoff.lead_id = lead.id AND handoff.state IN ('accepted', 'rejected', 'recycled', 'returned')),
        (SELECT max(turn.occurred_at) FROM leads_gatechange turn
         WHERE turn.checklist_id = score.checklist_id AND turn.gate = 'mql' AND turn.holds AND turn.cause = 'import')
    ) AS at
) settled
WHERE lead.id = ANY(%(ids)s) AND lead.stage = ANY(%(stages)s) AND score.context_id = %(context)s
ORDER BY lead.id
"""
CASE_PARAMETERS = {"ids": "bigint[]", "context": "bigint", "stages": "text[]", "hand_raises": "text[]"}


def advance(lead_ids: Sequence[int], *, at: datetime | None = None) -> list[Moved]:
    """Lock these leads and make their automatic moves: see `advance_held`."""
    with transaction.atomic(savepoint=False):
        return advance_held(lock_leads(lead_ids), at=at)


def advance_held(leads: Mapping[int, Sequence[int]], *, at: datetime | None = None) -> list[Moved]:
    """Make the automatic moves of these leads, with the offers and withdrawals that go with them; return the moves.

    `leads` are those that the transaction has locked, by sales context. Asked again, it finds nothing left to do. They
    are locked before their cases are read: a statement that locks and reads at once would wait for who decides on a
    lead, and then judge its new stage by the hand-offs of before. `at` is for tests.
    """
    moved: list[Moved] = []
    for context_id, ids in leads.items():
        moved += _advance_in(context_id, ids, at)
    return moved


def _advance_in(context_id: int, lead_ids: Sequence[int], moment: datetime | None) -> list[Moved]:
    judge, zone, at = sitting(context_id, moment)
    today = at.astimezone(ZoneInfo(zone)).date()
    with connection.cursor() as cursor:
        execute_prepared(
            cursor,
            CASES,
            CASE_PARAMETERS,
            {
                "ids": list(lead_ids),
                "context": context_id,
                "stages": sorted(FOLLOWS_GATES),
                "hand_raises": sorted(judge.definition.hand_raises),
            },
        )
        rows = cursor.fetchall()
    overrides = _overrides([row[5] for row in rows if row[-1]], at, today)
    moved: list[Moved] = []
    offers: list[int] = []
    withdrawals: list[int] = []
    for (
        lead_id,
        stage,
        mql,
        sql,
        policy_id,
        checklist_id,
        wake_on,
        cause,
        open_handoff,
        raised,
        settled_at,
        offerable,
        _overridden,
    ) in rows:
        over_mql = overrides.get((checklist_id, Gate.MQL))
        over_sql = overrides.get((checklist_id, Gate.SQL))
        reached = Stage(stage)
        case = Case(
            stage=reached,
            mql=mql if over_mql is None else over_mql.direction == Override.Direction.UP,
            sql=sql if over_sql is None else over_sql.direction == Override.Direction.UP,
            mql_overridden=over_mql is not None,
            sql_overridden=over_sql is not None,
            may_be_offered=offerable or _says_so_since(settled_at, over_mql, over_sql),
            open_handoff=open_handoff,
            set_by=Cause(cause) if cause else Cause.IMPORT,
            wake_on=wake_on,
            raised_hand_since=raised,
        )
        if is_offered_where_it_stands(case):
            offers.append(lead_id)
        for move in automatic_moves(case, today):
            moved.append(Moved(lead_id, reached, move.to, move.cause, policy_id=policy_id))
            reached = move.to
            if move.offer:
                offers.append(lead_id)
            if move.withdraw and open_handoff:
                withdrawals.append(lead_id)
    append_moves(moved, at=at)
    if withdrawals:
        withdraw(withdrawals, at=at)
    if offers:
        offer(offers, at=at)
    return moved


def _says_so_since(settled_at: datetime, *overrides: Override | None) -> bool:
    """A person holds a gate up, and has done so since the lead was settled."""
    return any(
        each is not None
        and each.direction == Override.Direction.UP
        and each.occurred_at is not None
        and each.occurred_at > settled_at
        for each in overrides
    )


def _overrides(checklist_ids: Sequence[int], at: datetime, today: date) -> dict[tuple[int, str], Override]:
    """The override that each checklist's gates follow; a diagnostic one only opens the way to conversion."""
    newest: dict[tuple[int, str], Override] = {}
    if not checklist_ids:
        return newest
    overrides = Override.objects.filter(checklist__in=checklist_ids, diagnostic=False)
    for override in overrides.in_effect(at, today):
        newest.setdefault((override.checklist_id, override.gate), override)
    return newest
