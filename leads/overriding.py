"""A person says that a gate holds, or does not, whatever the policy says (decisions.md 16).

The policy's verdict stays as it is and is shown beside it; the lifecycle follows the override while it stands. An
override with the reason *diagnostic* moves nothing: it opens the way from SAL to conversion.
"""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from leads.labels import STAGES
from leads.lifecycle import FOLLOWS_GATES, LONGEST_REASON, Stage
from leads.locking import lock_checklists
from leads.models import Checklist, GateChange, Lead, Override
from leads.models.lifecycle import Gate, OverrideQuerySet
from leads.qualification import settle
from leads.rights import may_override, who_may_override
from leads.setting_aside import MoveRefused
from users.facts import database_now
from users.locking import hold
from users.models import User, Workspace
from users.moments import check_day
from users.rights import demand

BEFORE_ACCEPTANCE = frozenset({Stage.LEAD, Stage.MQL, Stage.NURTURE})


def override(
    checklist: Checklist,
    gate: Gate | str,
    direction: Override.Direction | str,
    *,
    by: User,
    reason: str,
    until: date | None = None,
    diagnostic: bool = False,
) -> Override:
    """Let the gate hold (up) or not (down) until the end of `until` (None: until revoked), and move the lead with it.

    One that stands already for the same gate is revoked by it. Raises Forbidden, MoveRefused, ValidationError.
    """
    with transaction.atomic():
        lead = _lock(checklist)
        demand(may_override(by, lead), who_may_override(lead))
        at = database_now()
        _check(lead, Gate(gate), reason, until, at)
        if diagnostic and (gate, direction) != (Gate.SQL, Override.Direction.UP):
            raise ValidationError(
                {"diagnostic": _("A diagnostic override says that the SQL gate holds: choose SQL and “holds”.")}
            )
        row = write_override(
            checklist,
            Gate(gate),
            Override.Direction(direction),
            by=by,
            reason=reason,
            until=until,
            diagnostic=diagnostic,
            at=at,
        )
        settle([checklist.pk], cause=GateChange.Cause.EDIT)
    return row


def write_override(
    checklist: Checklist,
    gate: Gate,
    direction: Override.Direction,
    *,
    by: User,
    reason: str,
    until: date | None = None,
    diagnostic: bool = False,
    at: datetime,
) -> Override:
    """Append the override of a case that the caller has locked, and take back the one it replaces; nothing is asked."""
    for standing in _standing(checklist.pk, at).filter(gate=gate, diagnostic=diagnostic):
        take_back(standing, by=by, at=at)
    return Override.objects.create(
        checklist=checklist,
        gate=gate,
        direction=direction,
        reason=reason.strip(),
        diagnostic=diagnostic,
        until=until,
        by=by,
        occurred_at=at,
    )


def revoke(standing: Override, *, by: User) -> Override:
    """End the override; what it alone held up is taken back. Revoking twice does nothing. Raises Forbidden, MoveRefused."""
    if standing.revokes_id is not None:
        raise MoveRefused(_("This row ends an override already; there is nothing to revoke."))
    with transaction.atomic():
        checklist = standing.checklist
        lead = _lock(checklist)
        demand(may_override(by, lead), who_may_override(lead))
        earlier = Override.objects.filter(revokes=standing).first()
        if earlier is not None:
            return earlier
        row = take_back(standing, by=by, at=database_now())
        settle([checklist.pk], cause=GateChange.Cause.EDIT)
    return row


def take_back(standing: Override, *, by: User | None, at: datetime) -> Override:
    """Append the row that revokes an override of a case that the caller has locked."""
    return Override.objects.create(
        checklist_id=standing.checklist_id,
        gate=standing.gate,
        direction=standing.direction,
        reason=_("Revoked"),
        diagnostic=standing.diagnostic,
        revokes=standing,
        by=by,
        occurred_at=at,
    )


def diagnostic_override(checklist_id: int, at: datetime) -> Override | None:
    """The override by which a lead at SAL may be converted without the SQL gate, if one stands."""
    rows = _standing(checklist_id, at).filter(gate=Gate.SQL, direction=Override.Direction.UP, diagnostic=True)
    return rows.select_related("by").first()


def _standing(checklist_id: int, at: datetime) -> OverrideQuerySet:
    today = Workspace.get().day_of(at)
    return Override.objects.filter(checklist=checklist_id).in_effect(at, today)


def _lock(checklist: Checklist) -> Lead:
    if checklist.lead_id is None:
        raise MoveRefused(_("This checklist belongs to a deal without a lead: no gate follows it."))
    lead = hold(Lead.objects.select_related("owner", "team"), checklist.lead_id)
    lock_checklists([checklist.pk])
    return lead


def _check(lead: Lead, gate: Gate, reason: str, until: date | None, at: datetime) -> None:
    stage = Stage(lead.stage)
    if not reason.strip():
        raise ValidationError(
            {"reason": _("Say why, in a few words: the override is shown with its reason everywhere.")}
        )
    if len(reason.strip()) > LONGEST_REASON:
        raise ValidationError({"reason": _("Keep the reason under %(limit)s characters.") % {"limit": LONGEST_REASON}})
    check_day("until", until)
    if until is not None and until < Workspace.get().day_of(at):
        raise ValidationError({"until": _("Choose today or a later day, or leave it open.")})
    if stage not in FOLLOWS_GATES:
        raise MoveRefused(
            _("A lead at %(stage)s follows no gate, so there is nothing to override.") % {"stage": STAGES[stage]}
        )
    if gate is Gate.MQL and stage not in BEFORE_ACCEPTANCE:
        raise MoveRefused(_("Sales has accepted this lead: only the SQL gate can still be overridden."))
