"""What becomes of an offered lead: sales accepts, rejects or recycles it; marketing reviews it first where the policy
says so (decisions.md 14 to 16).

Every verb locks lead, checklist and hand-off in this order, takes the moment after the lock, and then writes by an
UPDATE that names the state it found: of two people who press at once, one wins and the other is told who did.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from leads import rights
from leads.clocks import FIRST_TOUCH_WITHIN_HOURS, add_working_hours
from leads.labels import STAGES
from leads.lifecycle import LONGEST_REASON, Cause, Stage
from leads.locking import lock_checklists
from leads.models import GateChange, Handoff, HandoffChange, Lead, RejectionReason
from leads.moving import Moved, append_moves
from leads.offering import append_change, offer, start_clocks
from leads.ownership import hand_over
from leads.qualification import settle
from leads.setting_aside import MoveRefused
from users.conflicts import StaleVersion
from users.facts import database_now
from users.locking import hold
from users.models import Role, Team, User, Workspace
from users.moments import check_day
from users.rights import demand

LONGEST_NOTE = 10_000
TARGETS = {
    RejectionReason.Target.NURTURE: Stage.NURTURE,
    RejectionReason.Target.DISQUALIFIED: Stage.DISQUALIFIED,
    RejectionReason.Target.LEAD: Stage.LEAD,
}


class HandoffTaken(Exception):  # what happened, not what went wrong
    """Somebody else decided the hand-off first; `handoff` is how it stands now, with who took it."""

    def __init__(self, handoff: Handoff) -> None:
        self.handoff = handoff
        super().__init__(
            _("%(person)s was first: the hand-off is %(state)s already.")
            % {"person": handoff.decided_by or _("The policy"), "state": handoff.get_state_display().lower()}
        )


@dataclass(frozen=True, slots=True)
class Locked:
    """A hand-off with its lead, both locked, and the moment after the lock."""

    lead: Lead
    handoff: Handoff
    at: datetime


def accept(handoff: Handoff, *, by: User, version: int | None) -> Handoff:
    """Sales takes the lead: it becomes a SAL, and an SQL at once if that gate holds already.

    A representative who accepts becomes its owner; a manager leaves it to the owner it has. Raises Forbidden,
    HandoffTaken, StaleVersion, MoveRefused.
    """
    with transaction.atomic():
        case = _lock(handoff)
        demand(rights.may_decide(by, case.handoff), rights.who_may_decide(case.handoff))
        touch_due = add_working_hours(case.at, FIRST_TOUCH_WITHIN_HOURS, Workspace.get().zone_of(case.handoff.team))
        _take(case, Handoff.State.ACCEPTED, by=by, version=version, touch_due=touch_due)
        owner = case.lead.owner if by.role != Role.REPRESENTATIVE and case.lead.owner else by
        team = case.handoff.team or owner.team
        if (case.lead.owner, case.lead.team) != (owner, team):
            hand_over(case.lead, owner, team, by=by, at=case.at)
        _move(case, Stage.SAL, by=by)
    return _fresh(handoff)


def reject(
    handoff: Handoff,
    reason: RejectionReason,
    *,
    by: User,
    note: str = "",
    version: int | None,
    until: date | None = None,
) -> Handoff:
    """Sales sends the lead back; the reason says where to: nurture until `until` (left out: as the reason suggests),
    disqualified, or lead.

    Raises Forbidden, HandoffTaken, StaleVersion, MoveRefused, ValidationError.
    """
    _check_note(note)
    with transaction.atomic():
        case = _lock(handoff)
        demand(rights.may_decide(by, case.handoff), rights.who_may_decide(case.handoff))
        if reason.archived_at is not None:
            raise ValidationError({"reason": _("This reason is no longer used: choose another one.")})
        wake = None
        if reason.target == RejectionReason.Target.NURTURE:
            wake = _wake_date(until or _today(case.at) + timedelta(days=reason.nurture_days or 0), case.at)
        _take(case, Handoff.State.REJECTED, by=by, version=version, reason=reason, note=note.strip())
        _move(case, TARGETS[RejectionReason.Target(reason.target)], by=by, reason=reason.label, until=wake)
    return _fresh(handoff)


def recycle(handoff: Handoff, until: date, *, by: User, note: str = "", version: int | None) -> Handoff:
    """Keep the lead warm until a date after today; then, or at a hand-raise, it wakes and may be offered again.

    Raises Forbidden, HandoffTaken, StaleVersion, MoveRefused, ValidationError.
    """
    _check_note(note)
    with transaction.atomic():
        case = _lock(handoff)
        demand(rights.may_recycle(by, case.handoff), rights.who_may_recycle(case.handoff))
        wake = _wake_date(until, case.at)
        _take(case, Handoff.State.RECYCLED, by=by, version=version, recycle_until=wake, note=note.strip())
        _move(case, Stage.NURTURE, by=by, reason=note.strip()[:LONGEST_REASON], until=wake)
    return _fresh(handoff)


def release(handoff: Handoff, *, by: User, version: int | None) -> Handoff:
    """Marketing has reviewed the lead and lets sales see it; the clocks start. Raises as `accept` does."""
    with transaction.atomic():
        case = _lock(handoff)
        demand(rights.may_review(by, case.handoff), rights.who_may_review())
        start_clocks(case.handoff, case.at, Workspace.get())
        due = {"accept_due": case.handoff.accept_due, "touch_due": case.handoff.touch_due}
        _write(case, Handoff.State.OFFERED, by=by, version=version, found=Handoff.State.REVIEW, columns=due)
    return _fresh(handoff)


def give_back(handoff: Handoff, reason: str, *, by: User, version: int | None) -> Handoff:
    """Marketing has reviewed the lead and does not offer it: it goes back to lead. Raises as `accept` does."""
    _check_note(reason)
    if not reason.strip():
        raise ValidationError(
            {"note": _("Say in a few words why it is not offered: sales and the lead's timeline show it.")}
        )
    with transaction.atomic():
        case = _lock(handoff)
        demand(rights.may_review(by, case.handoff), rights.who_may_review())
        decided = {"decided_at": case.at, "decided_by": by, "note": reason.strip()}
        _write(case, Handoff.State.RETURNED, by=by, version=version, found=Handoff.State.REVIEW, columns=decided)
        _move(case, Stage.LEAD, by=by, reason=reason.strip()[:LONGEST_REASON])
    return _fresh(handoff)


def comment(handoff: Handoff, note: str, *, by: User) -> HandoffChange:
    """Leave a note beside the hand-off, whatever its state. Raises Forbidden, ValidationError."""
    _check_note(note)
    if not note.strip():
        raise ValidationError({"note": _("Write something first.")})
    with transaction.atomic():
        case = _lock(handoff)
        demand(rights.may_comment(by, case.handoff), rights.who_may_recycle(case.handoff))
        return append_change(case.handoff, case.handoff.state, at=case.at, by=by, note=note.strip())


def reassign(handoff: Handoff, team: Team, *, by: User) -> Handoff:
    """Give the undecided hand-off and its lead to another team. Its owner stays only if they belong to that team.

    Raises Forbidden, HandoffTaken.
    """
    with transaction.atomic():
        case = _lock(handoff)
        demand(rights.may_reassign(by, case.handoff), rights.who_may_reassign())
        if case.handoff.state not in Handoff.UNDECIDED:
            raise HandoffTaken(case.handoff)
        owner = case.lead.owner if case.lead.owner is not None and case.lead.owner.team_id == team.pk else None
        hand_over(case.lead, owner, team, by=by, at=case.at)
        settle(_checklists(case.lead), cause=GateChange.Cause.EDIT)
    return _fresh(handoff)


def offer_by_hand(lead: Lead, *, by: User) -> Handoff:
    """Offer an MQL that has no hand-off, as after an import (decisions.md 13). Raises Forbidden, MoveRefused."""
    with transaction.atomic():
        locked = hold(Lead.objects.select_related("owner", "team"), lead.pk)
        demand(rights.may_offer(by, locked), rights.who_may_edit(locked))
        if locked.stage != Stage.MQL:
            raise MoveRefused(
                _("Only an MQL is offered by hand; this lead is at %(stage)s.") % {"stage": STAGES[Stage(locked.stage)]}
            )
        opened = offer([locked.pk], at=database_now(), by=by)
        if not opened:
            raise MoveRefused(_("This lead is in the hand-off queue already."))
    return opened[0]


def _lock(handoff: Handoff) -> Locked:
    lead = hold(Lead.objects.select_related("owner", "team"), handoff.lead_id)
    lock_checklists([handoff.checklist_id])
    fresh = hold(Handoff.objects.select_related("team", "reason", "decided_by"), handoff.pk)
    return Locked(lead, fresh, database_now())


def _take(case: Locked, to: Handoff.State, *, by: User, version: int | None, **columns: Any) -> None:
    if case.handoff.state == Handoff.State.REVIEW:
        raise MoveRefused(_("Marketing is still reviewing this hand-off: it is decided once they release it."))
    _write(
        case,
        to,
        by=by,
        version=version,
        found=Handoff.State.OFFERED,
        columns={"decided_at": case.at, "decided_by": by, **columns},
    )


def _write(
    case: Locked, to: Handoff.State, *, by: User, version: int | None, found: Handoff.State, columns: dict[str, Any]
) -> None:
    """The conditional UPDATE; its row count decides who was first."""
    expected = case.handoff.version if version is None else version
    rows = Handoff.objects.filter(pk=case.handoff.pk, state=found, version=expected)
    if not rows.update(state=to, version=F("version") + 1, **columns):
        if case.handoff.state == found:
            raise StaleVersion(case.handoff, {"state": to})
        raise HandoffTaken(case.handoff)
    for name, value in columns.items():
        setattr(case.handoff, name, value)
    case.handoff.state = to
    append_change(case.handoff, found, at=case.at, by=by, note=columns.get("note", ""))


def _move(case: Locked, to: Stage, *, by: User, reason: str = "", until: date | None = None) -> None:
    stage = Stage(case.lead.stage)
    if stage is not Stage.MQL:
        raise MoveRefused(_("This lead is at %(stage)s, no longer an MQL: reload the page.") % {"stage": STAGES[stage]})
    append_moves(
        [Moved(case.lead.pk, stage, to, Cause.PERSON, by_id=by.pk, reason=reason, nurture_until=until)], at=case.at
    )
    settle(_checklists(case.lead), cause=GateChange.Cause.EDIT)


def _checklists(lead: Lead) -> list[int]:
    return list(lead.checklists.values_list("pk", flat=True))


def _fresh(handoff: Handoff) -> Handoff:
    handoff.refresh_from_db()
    return handoff


def _today(at: datetime) -> date:
    return Workspace.get().day_of(at)


def _wake_date(until: date, at: datetime) -> date:
    if until <= _today(at):
        raise ValidationError({"until": _("Choose a wake date after today.")})
    check_day("until", until)
    return until


def _check_note(note: str) -> None:
    if len(note) > LONGEST_NOTE:
        raise ValidationError(
            {"note": _("This note is too long: keep it under %(limit)s characters.") % {"limit": LONGEST_NOTE}}
        )
    if "\x00" in note:
        raise ValidationError({"note": _("Remove the invisible character (NUL) from the note.")})
