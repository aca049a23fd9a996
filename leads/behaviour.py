"""What leads did and what we did with them: events and activities are appended, and engagement sums kept up.

The one writer of EngagementSum. A sum is always recomputed from the events and overwritten, never added to, so late,
shuffled and repeated deliveries end at the same figures.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _
from psycopg2 import sql
from psycopg2.extras import Json, execute_values

from leads.fading import left
from leads.models import Activity, Checklist, GateChange, Lead
from leads.qualification import settle
from leads.rights import demand_answer
from leads.scores import judge_in_force
from scoring.models import Policy
from users.facts import database_now
from users.models import SalesContext, User

# An event older than this when it arrives is kept, flagged, and earns what fading leaves of it.
OLD = timedelta(days=730)


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event as its sender tells it; (source, message_id) is told once, whatever is sent."""

    lead_id: int
    kind: str
    occurred_at: datetime
    source: str
    message_id: str
    properties: dict[str, Any] = field(default_factory=dict)


# Keys and events in one statement: an event exists exactly if its key was new.
APPEND = """
WITH sent (lead_id, kind, occurred_at, odd_time, properties, source, message_id) AS (VALUES %s),
numbered AS (
    SELECT DISTINCT ON (source, message_id) sent.*, nextval(pg_get_serial_sequence('leads_behaviourevent', 'id')) AS id
    FROM sent ORDER BY source, message_id, occurred_at
),
keyed AS (
    INSERT INTO leads_eventkey (source, message_id, event_id, occurred_at)
    SELECT source, message_id, id, occurred_at FROM numbered ON CONFLICT (source, message_id) DO NOTHING
    RETURNING event_id
)
INSERT INTO leads_behaviourevent (id, lead_id, kind, occurred_at, odd_time, properties)
OVERRIDING SYSTEM VALUE
SELECT id, lead_id, kind, occurred_at, odd_time, properties FROM numbered JOIN keyed ON keyed.event_id = numbered.id
RETURNING lead_id
"""
TEMPLATE = "(%s::bigint, %s::text, %s::timestamptz, %s::boolean, %s::jsonb, %s::text, %s::text)"

SUMS = """
WITH kinds (kind, half_life) AS (SELECT * FROM unnest(%(kinds)s::text[], %(half_lives)s::float8[])),
summed AS (
    SELECT event.lead_id, event.kind, kinds.half_life, max(event.occurred_at) AS anchor,
           sum({left}) AS units
    FROM leads_behaviourevent event
    JOIN kinds ON kinds.kind = event.kind
    JOIN (SELECT lead_id, kind, max(occurred_at) AS at FROM leads_behaviourevent
          WHERE lead_id = ANY(%(leads)s) GROUP BY lead_id, kind) newest
      ON newest.lead_id = event.lead_id AND newest.kind = event.kind
    WHERE event.lead_id = ANY(%(leads)s)
    GROUP BY event.lead_id, event.kind, kinds.half_life
)
INSERT INTO leads_engagementsum (lead_id, kind, half_life_days, units, anchor)
SELECT lead_id, kind, half_life, units, anchor FROM summed
ON CONFLICT (lead_id, kind, half_life_days) DO UPDATE SET units = excluded.units, anchor = excluded.anchor
WHERE (leads_engagementsum.units, leads_engagementsum.anchor) IS DISTINCT FROM (excluded.units, excluded.anchor)
"""


def kinds_kept(moment: datetime) -> dict[tuple[str, float], None]:
    """(kind, half-life in days) of every engagement rule that is in force in any context, or will be; each once."""
    kinds: dict[tuple[str, float], None] = {}
    for context_id in SalesContext.objects.order_by("pk").values_list("pk", flat=True):
        judge, _zone = judge_in_force(context_id, moment)
        for rule in judge.definition.engagement:
            kinds[rule.kind, rule.half_life_days] = None
    for coming in Policy.objects.filter(in_force_from__gt=moment).order_by("pk"):
        kinds |= kinds_of(coming)
    return kinds


def kinds_of(policy: Policy) -> dict[tuple[str, float], None]:
    """(kind, half-life in days) of every engagement rule of a published policy."""
    return {(rule["kind"], float(rule["half_life_days"])): None for rule in policy.definition.get("engagement", [])}


def refresh_sums(lead_ids: Sequence[int]) -> None:
    """Recompute the kept sums of these leads from their events. Lock the leads, or their checklists, first."""
    if not lead_ids:
        return
    kinds = list(kinds_kept(database_now()))
    with connection.cursor() as cursor:
        statement = sql.SQL(SUMS).format(left=left("event.occurred_at", "newest.at", "kinds.half_life"))
        cursor.execute(
            statement.as_string(connection.connection),
            {
                "leads": list(lead_ids),
                "kinds": [kind for kind, _half_life in kinds],
                "half_lives": [half_life for _kind, half_life in kinds],
            },
        )


def record_events(events: Iterable[NewEvent]) -> int:
    """Append events that were not told before, and let score and lifecycle follow. Returns how many were new.

    A time in the future is clamped to now; one far in the past is kept; both are flagged (decisions.md 23).
    """
    listed = list(events)
    if not listed:
        return 0
    with transaction.atomic(), connection.cursor() as cursor:
        wanted = sorted({event.lead_id for event in listed})
        leads = Lead.objects.filter(pk__in=wanted).order_by("pk").select_for_update(no_key=True)
        list(leads.values_list("pk", flat=True))
        now = database_now()
        rows = [
            (
                event.lead_id,
                event.kind,
                min(event.occurred_at, now),
                event.occurred_at > now or event.occurred_at < now - OLD,
                Json(event.properties),
                event.source,
                event.message_id,
            )
            for event in listed
        ]
        changed = execute_values(cursor, APPEND, rows, template=TEMPLATE, page_size=len(rows), fetch=True)
        lead_ids = sorted({lead_id for (lead_id,) in changed})
        refresh_sums(lead_ids)
        checklists = Checklist.objects.filter(lead__in=lead_ids)
        settle(list(checklists.values_list("pk", flat=True)), cause=GateChange.Cause.EVENT)
    return len(changed)


def log_activity(
    checklist: Checklist,
    kind: Activity.Kind,
    *,
    by: User | None,
    direction: Activity.Direction = Activity.Direction.OUT,
    two_way: bool = False,
    note: str = "",
    at: datetime | None = None,
) -> Activity:
    """Log a call, mail, meeting or note; a two-way touch shows interest and may warm the lead.

    `by` None is the machine. Raises Forbidden, and ValidationError for a note without words.
    """
    if kind == Activity.Kind.NOTE and not note.strip():
        raise ValidationError({"note": _("Write the note first.")})
    with transaction.atomic():
        lead = None
        if checklist.lead_id is not None:
            lead = Lead.objects.select_for_update(no_key=True).only("owner", "team").get(pk=checklist.lead_id)
        if by is not None:
            demand_answer(by, checklist, lead)
        now = database_now()
        activity = Activity.objects.create(
            checklist=checklist,
            kind=kind,
            direction=direction,
            two_way=two_way,
            note=note,
            by=by,
            occurred_at=min(at or now, now).astimezone(UTC),
        )
        settle([checklist.pk], cause=GateChange.Cause.EVENT)
    return activity
