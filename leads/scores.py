"""The one writer of scores and gate changes.

Correct beside live answers because it locks the checklists first and takes the moment after the lock: whatever was
written before is then visible to the statement, and whatever comes later waits and is scored later.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.db import connection, transaction
from psycopg2 import sql

from leads.judging import RANGE, SOME, Judge, ready_judge
from leads.models import GateChange
from scoring.models import Policy
from users.facts import database_now
from users.models import SalesContext, Workspace

CHUNK = 20_000  # checklists a transaction: the longest lock stays well under half a second

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
    "due_at",
)
RENAMED = {"criteria_low": "lows", "criteria_high": "highs"}

WRITE = """
, written AS (
    INSERT INTO leads_score (checklist_id, scored_at, {columns})
    SELECT checklist_id, %(moment)s, {values} FROM judged
    ON CONFLICT (checklist_id) DO UPDATE SET scored_at = excluded.scored_at, {updates}
    WHERE %(touch)s OR ({present}) IS DISTINCT FROM ({excluded})
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
        WHERE lead_id IS NOT NULL AND checklist_id IN (SELECT checklist_id FROM turned))
"""

LOCK_SOME = """
SELECT context_id, array_agg(id) FROM (
    SELECT id, context_id FROM leads_checklist WHERE id = ANY(%(ids)s) ORDER BY id FOR NO KEY UPDATE
) locked GROUP BY context_id
"""

LOCK_RANGE = """
SELECT count(*) FROM (
    SELECT FROM leads_checklist WHERE context_id = %(context)s AND id BETWEEN %(first)s AND %(last)s
    ORDER BY id FOR NO KEY UPDATE
) locked
"""

RANGES = """
SELECT min(id), max(id) FROM (
    SELECT id, (row_number() OVER (ORDER BY id) - 1) / %(chunk)s AS part FROM leads_checklist WHERE context_id = %(context)s
) numbered GROUP BY part ORDER BY part
"""

IN_FORCE = """
SELECT (SELECT id FROM scoring_policy WHERE context_id = %(context)s AND in_force_from <= %(moment)s
        ORDER BY in_force_from DESC, id DESC LIMIT 1),
       (SELECT max(id) FROM scoring_questionset WHERE context_id = %(context)s),
       (SELECT zone FROM users_workspace WHERE id = 1)
"""


@dataclass(frozen=True, slots=True)
class Rescored:
    """`scored` checklists were judged, `changed` rows were written; the gates of `turned` leads turned."""

    scored: int
    changed: int
    turned: tuple[int, ...] = ()

    def __add__(self, other: "Rescored") -> "Rescored":
        return Rescored(self.scored + other.scored, self.changed + other.changed, self.turned + other.turned)


def judge_in_force(context_id: int, moment: datetime) -> tuple[Judge, str]:
    """The judge of the policy in force in the context at the moment, and the workspace's zone. One query when warm."""
    with connection.cursor() as cursor:
        cursor.execute(IN_FORCE, {"context": context_id, "moment": moment})
        policy_id, newest_set_id, zone = cursor.fetchone()
    return _kept_judge(_database(), policy_id, context_id, newest_set_id), zone or Workspace.get().zone


def _database() -> str:
    return str(connection.settings_dict["NAME"])


@lru_cache(maxsize=64)
def _kept_judge(database: str, policy_id: int | None, context_id: int, newest_set_id: int | None) -> Judge:
    """Policies and question sets never change, so a judge holds as long as no newer set is published."""
    return ready_judge(Policy.objects.get(pk=policy_id) if policy_id else None, context_id)


@lru_cache(maxsize=256)
def _writing_statement(database: str, judge: Judge, by_range: bool) -> str:
    columns = [sql.Identifier(column) for column in COLUMNS]
    policy = sql.Literal(judge.policy.pk if judge.policy else None)
    values = [
        policy + sql.SQL("::bigint") if column == "policy_id" else sql.Identifier(RENAMED.get(column, column))
        for column in COLUMNS
    ]
    comma = sql.SQL(", ")
    tail = sql.SQL(WRITE).format(
        columns=comma.join(columns),
        values=comma.join(values),
        updates=comma.join(sql.SQL("{0} = excluded.{0}").format(column) for column in columns),
        present=comma.join(sql.SQL("leads_score.{}").format(column) for column in columns),
        excluded=comma.join(sql.SQL("excluded.{}").format(column) for column in columns),
        policy=policy + sql.SQL("::bigint"),
    )
    head = judge.statement(selection=RANGE if by_range else SOME, past=False)
    connection.ensure_connection()
    return (head + tail).as_string(connection.connection)


def rescore(checklist_ids: Sequence[int], *, cause: GateChange.Cause, at: datetime | None = None) -> Rescored:
    """Judge these checklists under the policy in force and keep the result. Call it inside the writing transaction.

    Each row's `scored_at` is renewed even where nothing else changed: it says up to when facts are in the score.
    `at` is for tests; it must not lie before facts that are already scored.
    """
    done = Rescored(0, 0)
    if not checklist_ids:
        return done
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(LOCK_SOME, {"ids": list(checklist_ids)})
        locked = cursor.fetchall()
        moment = at or database_now()
        for context_id, ids in locked:
            judge, zone = judge_in_force(context_id, moment)
            cursor.execute(
                _writing_statement(_database(), judge, False),
                {"ids": ids, "moment": moment, "zone": zone, "cause": cause.value, "touch": True, "with_margin": True},
            )
            scored, changed, turned = cursor.fetchone()
            done += Rescored(scored, changed, tuple(turned))
    return done


def ranges() -> Iterator[tuple[int, int, int]]:
    """All checklists as (context id, first id, last id), CHUNK at a time: the pieces of a full rescore."""
    for context_id in SalesContext.objects.values_list("pk", flat=True):
        with connection.cursor() as cursor:
            cursor.execute(RANGES, {"context": context_id, "chunk": CHUNK})
            parts = cursor.fetchall()
        for first, last in parts:
            yield context_id, first, last


def rescore_range(
    context_id: int, first: int, last: int, *, cause: GateChange.Cause, at: datetime | None = None
) -> Rescored:
    """Judge one piece of a full rescore in a transaction of its own; only rows that differ are written."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(LOCK_RANGE, {"context": context_id, "first": first, "last": last})
        moment = at or database_now()
        judge, zone = judge_in_force(context_id, moment)
        cursor.execute(
            _writing_statement(_database(), judge, True),
            {"first": first, "last": last, "moment": moment, "zone": zone, "cause": cause.value, "touch": False, "with_margin": True},
        )
        scored, changed, turned = cursor.fetchone()
    return Rescored(scored, changed, tuple(turned))
