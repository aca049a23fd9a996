"""Edits of a deal's fields, who it belongs to, and whether it is archived. Its stage is moved by opportunities/pipeline.py."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from leads.ownership import SELLS
from opportunities.checking import check_deal
from opportunities.models import Conversion, Opportunity, OpportunityOwnerChange
from opportunities.pipeline import DealRefused
from opportunities.rights import may_assign, may_move, who_may_assign, who_may_move
from users.conflicts import edit
from users.facts import database_now
from users.locking import hold
from users.models import Role, Team, User, Workspace
from users.rights import demand, manages

EDITABLE = ("name", "account", "contact", "product", "source", "campaign", "amount", "currency", "expected_close")


def edit_opportunity(
    opportunity: Opportunity, changes: Mapping[str, Any], *, version: int | None, by: User | None
) -> Opportunity:
    """Write changed fields. Raises Forbidden, StaleVersion, ValidationError."""
    values = {name: value.strip() if isinstance(value, str) else value for name, value in changes.items()}
    with transaction.atomic():
        locked = _lock_to_change(opportunity, by)
        proposed = Opportunity(
            **{name: values.get(name, getattr(locked, name)) for name in EDITABLE},
            pipeline=locked.pipeline,
            stage=locked.stage,
        )
        if proposed.amount is not None and not proposed.currency:
            proposed.currency = values["currency"] = Workspace.get().currency
        check_deal(proposed)
        edit(locked, values, version=version, editable=EDITABLE)
    return Opportunity.objects.get(pk=opportunity.pk)


def assign_opportunity(
    opportunity: Opportunity,
    owner: User | None,
    *,
    by: User | None,
    team: Team | None = None,
    at: datetime | None = None,
) -> Opportunity:
    """Give the deal to somebody, with the team (left out: the owner's, else the one it has).

    Raises Forbidden, ValidationError.
    """
    with transaction.atomic():
        locked = _lock(opportunity)
        its_team = team or (owner.team if owner is not None and owner.team is not None else locked.team)
        if by is not None:
            within = by.role != Role.MANAGER or manages(by, its_team.pk if its_team else None)
            demand(may_assign(by, locked) and within, who_may_assign())
        if owner is not None and not (owner.is_active and owner.role in SELLS):
            raise ValidationError(
                {"owner": _("%(person)s does not sell: choose somebody of sales who is active.") % {"person": owner}}
            )
        if (locked.owner, locked.team) != (owner, its_team):
            locked.owner = owner
            locked.team = its_team
            locked.version += 1
            locked.save(update_fields=["owner", "team", "version"])
            OpportunityOwnerChange.objects.create(
                opportunity=locked, owner=owner, team=its_team, by=by, occurred_at=at or database_now()
            )
    return Opportunity.objects.get(pk=opportunity.pk)


def archive_opportunity(opportunity: Opportunity, *, by: User | None) -> Opportunity:
    """Hide the deal from board, lists and open sums; reports on the past keep it. Raises Forbidden."""
    with transaction.atomic():
        locked = _lock_to_change(opportunity, by)
        if locked.archived_at is None:
            _set_archived(locked, database_now())
    return Opportunity.objects.get(pk=opportunity.pk)


def restore_opportunity(opportunity: Opportunity, *, by: User | None) -> Opportunity:
    """Bring an archived deal back where it stood. Raises Forbidden, DealRefused if its conversion was undone."""
    with transaction.atomic():
        locked = _lock_to_change(opportunity, by)
        if locked.archived_at is not None:
            if was_undone(locked):
                raise DealRefused(_("The conversion that opened this deal was undone: convert the lead again instead."))
            _set_archived(locked, None)
    return Opportunity.objects.get(pk=opportunity.pk)


def was_undone(opportunity: Opportunity) -> bool:
    """The conversion that opened the deal was taken back: the deal has no checklist any more, and no report counts it."""
    return Conversion.objects.filter(opportunity=opportunity, undoes__isnull=False).exists()


def _lock_to_change(opportunity: Opportunity, by: User | None) -> Opportunity:
    locked = _lock(opportunity)
    if by is not None:
        demand(may_move(by, locked), who_may_move(locked))
    return locked


def _set_archived(locked: Opportunity, at: datetime | None) -> None:
    locked.archived_at = at
    locked.version += 1
    locked.save(update_fields=["archived_at", "version"])


def _lock(opportunity: Opportunity) -> Opportunity:
    related = ("owner", "team", "account__type", "contact", "pipeline", "stage")
    return hold(Opportunity.objects.select_related(*related), opportunity.pk)
