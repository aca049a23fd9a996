"""What follows from imported leads and deals: their scores.

An import opens no hand-off: gates that hold at the first score after it are noted with the cause `import`, and
leads/advancing.py takes those as already offered (decisions.md 13), unless the mapping says `open_handoffs`.

The checklists are locked all at once, in order of id, before the first chunk is scored (leads/locking.py).
"""

from itertools import islice

from intake.staging import Staging
from leads.advancing import advance
from leads.behaviour import refresh_sums
from leads.locking import lock_leads
from leads.models import GateChange
from leads.scores import rescore

CHUNK = 20_000  # checklists a statement


def rescore_leads(staging: Staging) -> None:
    """Score the checklists of new and changed leads."""
    found = staging.ask(
        """
        SELECT c.id, r.id FROM leads_checklist c JOIN resolved r ON r.id = c.lead_id
        WHERE r.is_new OR r.id IN (SELECT id FROM touched) ORDER BY c.id FOR NO KEY UPDATE OF c
        """
    )
    judge(staging, [checklist for checklist, _lead in found], sorted({lead for _checklist, lead in found}))


def rescore_deals(staging: Staging) -> None:
    """Score the checklists of new deals, and those of the leads that they moved."""
    found = staging.ask(
        """
        SELECT c.id FROM leads_checklist c
        WHERE c.id IN (SELECT o.checklist_id FROM opportunities_opportunity o JOIN resolved r USING (id) WHERE r.is_new)
            OR c.lead_id IN (
                SELECT o.lead_id FROM opportunities_opportunity o JOIN resolved r USING (id)
                WHERE r.is_new OR r.id IN (SELECT id FROM touched)
            )
        ORDER BY c.id FOR NO KEY UPDATE OF c
        """
    )
    judge(staging, [checklist for (checklist,) in found], [])


def rescore_events(staging: Staging) -> None:
    """Bring up the engagement sums of the leads that did something, and score their checklists."""
    leads = [lead for (lead,) in staging.ask("SELECT DISTINCT lead_id FROM resolved WHERE is_new ORDER BY lead_id")]
    lock_leads(leads)
    found = staging.ask(
        """
        SELECT c.id, c.lead_id FROM leads_checklist c
        WHERE c.lead_id IN (SELECT lead_id FROM resolved WHERE is_new) ORDER BY c.id FOR NO KEY UPDATE OF c
        """
    )
    rest = iter(leads)
    while chunk := list(islice(rest, CHUNK)):
        refresh_sums(chunk)
    judge(staging, [checklist for checklist, _lead in found], leads)


def judge(staging: Staging, checklists: list[int], leads: list[int]) -> None:
    """Score in chunks; an import that wants hand-offs scores and moves its leads as any other change does."""
    cause = GateChange.Cause.EDIT if staging.mapping.open_handoffs else GateChange.Cause.IMPORT
    rest = iter(checklists)
    while chunk := list(islice(rest, CHUNK)):
        rescore(chunk, cause=cause)
    if staging.mapping.open_handoffs:
        advance(leads)
