"""What follows from imported leads and deals: their scores."""

from intake.staging import Staging

CHECKLISTS_OF_LEADS = """
INSERT INTO users_dirty (kind, key, generation, attempts, error)
SELECT 'checklist', c.id, 1, 0, '' FROM leads_checklist c JOIN resolved r ON r.id = c.lead_id WHERE r.is_new OR r.id IN (SELECT id FROM touched)
ON CONFLICT (kind, key) DO UPDATE SET generation = users_dirty.generation + 1
"""


def rescore_leads(staging: Staging) -> None:
    """Leave the checklists of new and changed leads to the workers."""
    staging.run(CHECKLISTS_OF_LEADS)


def rescore_deals(staging: Staging) -> None:
    """Leave the checklists of new deals to the workers."""
    staging.run(
        """
        INSERT INTO users_dirty (kind, key, generation, attempts, error)
        SELECT 'checklist', o.checklist_id, 1, 0, '' FROM opportunities_opportunity o JOIN resolved r USING (id) WHERE r.is_new AND o.checklist_id IS NOT NULL
        ON CONFLICT (kind, key) DO UPDATE SET generation = users_dirty.generation + 1
        """
    )
