"""What the background does so that scores stay right: dirty checklists, scores that time alone has turned, leads to
wake, and full rescores in pieces. Run twice or by many workers at once, it does no harm."""

import time
from collections.abc import Iterable

from django.db import connection, transaction

from leads.advancing import advance
from leads.models import GateChange
from leads.qualification import settle
from leads.scores import Rescored, ranges, rescore_range
from users.dirty import mark, work_through
from users.facts import database_now
from users.models import Dirty

BATCH = 500

DUE = """
SELECT checklist_id FROM leads_score WHERE due_at <= clock_timestamp() ORDER BY due_at LIMIT %(limit)s
"""

# Leads whose nurture ends today, and leads with an override that a date has ended since they were last looked at.
TO_LOOK_AT = """
SELECT id FROM leads_lead
WHERE stage = 'nurture' AND nurture_until <= (clock_timestamp() AT TIME ZONE (SELECT zone FROM users_workspace))::date
UNION
SELECT checklist.lead_id FROM leads_override override
JOIN leads_checklist checklist ON checklist.id = override.checklist_id
WHERE checklist.lead_id IS NOT NULL
  AND override.until BETWEEN (clock_timestamp() AT TIME ZONE (SELECT zone FROM users_workspace))::date - 7
                         AND (clock_timestamp() AT TIME ZONE (SELECT zone FROM users_workspace))::date - 1
LIMIT %(limit)s
"""


def settle_dirty(limit: int = BATCH) -> int:
    """Rescore checklists that a write marked; returns how many were taken."""
    return work_through(
        Dirty.Kind.CHECKLIST, lambda keys: settle(keys, cause=GateChange.Cause.EVENT), limit=limit
    )


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


def sweep() -> None:
    """One round of everything that is left to do; the beat calls it, and a write wakes it."""
    for step in (settle_dirty, settle_due, look_at_the_calendar, advance_dirty):
        while step() == BATCH:
            pass


def rescore_piece(context_id: int, first: int, last: int, *, cause: GateChange.Cause) -> Rescored:
    """One piece of a full rescore; leads whose gates turned are left to `advance_dirty` in the same transaction."""
    with transaction.atomic():
        done = rescore_range(context_id, first, last, cause=cause)
        mark(Dirty.Kind.ADVANCE, done.turned)
    return done


def rescore_all(*, cause: GateChange.Cause, pieces: Iterable[tuple[int, int, int]] | None = None) -> tuple[Rescored, float]:
    """Rescore everything, a transaction a piece. Returns what was done, and the seconds it took."""
    started = time.monotonic()
    done = Rescored(0, 0)
    for context_id, first, last in ranges() if pieces is None else pieces:
        done += rescore_piece(context_id, first, last, cause=cause)
    return done, time.monotonic() - started
