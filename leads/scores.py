"""The one writer of scores and gate changes.

Correct beside live answers because it locks the checklists first and takes the moment after the lock: whatever was
written before is then visible to the statement, and whatever comes later waits and is scored later.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import connection, transaction
from psycopg2 import sql

from leads.judging import PARAMETERS, RANGE, SOME, Judge, ready_judge
from leads.locking import lock_checklists
from leads.models import GateChange
from scoring.models import Policy
from users.facts import database_now
from users.models import SalesContext, Workspace
from users.prepared import execute_prepared

BLOCK = 20_000  # ids of checklists a transaction: the longest lock stays well under half a second

COLUMNS = (
    "lead_id",
    "context_id",
    "listed",
    "owner_id",
    "team_id",
    "stage",
    "source_id",
    "campaign_id",
    "persona_id",
    "policy_id",
    "fit",
    "best_persona",
    "engagement",
    "qualification",
    "low",
    "high",
    "completeness",
    "criteria_low",
    "criteria_high",
    "mql",
    "sql",
    "disqualified",
    "interest_shown",
    "temperature",
    "route",
    "due_at",  # the last: not compared
)
RENAMED = {"criteria_low": "lows", "criteria_high": "highs"}

WRITE = """
, differing AS (
    -- Found before the INSERT: ON CONFLICT would lock, and so write to, even the rows that it leaves alone.
    SELECT judged.*, leads_score.due_at <= %(moment)s AS was_due
    FROM judged LEFT JOIN leads_score ON leads_score.checklist_id = judged.checklist_id
    -- The due moment is a bound that moves on a little each time; it is renewed with the rest, when it has come, or
    -- when it would come too late, as after a change of the workspace's zone.
    WHERE %(touch)s OR leads_score.checklist_id IS NULL OR leads_score.due_at <= %(moment)s
       OR judged.due_at < coalesce(leads_score.due_at, 'infinity') - interval '1 minute'
       OR ({present}) IS DISTINCT FROM ({judged})
),
written AS (
    INSERT INTO leads_score (checklist_id, scored_at, {columns})
    SELECT checklist_id, %(moment)s, {values} FROM differing
    ON CONFLICT (checklist_id) DO UPDATE SET scored_at = excluded.scored_at, {updates}
    RETURNING checklist_id
),
turned AS (
    INSERT INTO leads_gatechange (checklist_id, gate, holds, policy_id, cause, occurred_at)
    SELECT judged.checklist_id, turn.gate, turn.holds, {policy}, %(cause)s, %(moment)s
    FROM judged CROSS JOIN LATERAL (VALUES ('mql', mql, prior_mql), ('sql', sql, prior_sql)) turn (gate, holds, prior)
    WHERE turn.holds <> turn.prior
    RETURNING checklist_id
)
SELECT (SELECT count(*) FROM judged), (SELECT count(*) FROM written),
       (SELECT coalesce(array_agg(DISTINCT lead_id), '{{}}') FROM judged
        WHERE lead_id IS NOT NULL AND (checklist_id IN (SELECT checklist_id FROM turned)
                                       OR checklist_id IN (SELECT checklist_id FROM differing WHERE was_due)))
"""

LOCK_BLOCK = """
SELECT DISTINCT context_id FROM (
    SELECT context_id FROM leads_checklist WHERE id BETWEEN %(first)s AND %(last)s ORDER BY id FOR NO KEY UPDATE
) locked ORDER BY context_id
"""

IN_FORCE = """
WITH moment AS MATERIALIZED (SELECT coalesce(%(moment)s, clock_timestamp()) AS at)
SELECT moment.at,
       (SELECT id FROM scoring_policy WHERE context_id = %(context)s AND in_force_from <= moment.at
        ORDER BY in_force_from DESC, id DESC LIMIT 1),
       (SELECT max(id) FROM scoring_questionset WHERE context_id = %(context)s),
       (SELECT zone FROM users_workspace WHERE id = 1),
       NOT EXISTS (SELECT FROM users_dirty WHERE kind = 'sums')
FROM moment
"""
IN_FORCE_PARAMETERS = {"context": "bigint", "moment": "timestamptz"}


@dataclass(frozen=True, slots=True)
class Rescored:
    """`scored` checklists were judged, `changed` rows were written.

    The gates of `turned` leads turned, or something that time alone decides, such as the end of an override, came due.
    """

    scored: int
    changed: int
    turned: tuple[int, ...] = ()

    def __add__(self, other: "Rescored") -> "Rescored":
        return Rescored(self.scored + other.scored, self.changed + other.changed, self.turned + other.turned)


def sitting(context_id: int, moment: datetime | None = None) -> tuple[Judge, str, datetime]:
    """The judge of the policy in force in the context at the moment, the workspace's zone, and the moment.

    None is the present moment, read from the database's clock in the same query: the only one when warm. While sums
    are still being made for kinds that a new policy brought, the judge reads the events themselves.
    """
    with connection.cursor() as cursor:
        execute_prepared(cursor, IN_FORCE, IN_FORCE_PARAMETERS, {"context": context_id, "moment": moment})
        at, policy_id, newest_set_id, zone, summed = cursor.fetchone()
    return _kept_judge(_database(), policy_id, context_id, newest_set_id, summed), zone or Workspace.get().zone, at


def judge_in_force(context_id: int, moment: datetime) -> tuple[Judge, str]:
    """The judge of the policy in force in the context at the moment, and the workspace's zone."""
    judge, zone, _moment = sitting(context_id, moment)
    return judge, zone


def _database() -> str:
    return str(connection.settings_dict["NAME"])


@lru_cache(maxsize=64)
def _kept_judge(
    database: str, policy_id: int | None, context_id: int, newest_set_id: int | None, summed: bool
) -> Judge:
    """Policies and question sets never change, so a judge holds as long as no newer set is published."""
    return ready_judge(Policy.objects.get(pk=policy_id) if policy_id else None, context_id, summed=summed)


@lru_cache(maxsize=256)
def _writing_statement(database: str, judge: Judge, by_range: bool) -> str:
    columns = [sql.Identifier(column) for column in COLUMNS]
    policy = sql.Literal(judge.policy.pk if judge.policy else None)
    values = [
        policy + sql.SQL("::bigint") if column == "policy_id" else sql.Identifier(RENAMED.get(column, column))
        for column in COLUMNS
    ]
    judged = [
        value if column == "policy_id" else sql.SQL("judged.{}").format(value)
        for column, value in zip(COLUMNS, values, strict=True)
    ]
    comma = sql.SQL(", ")
    tail = sql.SQL(WRITE).format(
        columns=comma.join(columns),
        values=comma.join(values),
        updates=comma.join(sql.SQL("{0} = excluded.{0}").format(column) for column in columns),
        present=comma.join(sql.SQL("leads_score.{}").format(column) for column in columns[:-1]),
        judged=comma.join(judged[:-1]),
        policy=policy + sql.SQL("::bigint"),
    )
    head = judge.statement(selection=RANGE if by_range else SOME, past=False)
    connection.ensure_connection()
    return str((head + tail).as_string(connection.connection))


def rescore(checklist_ids: Sequence[int], *, cause: GateChange.Cause, at: datetime | None = None) -> Rescored:
    """Lock these checklists, judge them under the policy in force and keep the result, in the writing transaction."""
    with transaction.atomic(savepoint=False):
        return rescore_held(lock_checklists(checklist_ids), cause=cause, at=at)


def rescore_held(
    checklists: Mapping[int, Sequence[int]], *, cause: GateChange.Cause, at: datetime | None = None
) -> Rescored:
    """Judge the checklists that the transaction has locked, by sales context, and keep the result.

    The other checklists of their leads are judged along: a call, or a pain that an answer names, counts in all of them.
    Each row's `scored_at` is renewed even where nothing else changed: it says up to when facts are in the score.
    `at` is for tests; it must not lie before facts that are already scored.
    """
    done = Rescored(0, 0)
    moment = at
    with connection.cursor() as cursor:
        for context_id, ids in checklists.items():
            judge, zone, moment = sitting(context_id, moment)  # the first one's is the moment of all
            execute_prepared(
                cursor,
                _writing_statement(_database(), judge, False),
                PARAMETERS | {"cause": "text", "touch": "boolean"},
                {
                    "ids": list(ids),
                    "moment": moment,
                    "zone": zone,
                    "cause": cause.value,
                    "touch": True,
                    "with_margin": True,
                },
            )
            scored, changed, turned = cursor.fetchone()
            done += Rescored(scored, changed, tuple(turned))
    return done


def rescore_block(block: int, *, cause: GateChange.Cause) -> Rescored:
    """Judge the checklists of one block of ids, a piece of a full rescore; only rows that differ are written.

    A context is a statement of its own in one transaction, so no lead is ever scored by parts of two policies.
    """
    done = Rescored(0, 0)
    bounds = {"first": block * BLOCK, "last": (block + 1) * BLOCK - 1}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(LOCK_BLOCK, bounds)
        context_ids = [context_id for (context_id,) in cursor.fetchall()]
        moment = database_now()
        for context_id in context_ids:
            judge, zone = judge_in_force(context_id, moment)
            cursor.execute(
                _writing_statement(_database(), judge, True),
                bounds | {"moment": moment, "zone": zone, "cause": cause.value, "touch": False, "with_margin": True},
            )
            scored, changed, turned = cursor.fetchone()
            done += Rescored(scored, changed, tuple(turned))
    return done


def blocks() -> list[int]:
    """All blocks that hold checklists: the pieces of a full rescore."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(min(id), 0), coalesce(max(id), -1) FROM leads_checklist")
        first, last = cursor.fetchone()
    return list(range(first // BLOCK, last // BLOCK + 1))


COMPARE = """
SELECT count(*), count(*) FILTER (WHERE ({present}) IS DISTINCT FROM ({judged}))
FROM judged LEFT JOIN leads_score ON leads_score.checklist_id = judged.checklist_id
"""
VERDICTS = ("fit", "engagement", "qualification", "low", "high", "mql", "sql", "temperature", "route")


def compare_as_of(checklist_ids: Sequence[int] | None, moment: datetime | None) -> Rescored:
    """Judge as of the moment (None: now) without writing; `changed` counts verdicts that differ from the kept ones."""
    done = Rescored(0, 0)
    at = moment or database_now()
    tail = sql.SQL(COMPARE).format(
        present=sql.SQL(", ").join(sql.SQL("leads_score.{}").format(sql.Identifier(column)) for column in VERDICTS),
        judged=sql.SQL(", ").join(sql.SQL("judged.{}").format(sql.Identifier(column)) for column in VERDICTS),
    )
    selection = RANGE if checklist_ids is None else SOME
    with connection.cursor() as cursor:
        for context_id in SalesContext.objects.order_by("pk").values_list("pk", flat=True):
            judge, zone = judge_in_force(context_id, at)
            statement = judge.statement(selection=selection, past=moment is not None) + tail
            parameters: dict[str, Any] = {"moment": at, "zone": zone, "with_margin": True}
            for block in blocks() if checklist_ids is None else [0]:
                bounds = {"first": block * BLOCK, "last": (block + 1) * BLOCK - 1}
                which = bounds if checklist_ids is None else {"ids": list(checklist_ids)}
                cursor.execute(statement.as_string(connection.connection), parameters | which)
                scored, changed = cursor.fetchone()
                done += Rescored(scored, changed)
    return done
