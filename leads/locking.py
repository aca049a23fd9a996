"""Locks a case: its lead first, then all of its checklists, each kind in order of id.

A full rescore locks checklists alone, a block of ids at a time. Whoever held one checklist of a lead and reached for
the other one later could meet it halfway, so the checklists of a lead are locked together.
"""

from collections import defaultdict
from collections.abc import Sequence

from django.db import connection

LEADS = "SELECT id, context_id FROM leads_lead WHERE id = ANY(%(ids)s) ORDER BY id FOR NO KEY UPDATE"

LEADS_OF_CHECKLISTS = """
SELECT id, context_id FROM leads_lead WHERE id IN (SELECT lead_id FROM leads_checklist WHERE id = ANY(%(ids)s))
ORDER BY id FOR NO KEY UPDATE
"""

CHECKLISTS = """
SELECT id, context_id FROM leads_checklist
WHERE id IN (
    SELECT unnest(%(ids)s::bigint[])
    UNION
    SELECT other.id FROM leads_checklist asked JOIN leads_checklist other ON other.lead_id = asked.lead_id
    WHERE asked.id = ANY(%(ids)s)
)
ORDER BY id FOR NO KEY UPDATE
"""

CHECKLISTS_OF_LEADS = "SELECT id FROM leads_checklist WHERE lead_id = ANY(%(ids)s) ORDER BY id FOR NO KEY UPDATE"


def lock_leads(lead_ids: Sequence[int]) -> dict[int, list[int]]:
    """Lock the leads, and return them by the sales context that they are in once nobody else holds them."""
    return _by_context(LEADS, lead_ids)


def lock_leads_of(checklist_ids: Sequence[int]) -> dict[int, list[int]]:
    """Lock the leads whose checklists these are, and return them as `lock_leads` does."""
    return _by_context(LEADS_OF_CHECKLISTS, checklist_ids)


def lock_checklists(checklist_ids: Sequence[int]) -> dict[int, list[int]]:
    """Lock the checklists with the others of their leads, and return all of them by their sales context.

    Lock the leads first, or write nothing but scores.
    """
    return _by_context(CHECKLISTS, checklist_ids)


def lock_checklists_of(lead_ids: Sequence[int]) -> None:
    """Lock all checklists of these leads; lock the leads first."""
    with connection.cursor() as cursor:
        cursor.execute(CHECKLISTS_OF_LEADS, {"ids": list(lead_ids)})


def _by_context(statement: str, ids: Sequence[int]) -> dict[int, list[int]]:
    found: defaultdict[int, list[int]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(statement, {"ids": list(ids)})
        for key, context_id in cursor.fetchall():
            found[context_id].append(key)
    return dict(sorted(found.items()))
