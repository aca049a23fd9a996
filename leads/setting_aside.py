"""What a person does with a lead that is not ready: nurture, disqualify, reopen."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from leads.labels import STAGES
from leads.lifecycle import BY_HAND, Cause, Stage
from leads.models import GateChange, Handoff, Lead
from leads.moving import Moved, append_moves
from leads.qualification import settle
from leads.rights import may_work, who_may_work
from users.facts import database_now
from users.locking import hold
from users.models import User, Workspace
from users.moments import check_day
from users.rights import demand


class MoveRefused(Exception):
    """The lead cannot go there from where it is; the message says why."""


def _move_by_hand(lead: Lead, to: Stage, *, by: User, reason: str, until: date | None = None) -> None:
    if not reason.strip():
        raise MoveRefused(_("Give the reason in a few words: it is shown in the lead's timeline."))
    with transaction.atomic():
        locked = hold(Lead.objects.select_related("owner", "team"), lead.pk)
        demand(may_work(by, locked), who_may_work(locked))
        stage = Stage(locked.stage)
        if stage not in BY_HAND[to]:
            raise MoveRefused(_("A lead at %(from)s cannot go to %(to)s.") % {"from": STAGES[stage], "to": STAGES[to]})
        if Handoff.objects.undecided().filter(lead=lead).exists():
            raise MoveRefused(_("This lead is in the hand-off queue. Accept, reject or recycle it there."))
        move = Moved(lead.pk, stage, to, Cause.PERSON, by_id=by.pk, reason=reason.strip(), nurture_until=until)
        append_moves([move], at=database_now())
        settle(list(locked.checklists.values_list("pk", flat=True)), cause=GateChange.Cause.EDIT)


def nurture(lead: Lead, until: date, *, by: User, reason: str) -> None:
    """Keep the lead warm until the date; the sweep wakes it then, and a hand-raise wakes it earlier.

    Raises MoveRefused, ValidationError.
    """
    check_day("until", until)
    if until <= Workspace.get().day_of(database_now()):
        raise MoveRefused(_("Choose a wake date after today."))
    _move_by_hand(lead, Stage.NURTURE, by=by, reason=reason, until=until)


def disqualify(lead: Lead, *, by: User, reason: str) -> None:
    """The lead will not buy. It can be reopened. Raises MoveRefused."""
    _move_by_hand(lead, Stage.DISQUALIFIED, by=by, reason=reason)


def reopen(lead: Lead, *, by: User, reason: str) -> None:
    """Back to lead; the gates then advance it, and it may be offered again (decisions.md 12, 14). Raises MoveRefused."""
    _move_by_hand(lead, Stage.LEAD, by=by, reason=reason)
