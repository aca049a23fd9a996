"""What an import writes of a deal's life: its stages, its owner, its checklist, and the conversion of the lead it came from.

Beside opportunities/pipeline.py and opportunities/conversion.py, which write the same tables one act at a time; this
module writes them for all rows of a file at once. Queries given here are composed SQL over the import's TEMP tables.
"""

from datetime import datetime
from typing import Any

from psycopg2 import sql

KNOWN_AT = sql.SQL("CASE WHEN %(history)s THEN coalesce({}, %(at)s) ELSE %(at)s END")


def append_stages(cursor: Any, moves: sql.Composable, *, import_id: int, at: datetime, history: bool) -> None:
    """Append the moves (opportunity_id, position, to_stage_id, occurred_at or null, loss_reason_id) and bring the deals to the last.

    Moves of one deal follow one another by position; the first starts where the deal stands.
    """
    values = {"import_id": import_id, "at": at, "history": history}
    append = """
        INSERT INTO opportunities_stagechange (opportunity_id, from_stage_id, to_stage_id, loss_reason_id, note, import_id, occurred_at, known_at)
        SELECT m.opportunity_id, coalesce(lag(m.to_stage_id) OVER life, newest.to_stage_id), m.to_stage_id, m.loss_reason_id, '', %(import_id)s,
            m.occurred_at, {known_at}
        FROM ({moves}) m
        LEFT JOIN LATERAL (
            SELECT to_stage_id FROM opportunities_stagechange s WHERE s.opportunity_id = m.opportunity_id ORDER BY s.id DESC LIMIT 1
        ) newest ON true
        WINDOW life AS (PARTITION BY m.opportunity_id ORDER BY m.position)
        ORDER BY m.opportunity_id, m.position
    """
    cursor.execute(sql.SQL(append).format(moves=moves, known_at=KNOWN_AT.format(sql.SQL("m.occurred_at"))), values)
    bring = """
        UPDATE opportunities_opportunity o SET stage_id = last.to_stage_id, stage_since = last.occurred_at, version = version + 1,
            closed_at = CASE WHEN stage.outcome <> 'open' THEN last.occurred_at END,
            loss_reason_id = CASE WHEN stage.outcome = 'lost' THEN coalesce(last.loss_reason_id, o.loss_reason_id) END
        FROM (SELECT DISTINCT ON (m.opportunity_id) m.* FROM ({moves}) m ORDER BY m.opportunity_id, m.position DESC) last
        JOIN opportunities_pipelinestage stage ON stage.id = last.to_stage_id
        WHERE o.id = last.opportunity_id AND (o.stage_id <> last.to_stage_id OR o.stage_since IS DISTINCT FROM last.occurred_at)
    """
    cursor.execute(sql.SQL(bring).format(moves=moves))


def assign(cursor: Any, owners: sql.Composable, *, import_id: int, at: datetime, history: bool) -> None:
    """Append that the deals belong to these owners: (opportunity_id, owner_id, team_id, occurred_at or null: from the beginning)."""
    values = {"import_id": import_id, "at": at, "history": history}
    append = """
        INSERT INTO opportunities_opportunityownerchange (opportunity_id, owner_id, team_id, import_id, occurred_at, known_at)
        SELECT o.opportunity_id, o.owner_id, o.team_id, %(import_id)s, o.occurred_at, {known_at} FROM ({owners}) o ORDER BY o.opportunity_id
    """
    cursor.execute(sql.SQL(append).format(owners=owners, known_at=KNOWN_AT.format(sql.SQL("o.occurred_at"))), values)
    bring = """
        UPDATE opportunities_opportunity SET owner_id = o.owner_id, team_id = o.team_id, version = version + 1 FROM ({owners}) o
        WHERE opportunities_opportunity.id = o.opportunity_id
            AND (opportunities_opportunity.owner_id IS DISTINCT FROM o.owner_id OR opportunities_opportunity.team_id IS DISTINCT FROM o.team_id)
    """
    cursor.execute(sql.SQL(bring).format(owners=owners))


def give_checklists(cursor: Any, deals: sql.Composable, *, context_id: int) -> None:
    """Give each new deal of `deals` (opportunity_id, lead_id or null) its checklist.

    A lead's first deal takes the lead's checklist; every other gets one of its own, of the context's newest set
    (decisions.md 18).
    """
    take = """
        UPDATE opportunities_opportunity o SET checklist_id = mine.checklist_id FROM (
            SELECT DISTINCT ON (d.lead_id) d.opportunity_id, c.id AS checklist_id FROM ({deals}) d
            JOIN leads_lead l ON l.id = d.lead_id JOIN leads_checklist c ON c.lead_id = l.id AND c.context_id = l.context_id
            WHERE NOT EXISTS (SELECT FROM opportunities_opportunity other WHERE other.checklist_id = c.id)
            ORDER BY d.lead_id, d.opportunity_id
        ) mine WHERE o.id = mine.opportunity_id
    """
    cursor.execute(sql.SQL(take).format(deals=deals))
    own = """
        WITH wanting AS MATERIALIZED (
            SELECT o.id AS opportunity_id, nextval(pg_get_serial_sequence('leads_checklist', 'id')) AS checklist_id
            FROM ({deals}) d JOIN opportunities_opportunity o ON o.id = d.opportunity_id WHERE o.checklist_id IS NULL
        ), made AS (
            INSERT INTO leads_checklist (id, context_id, question_set_id)
            SELECT checklist_id, %(context)s, (SELECT id FROM scoring_questionset WHERE context_id = %(context)s ORDER BY version DESC LIMIT 1)
            FROM wanting RETURNING id
        )
        UPDATE opportunities_opportunity o SET checklist_id = w.checklist_id FROM wanting w JOIN made ON made.id = w.checklist_id WHERE o.id = w.opportunity_id
    """
    cursor.execute(sql.SQL(own).format(deals=deals), {"context": context_id})


def append_conversions(cursor: Any, conversions: sql.Composable, *, at: datetime, history: bool) -> None:
    """Append that leads were converted into deals: (lead_id, account_id, contact_id, opportunity_id, occurred_at or null).

    The leads point to their account and contact from then on. Only a lead's first deal of an account is its conversion.
    """
    append = """
        INSERT INTO opportunities_conversion
            (lead_id, account_id, contact_id, opportunity_id, made_account, made_contact, filled, diagnostic, occurred_at, known_at)
        SELECT c.lead_id, c.account_id, c.contact_id, c.opportunity_id, false, false, '{{}}'::jsonb, false, c.occurred_at, {known_at}
        FROM ({conversions}) c ORDER BY c.lead_id, c.opportunity_id
    """
    cursor.execute(
        sql.SQL(append).format(conversions=conversions, known_at=KNOWN_AT.format(sql.SQL("c.occurred_at"))),
        {"at": at, "history": history},
    )
    point = """
        UPDATE leads_lead l SET account_id = c.account_id, contact_id = coalesce(c.contact_id, l.contact_id), version = version + 1
        FROM (SELECT DISTINCT ON (lead_id) * FROM ({conversions}) all_of_them ORDER BY lead_id, opportunity_id) c
        WHERE l.id = c.lead_id AND l.account_id IS DISTINCT FROM c.account_id
    """
    cursor.execute(sql.SQL(point).format(conversions=conversions))
