"""What the background does so that scores stay right: dirty checklists, scores that time alone has turned, leads to
wake, and full rescores in pieces. Run twice or by many workers at once, it does no harm."""

import time

from django.db import connection, transaction

from leads.advancing import advance
from leads.models import GateChange
from leads.qualification import settle
from leads.scores import BLOCK, Rescored, blocks, rescore_block
from users.dirty import mark, work_through
from users.facts import database_now
from users.models import Dirty

BATCH = 500  # rows a transaction

OTHER_POLICY = """
SELECT DISTINCT checklist_id / %(block)s FROM leads_score score
JOIN (SELECT DISTINCT ON (context_id) context_id, id FROM scoring_policy
      WHERE in_force_from <= clock_timestamp() ORDER BY context_id, in_force_from DESC, id DESC) policy
  ON policy.context_id = score.context_id
WHERE score.policy_id IS DISTINCT FROM policy.id
"""

DUE = """
SELECT checklist_id FROM leads_score WHERE due_at <= clock_timestamp() ORDER BY due_at LIMIT %(limit)s
"""

# Leads whose nurture ends today (an archived one wakes when it is restored), and leads with an override that a date has ended since they were last looked at.
TO_LOOK_AT = """
(SELECT id FROM leads_lead
WHERE stage = 'nurture' AND nurture_until <= (clock_timestamp() AT TIME ZONE (SELECT zone FROM users_workspace))::date
  AND archived_at IS NULL
ORDER BY nurture_until LIMIT %(limit)s)
UNION
SELECT checklist.lead_id FROM leads_override override
JOIN leads_checklist checklist ON checklist.id = override.checklist_id
WHERE checklist.lead_id IS NOT NULL
  AND override.until BETWEEN (clock_timestamp() AT TIME ZONE (SELECT zone FROM users_workspace))::date - 7
                         AND (clock_timestamp() AT TIME ZONE (SELECT zone FROM users_workspace))::date - 1
"""


def settle_dirty(limit: int = BATCH) -> int:
    """Rescore checklists that a write marked; returns how many were taken."""
    return work_through(Dirty.Kind.CHECKLIST, lambda keys: settle(keys, cause=GateChange.Cause.EVENT), limit=limit)


def advance_dirty(limit: int = BATCH) -> int:
    """Move leads whose gates a sweep turned; returns how many were taken."""
    return work_through(Dirty.Kind.ADVANCE, lambda keys: advance(keys, at=database_now()), limit=limit)


def settle_due(limit: int = BATCH) -> int:
    """Rescore what time alone may have turned; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(DUE, {"limit": limit})
        ids = [checklist_id for (checklist_id,) in cursor.fetchall()]
    settle(ids, cause=GateChange.Cause.TIME)
    return len(ids)


def look_at_the_calendar(limit: int = BATCH) -> int:
    """Wake leads whose nurture ends and let go of overrides that ended; returns how many leads moved."""
    with connection.cursor() as cursor:
        cursor.execute(TO_LOOK_AT, {"limit": limit})
        ids = [lead_id for (lead_id,) in cursor.fetchall()]
    return len(advance(ids, at=database_now()))


def rescore_marked_block() -> int:
    """Rescore one block that a full rescore marked; leads whose gates turned are left to `advance_dirty`."""

    def rescore_them(blocks: list[int]) -> None:
        for block in blocks:
            mark(Dirty.Kind.ADVANCE, rescore_block(block, cause=GateChange.Cause.TIME).turned)

    return work_through(Dirty.Kind.BLOCK, rescore_them, limit=1)


def mark_everything() -> int:
    """Ask for a full rescore: every block is left to the workers. Returns how many blocks."""
    marked = blocks()
    mark(Dirty.Kind.BLOCK, marked)
    return len(marked)


def mark_other_policies() -> int:
    """Mark the blocks with scores under another policy than the one in force; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(OTHER_POLICY, {"block": BLOCK})
        marked = [block for (block,) in cursor.fetchall()]
    mark(Dirty.Kind.BLOCK, marked)
    return len(marked)


def sweep() -> None:
    """One round of everything that is left to do; the beat calls it, and a write wakes it.

    Many workers may run it at once: each takes what the others have not.
    """
    mark_other_policies()
    for step in (settle_dirty, settle_due, look_at_the_calendar, advance_dirty):
        while step() == BATCH:
            pass
    while rescore_marked_block():
        advance_dirty()
    while advance_dirty():
        pass


def rescore_now() -> tuple[Rescored, float]:
    """Rescore everything in this process, a transaction a block. Returns what was done, and the seconds it took."""
    started = time.monotonic()
    done = Rescored(0, 0)
    for block in blocks():
        with transaction.atomic():
            piece = rescore_block(block, cause=GateChange.Cause.TIME)
            mark(Dirty.Kind.ADVANCE, piece.turned)
        done += piece
    seconds = time.monotonic() - started
    while advance_dirty():
        pass
    return done, seconds
