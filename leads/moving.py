"""The one writer of lifecycle moves: the appended fact, the lead's present stage, and its copy in the score."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from django.db import connection, transaction

from leads.lifecycle import Cause, Stage
from leads.locking import lock_checklists_of
from leads.models import LifecycleChange


@dataclass(frozen=True, slots=True)
class Moved:
    lead_id: int
    from_stage: Stage | Literal[""]  # empty: the lead begins
    to_stage: Stage
    cause: Cause
    by_id: int | None = None
    policy_id: int | None = None
    reason: str = ""
    diagnostic: bool = False
    nurture_until: date | None = None


# A lead that several moves of one call name ends at the last of them. Its version stays: it is for the fields that two
# people edit, and whoever edits them has no quarrel with a gate that turned meanwhile.
FOLLOW = """
WITH newest AS (
    SELECT DISTINCT ON (lead_id) lead_id, stage, nurture_until
    FROM unnest(%(leads)s::bigint[], %(stages)s::text[], %(untils)s::date[])
         WITH ORDINALITY AS move (lead_id, stage, nurture_until, position)
    ORDER BY lead_id, position DESC
),
moved AS (
    UPDATE leads_lead lead
    SET stage = newest.stage, stage_since = %(at)s, nurture_until = newest.nurture_until
    FROM newest WHERE lead.id = newest.lead_id
)
UPDATE leads_score score SET stage = newest.stage FROM newest WHERE score.lead_id = newest.lead_id
"""


def append_moves(moves: Sequence[Moved], *, at: datetime) -> None:
    """Append the moves, in order, and bring the leads and their scores to where they lead. Lock the leads first."""
    if not moves:
        return
    with transaction.atomic(savepoint=False):
        # A rescore that holds a checklist writes its score, with the stage that it read: it is waited for, or waits.
        lock_checklists_of([move.lead_id for move in moves])
        LifecycleChange.objects.bulk_create(
            LifecycleChange(
                lead_id=move.lead_id,
                from_stage=move.from_stage,
                to_stage=move.to_stage,
                cause=move.cause,
                by_id=move.by_id,
                policy_id=move.policy_id,
                reason=move.reason,
                diagnostic=move.diagnostic,
                nurture_until=move.nurture_until,
                occurred_at=at,
            )
            for move in moves
        )
        with connection.cursor() as cursor:
            cursor.execute(
                FOLLOW,
                {
                    "leads": [move.lead_id for move in moves],
                    "stages": [move.to_stage.value for move in moves],
                    "untils": [move.nurture_until for move in moves],
                    "at": at,
                },
            )
