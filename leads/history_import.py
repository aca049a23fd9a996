"""What an import writes of a lead's life: its checklist, its owner, its moves. Beside leads/moving.py and leads/ownership.py,
which write the same tables one act at a time; this module writes them for all rows of a file at once.

A query given here is composed SQL over the import's own TEMP tables. Nothing here opens a hand-off (decisions.md 13).
"""

from datetime import datetime, timedelta
from typing import Any

from psycopg2 import sql

from leads.lifecycle import Cause
from leads.offering import withdraw


def open_checklists(cursor: Any, cases: sql.Composable) -> None:
    """Give each lead of `cases` (lead_id, context_id) a checklist of its context's newest question set, if it has none."""
    statement = """
        INSERT INTO leads_checklist (lead_id, context_id, question_set_id)
        SELECT c.lead_id, c.context_id, newest.id FROM ({cases}) c
        JOIN (SELECT DISTINCT ON (context_id) context_id, id FROM scoring_questionset ORDER BY context_id, version DESC) newest USING (context_id)
        ORDER BY c.lead_id
        ON CONFLICT DO NOTHING
    """
    cursor.execute(sql.SQL(statement).format(cases=cases))


def append_moves(cursor: Any, moves: sql.Composable, *, import_id: int, at: datetime, history: bool) -> None:
    """Append the moves (lead_id, position, to_stage, occurred_at or null) and bring the leads to the last of each.

    Moves of one lead follow one another by position; the first starts where the lead stands. In a history import a
    move was known when it happened; otherwise from `at` on (decisions.md 19).
    """
    values = {"import_id": import_id, "at": at, "history": history, "cause": Cause.IMPORT.value}
    append = """
        INSERT INTO leads_lifecyclechange (lead_id, from_stage, to_stage, cause, reason, diagnostic, nurture_until, import_id, occurred_at, known_at)
        SELECT m.lead_id, coalesce(lag(m.to_stage) OVER life, newest.to_stage, ''), m.to_stage, %(cause)s, '', false,
            CASE WHEN m.to_stage = 'nurture' THEN lead.nurture_until END, %(import_id)s,
            m.occurred_at, CASE WHEN %(history)s THEN coalesce(m.occurred_at, %(at)s) ELSE %(at)s END
        FROM ({moves}) m JOIN leads_lead lead ON lead.id = m.lead_id
        LEFT JOIN LATERAL (SELECT to_stage FROM leads_lifecyclechange l WHERE l.lead_id = m.lead_id ORDER BY l.id DESC LIMIT 1) newest ON true
        WINDOW life AS (PARTITION BY m.lead_id ORDER BY m.position)
        ORDER BY m.lead_id, m.position
    """
    cursor.execute(sql.SQL(append).format(moves=moves), values)
    bring = """
        UPDATE leads_lead SET stage = last.to_stage, stage_since = last.occurred_at,
            nurture_until = CASE WHEN last.to_stage = 'nurture' THEN nurture_until END
        FROM (SELECT DISTINCT ON (m.lead_id) m.lead_id, m.to_stage, m.occurred_at FROM ({moves}) m ORDER BY m.lead_id, m.position DESC) last
        WHERE leads_lead.id = last.lead_id AND (leads_lead.stage <> last.to_stage OR leads_lead.stage_since IS DISTINCT FROM last.occurred_at)
    """
    cursor.execute(sql.SQL(bring).format(moves=moves))
    # Only an MQL is decided in the queue: what the file knows to have gone on is no longer offered.
    passed_by = """
        SELECT DISTINCT handoff.lead_id FROM leads_handoff handoff JOIN leads_lead lead ON lead.id = handoff.lead_id
        WHERE handoff.state IN ('review', 'offered') AND lead.stage <> 'mql'
            AND lead.id IN (SELECT m.lead_id FROM ({moves}) m)
    """
    cursor.execute(sql.SQL(passed_by).format(moves=moves))
    withdraw([lead_id for (lead_id,) in cursor.fetchall()], at=at)


def redate_nurture(cursor: Any, leads: sql.Composable, *, import_id: int, at: datetime, history: bool) -> None:
    """Append the wake dates that the file gives, by their column, to those of `leads` (id) that are at nurture already."""
    append = """
        INSERT INTO leads_lifecyclechange (lead_id, from_stage, to_stage, cause, reason, diagnostic, nurture_until, import_id, occurred_at, known_at)
        SELECT lead.id, 'nurture', 'nurture', %(cause)s, '', false, lead.nurture_until, %(import_id)s, lead.stage_since, %(at)s
        FROM leads_lead lead
        JOIN LATERAL (SELECT nurture_until FROM leads_lifecyclechange l WHERE l.lead_id = lead.id ORDER BY l.id DESC LIMIT 1) newest ON true
        WHERE lead.id IN ({leads}) AND lead.stage = 'nurture' AND newest.nurture_until IS DISTINCT FROM lead.nurture_until
        ORDER BY lead.id
    """
    values = {"import_id": import_id, "at": at, "cause": Cause.IMPORT.value}
    cursor.execute(sql.SQL(append).format(leads=leads), values)


def assign(cursor: Any, owners: sql.Composable, *, import_id: int, at: datetime, history: bool) -> None:
    """Append that the leads belong to these owners: (lead_id, owner_id, team_id, occurred_at or null: from the beginning)."""
    values = {"import_id": import_id, "at": at, "history": history}
    append = """
        INSERT INTO leads_ownerchange (lead_id, owner_id, team_id, import_id, occurred_at, known_at)
        SELECT o.lead_id, o.owner_id, o.team_id, %(import_id)s, o.occurred_at, CASE WHEN %(history)s THEN coalesce(o.occurred_at, %(at)s) ELSE %(at)s END
        FROM ({owners}) o ORDER BY o.lead_id
    """
    cursor.execute(sql.SQL(append).format(owners=owners), values)
    bring = """
        UPDATE leads_lead SET owner_id = o.owner_id, team_id = o.team_id, version = version + 1 FROM ({owners}) o
        WHERE leads_lead.id = o.lead_id AND (leads_lead.owner_id IS DISTINCT FROM o.owner_id OR leads_lead.team_id IS DISTINCT FROM o.team_id)
    """
    cursor.execute(sql.SQL(bring).format(owners=owners))


def append_events(
    cursor: Any, events: sql.Composable, *, old: timedelta, import_id: int, at: datetime, history: bool
) -> None:
    """Append events (id, lead_id, kind, occurred_at, properties, source, message_id) with their keys.

    A time in the future is clamped to `at`, one older than `old` is kept, and both are flagged; in a history import old
    times are what is expected (decisions.md 23).
    """
    values = {"import_id": import_id, "at": at, "history": history, "old": old}
    append = """
        WITH keyed AS (
            INSERT INTO leads_eventkey (source, message_id, event_id, occurred_at, known_at)
            SELECT e.source, e.message_id, e.id, least(e.occurred_at, %(at)s),
                CASE WHEN %(history)s THEN least(e.occurred_at, %(at)s) ELSE %(at)s END
            FROM ({events}) e ON CONFLICT DO NOTHING RETURNING event_id
        )
        INSERT INTO leads_behaviourevent (id, lead_id, kind, properties, odd_time, import_id, occurred_at, known_at)
        SELECT e.id, e.lead_id, e.kind, e.properties, e.occurred_at > %(at)s OR (NOT %(history)s AND e.occurred_at < %(at)s - %(old)s),
            %(import_id)s, least(e.occurred_at, %(at)s), CASE WHEN %(history)s THEN least(e.occurred_at, %(at)s) ELSE %(at)s END
        FROM ({events}) e JOIN keyed ON keyed.event_id = e.id ORDER BY e.lead_id, e.occurred_at, e.id
    """
    cursor.execute(sql.SQL(append).format(events=events), values)


def append_notes(cursor: Any, notes: sql.Composable, *, import_id: int, at: datetime, history: bool) -> None:
    """Append notes (checklist_id, note, occurred_at or null) to the timelines."""
    values = {"import_id": import_id, "at": at, "history": history}
    append = """
        INSERT INTO leads_activity (checklist_id, kind, direction, two_way, note, import_id, occurred_at, known_at)
        SELECT n.checklist_id, 'note', 'out', false, n.note, %(import_id)s, n.occurred_at,
            CASE WHEN %(history)s THEN coalesce(n.occurred_at, %(at)s) ELSE %(at)s END
        FROM ({notes}) n ORDER BY n.checklist_id
    """
    cursor.execute(sql.SQL(append).format(notes=notes), values)
