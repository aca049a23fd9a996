"""Campaigns are made, edited and archived here by marketing; both values are kept when two people edit at once."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Count
from django.utils.text import slugify
from django.utils.translation import gettext as _

from leads.models import Campaign, Lead
from users.conflicts import clean, edit
from users.currencies import check_currency
from users.facts import database_now
from users.locking import hold
from users.models import User, Workspace
from users.moments import check_day
from users.rights import demand, may_edit_campaigns, who_may_edit_campaigns

# The code is given once: imports, filters and reports hold on to it.
EDITABLE = ("name", "source", "starts_on", "ends_on", "cost", "currency")
AT_START = ("code", *EDITABLE)


def start_campaign(fields: Mapping[str, Any], *, by: User | None) -> Campaign:
    """A new campaign; without a code it gets one from its name. `cost` is in `currency`, left out: the workspace's.

    Raises Forbidden, and ValidationError with a message per field.
    """
    if by is not None:
        demand(may_edit_campaigns(by), who_may_edit_campaigns())
    values = _tidy(fields, AT_START)
    campaign = Campaign(**values)
    campaign.code = campaign.code or slugify(campaign.name, allow_unicode=True)[:120].strip("-")
    _check(campaign)
    if not campaign.code:
        raise ValidationError({"code": _("Give a code: a short word that imports and filters use.")})
    try:
        with transaction.atomic():
            if Campaign.objects.filter(code=campaign.code).exists():
                raise _taken(campaign.code)
            clean(campaign)
            campaign.save(force_insert=True)
    except IntegrityError as error:  # somebody took the code in the same instant
        raise _taken(campaign.code) from error
    return Campaign.objects.get(pk=campaign.pk)


def edit_campaign(campaign: Campaign, changes: Mapping[str, Any], *, version: int | None, by: User | None) -> Campaign:
    """Write changed fields. Raises Forbidden, StaleVersion, ValidationError."""
    values = _tidy(changes, EDITABLE)
    with transaction.atomic():
        locked = _lock(campaign, by)
        proposed = Campaign(code=locked.code, **{name: values.get(name, getattr(locked, name)) for name in EDITABLE})
        _check(proposed)
        if proposed.currency != locked.currency:
            values["currency"] = proposed.currency
        edit(locked, values, version=version, editable=EDITABLE)
    return Campaign.objects.get(pk=campaign.pk)


def archive_campaign(campaign: Campaign, *, by: User | None) -> Campaign:
    """The campaign can no longer be chosen; its leads and past reports keep it. Raises Forbidden."""
    return _set_archived(campaign, archived=True, by=by)


def restore_campaign(campaign: Campaign, *, by: User | None) -> Campaign:
    """The campaign can be chosen again. Raises Forbidden."""
    return _set_archived(campaign, archived=False, by=by)


def lead_counts(campaigns: Sequence[Campaign], user: User) -> dict[int, int]:
    """How many leads each campaign brought, of those that the user may see; archived ones are left out."""
    rows = Lead.objects.visible_to(user).active().filter(campaign__in=campaigns)
    counted = rows.order_by().values("campaign").annotate(leads=Count("pk")).values_list("campaign", "leads")
    return {campaign_id: leads for campaign_id, leads in counted if campaign_id is not None}


def _set_archived(campaign: Campaign, *, archived: bool, by: User | None) -> Campaign:
    with transaction.atomic():
        locked = _lock(campaign, by)
        if (locked.archived_at is not None) != archived:
            locked.archived_at = database_now() if archived else None
            locked.version += 1
            locked.save(update_fields=["archived_at", "version"])
    return Campaign.objects.get(pk=campaign.pk)


def _lock(campaign: Campaign, by: User | None) -> Campaign:
    if by is not None:
        demand(may_edit_campaigns(by), who_may_edit_campaigns())
    return hold(Campaign.objects.select_related("source"), campaign.pk)


def _tidy(fields: Mapping[str, Any], allowed: tuple[str, ...]) -> dict[str, Any]:
    unknown = sorted(set(fields) - set(allowed))
    if unknown:
        raise ValidationError({name: _("There is no such field to write here.") for name in unknown})
    return {name: value.strip() if isinstance(value, str) else value for name, value in fields.items()}


def _check(campaign: Campaign) -> None:
    """What its columns cannot say; a cost without a currency gets the workspace's."""
    if not campaign.name:
        raise ValidationError({"name": _("Give the campaign a name.")})
    check_day("starts_on", campaign.starts_on)
    check_day("ends_on", campaign.ends_on)
    if campaign.starts_on and campaign.ends_on and campaign.ends_on < campaign.starts_on:
        raise ValidationError({"ends_on": _("This lies before the start of the campaign: correct one of the two.")})
    if campaign.cost is not None:
        if campaign.cost < 0:
            raise ValidationError({"cost": _("A cost cannot be negative.")})
        campaign.currency = campaign.currency or Workspace.get().currency
    if campaign.currency:
        check_currency(campaign.currency)


def _taken(code: str) -> ValidationError:
    return ValidationError(
        {"code": _("A campaign has the code %(code)s already: choose another one.") % {"code": code}}
    )
