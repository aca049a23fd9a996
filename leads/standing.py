"""Which override of a gate stands at a moment (decisions.md 16).

The newest one that nobody has revoked and that has not run out. It holds through its last day, in the workspace's
zone. An override with the reason *diagnostic* opens the way to conversion only: no gate follows it.
"""

from collections.abc import Collection
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet

from leads.models import Override
from users.models import Workspace


def standing_at(moment: datetime) -> QuerySet[Override]:
    """All overrides that stand at the moment, as known at the moment."""
    today = moment.astimezone(ZoneInfo(Workspace.get().zone)).date()
    known = Override.objects.known_by(moment)
    revoked = known.filter(revokes=OuterRef("pk"))
    return known.filter(Q(until__isnull=True) | Q(until__gte=today), ~Exists(revoked), revokes__isnull=True)


def active_override(checklist_id: int, gate: str, at: datetime) -> Override | None:
    """The override that the gate of this checklist follows at the moment, if any."""
    return standing_at(at).filter(checklist_id=checklist_id, gate=gate, diagnostic=False).order_by("-id").first()


def active_overrides(checklist_ids: Collection[int], at: datetime) -> dict[tuple[int, str], Override]:
    """The same for many checklists in one query, by (checklist id, gate)."""
    rows = standing_at(at).filter(checklist_id__in=checklist_ids, diagnostic=False).order_by("id").select_related("by")
    return {(row.checklist_id, row.gate): row for row in rows}


def diagnostic_override(checklist_id: int, at: datetime) -> Override | None:
    """The override by which a lead at SAL may be converted without the SQL gate, if one stands."""
    return standing_at(at).filter(checklist_id=checklist_id, gate="sql", direction="up", diagnostic=True).order_by("-id").first()
