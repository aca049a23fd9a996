"""Who a lead belongs to, from when on: the one writer of Lead.owner, Lead.team and OwnerChange (decisions.md 21)."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from leads.models import GateChange, Lead, OwnerChange
from leads.offering import give_to_team
from leads.qualification import settle
from leads.rights import may_assign, may_give_to, who_may_assign
from users.facts import database_now
from users.locking import hold
from users.models import Role, Team, User
from users.rights import demand

SELLS = frozenset({Role.REPRESENTATIVE, Role.MANAGER, Role.MARKETING, Role.ADMINISTRATOR})


def assign(
    lead: Lead, owner: User | None, *, by: User | None, team: Team | None = None, at: datetime | None = None
) -> Lead:
    """Give the lead to `owner`, or to nobody, and to `team`: left out, the owner's, else the one it has.

    Its open hand-off goes along. `at` dates the change (left out: now); `by` None is the machine. Raises Forbidden,
    ValidationError.
    """
    with transaction.atomic():
        locked = hold(Lead.objects.select_related("owner", "team"), lead.pk)
        its_team = team or (owner.team if owner is not None and owner.team is not None else locked.team)
        if by is not None:
            demand(
                may_assign(by, locked) and may_give_to(by, locked, owner, its_team.pk if its_team else None),
                who_may_assign(),
            )
        if owner is not None and not (owner.is_active and owner.role in SELLS):
            raise ValidationError(
                {
                    "owner": _("%(person)s does not sell: choose somebody of sales or marketing who is active.")
                    % {"person": owner}
                }
            )
        if (locked.owner, locked.team) != (owner, its_team):
            hand_over(locked, owner, its_team, by=by, at=at or database_now())
            settle(list(locked.checklists.values_list("pk", flat=True)), cause=GateChange.Cause.EDIT)
    lead.refresh_from_db()
    return lead


def hand_over(lead: Lead, owner: User | None, team: Team | None, *, by: User | None, at: datetime) -> None:
    """Write the change of a lead that the caller has locked and settles afterwards; nothing is asked."""
    lead.owner = owner
    lead.team = team
    # The version stays: owner and team are given, not edited, and an edit of other fields need not wait.
    lead.save(update_fields=["owner", "team"])
    OwnerChange.objects.create(lead=lead, owner=owner, team=team, by=by, occurred_at=at)
    give_to_team(lead, team, by=by, at=database_now())
