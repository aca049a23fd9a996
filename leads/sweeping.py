"""What the background does so that scores stay right: scores that time alone has turned, leads to wake, and full
rescores in pieces. Run twice or by many workers at once, it does no harm."""

import time

from django.db import connection, transaction
from django.db.models import Max, Min

from leads.advancing import advance
from leads.behaviour import refresh_sums
from leads.models import GateChange, Lead
from leads.moving_checklists import move_marked_block
from leads.qualification import settle
from leads.scores import BLOCK, Rescored, blocks, rescore_block
from users.dirty import mark, work_through
from users.models import Dirty

BATCH = 500  # rows a transaction
LEADS_A_BLOCK = 2_000  # ids of leads whose sums one transaction makes

IN_FORCE = """
SELECT DISTINCT ON (context_id) context_id, id FROM scoring_policy
WHERE in_force_from <= clock_timestamp() ORDER BY context_id, in_force_from DESC, id DESC
"""

# Three ranges of an index, between numbers that the planner knows: mostly there is nothing to find, and "is distinct
# from" or a join would read every score to see that.
OTHER_POLICY = """
SELECT checklist_id / %(block)s FROM leads_score WHERE context_id = %(context)s AND policy_id < %(policy)s
UNION
SELECT checklist_id / %(block)s FROM leads_score WHERE context_id = %(context)s AND policy_id > %(policy)s
UNION
SELECT checklist_id / %(block)s FROM leads_score WHERE context_id = %(context)s AND policy_id IS NULL
"""

DUE = """
SELECT checklist_id FROM leads_score WHERE due_at <= clock_timestamp() ORDER BY due_at LIMIT %(limit)s
"""

# Leads whose nurture ends today; an archived one wakes when it is restored.
TO_WAKE = """
SELECT id FROM leads_lead
WHERE stage = 'nurture' AND nurture_until <= (clock_timestamp() AT TIME ZONE (SELECT zone FROM users_workspace))::date
  AND archived_at IS NULL
ORDER BY nurture_until LIMIT %(limit)s
"""


def advance_dirty(limit: int = BATCH) -> int:
    """Move leads whose gates a sweep turned; returns how many were taken."""
    return work_through(Dirty.Kind.ADVANCE, advance, limit=limit)


def settle_due(limit: int = BATCH) -> int:
    """Rescore what time alone may have turned, and move the leads with it; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(DUE, {"limit": limit})
        ids = [checklist_id for (checklist_id,) in cursor.fetchall()]
    settle(ids, cause=GateChange.Cause.TIME)
    return len(ids)


def wake_leads(limit: int = BATCH) -> int:
    """Wake leads whose nurture ends; returns how many woke, whatever became of them then."""
    with connection.cursor() as cursor:
        cursor.execute(TO_WAKE, {"limit": limit})
        ids = [lead_id for (lead_id,) in cursor.fetchall()]
    return len({move.lead_id for move in advance(ids)})


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
        cursor.execute(IN_FORCE)
        marked: set[int] = set()
        for context_id, policy_id in cursor.fetchall():
            cursor.execute(OTHER_POLICY, {"block": BLOCK, "context": context_id, "policy": policy_id})
            marked.update(block for (block,) in cursor.fetchall())
    mark(Dirty.Kind.BLOCK, marked)
    return len(marked)


def mark_sums() -> None:
    """Ask for the engagement sums of every lead: a policy counts a kind, or a half-life, of which none are kept."""
    bounds = Lead.objects.aggregate(first=Min("pk"), last=Max("pk"))
    if bounds["first"] is not None:
        mark(Dirty.Kind.SUMS, range(bounds["first"] // LEADS_A_BLOCK, bounds["last"] // LEADS_A_BLOCK + 1))


def keep_sums_of_marked_block() -> int:
    """Make the sums of one block of leads that were asked for. Scores read the events until all are made."""

    def keep(blocks: list[int]) -> None:
        for block in blocks:
            leads = Lead.objects.filter(pk__gte=block * LEADS_A_BLOCK, pk__lt=(block + 1) * LEADS_A_BLOCK)
            refresh_sums(list(leads.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True)))

    return work_through(Dirty.Kind.SUMS, keep, limit=1)


def sweep() -> None:
    """One round of everything that is left to do; the beat calls it, and a write wakes it.

    Many workers may run it at once. Of what stands in rows each takes what the others have not; what the clock brings
    two may do one after the other, and the second finds nothing left to change.
    """
    mark_other_policies()
    while keep_sums_of_marked_block():
        pass
    for step in (settle_due, wake_leads, advance_dirty):
        while step() == BATCH:
            pass
    while rescore_marked_block():
        advance_dirty()
    while move_marked_block():
        pass
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
