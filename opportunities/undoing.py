"""The undo of a conversion: within 30 days, and only while nothing stands on it (decisions.md 18, 22).

Nothing is deleted: what the conversion made is archived, what it filled is emptied, and the reversal is appended.
"""

from collections.abc import Iterable
from copy import copy
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from accounts.editing import ACCOUNT_FIELDS, CONTACT_FIELDS, lock_account
from accounts.models import Account, Contact
from leads.lifecycle import Cause, Stage
from leads.models import Checklist, GateChange, Lead, LifecycleChange
from leads.moving import Moved, append_moves
from leads.overriding import diagnostic_override, take_back
from leads.qualification import settle
from leads.rights import may_convert, who_may_work
from opportunities.buying import before_it_bought, won_deals
from opportunities.editing import EDITABLE
from opportunities.models import Conversion, Opportunity, PipelineStage, StageChange
from opportunities.previewing import lock_lead
from users.facts import database_now
from users.locking import hold
from users.models import User
from users.rights import demand

UNDO_WITHIN = timedelta(days=30)


class UndoRefused(Exception):
    """The conversion is too old, or something stands on it: `first` lists what to take back first."""

    def __init__(self, first: list[str]) -> None:
        self.first = first
        super().__init__(" ".join(first))


def undo(conversion: Conversion, *, by: User) -> Conversion:
    """Take the conversion back: lead, account and contact are as they were before it.

    Undoing twice returns the first undo. Raises Forbidden, UndoRefused.
    """
    if conversion.undoes_id is not None:
        raise UndoRefused([_("This is an undo already; convert the lead again instead.")])
    with transaction.atomic():
        lead = lock_lead(conversion.lead)
        demand(may_convert(by, lead), who_may_work(lead))
        earlier_undo = Conversion.objects.filter(undoes=conversion).first()
        if earlier_undo is not None:
            return earlier_undo
        checklists = list(Checklist.objects.filter(lead=lead).select_for_update(no_key=True).order_by("pk"))
        deal = _locked_deal(conversion)
        account = lock_account(conversion.account)
        contact = (
            Contact.objects.select_for_update(no_key=True).get(pk=conversion.contact_id)
            if conversion.contact_id
            else None
        )
        at = database_now()
        first = standing_on(conversion, lead, deal, account, contact, at)
        if first:
            raise UndoRefused(first)
        _put_back(account, conversion.filled.get("account", {}), made=conversion.made_account, at=at)
        if contact is not None:
            _put_back(contact, conversion.filled.get("contact", {}), made=conversion.made_contact, at=at)
        for person in (
            Contact.objects.filter(pk__in=conversion.filled.get("named", []), account=account)
            .select_for_update(no_key=True)
            .order_by("pk")
        ):
            _put_back(person, {"account": str(account.pk)}, made=False, at=at)
        if deal is not None:
            _put_away(deal, at)
        _lead_back(lead, conversion, deal is not None, by, at)
        for checklist in checklists:
            override = diagnostic_override(checklist.pk, at)
            if override is not None and override.occurred_at == conversion.occurred_at:
                take_back(override, by=by, at=at)
        row = Conversion.objects.create(
            lead=lead,
            account=account,
            contact=contact,
            opportunity=deal,
            diagnostic=conversion.diagnostic,
            undoes=conversion,
            by=by,
            occurred_at=at,
        )
        settle([checklist.pk for checklist in checklists], cause=GateChange.Cause.EDIT)
    return row


def standing_on(
    conversion: Conversion,
    lead: Lead,
    deal: Opportunity | None,
    account: Account,
    contact: Contact | None,
    at: datetime,
) -> list[str]:
    """What keeps the conversion from being undone, one sentence each, in the order in which to take it back."""
    since = conversion.recorded_at
    if at - since > UNDO_WITHIN:
        return [_("A conversion is undone within %(days)s days; this one is older.") % {"days": UNDO_WITHIN.days}]
    first = []
    later = Conversion.objects.filter(
        lead=lead, pk__gt=conversion.pk, undoes__isnull=True, undone_by__isnull=True
    ).exists()
    if later:
        first.append(_("Undo the later conversion of this lead first."))
    for other in (
        lead.opportunities.filter(archived_at__isnull=True).exclude(pk=deal.pk if deal else 0).order_by("pk")
        if not later
        else []
    ):
        first.append(_("The lead has another deal, %(deal)s: archive it first.") % {"deal": other})
    if deal is not None:
        first += _deal_moved_on(deal, since)
    if conversion.made_account:
        first += _account_worked_on(account, conversion, deal, since)
    if contact is not None and conversion.made_contact:
        first += [
            _("%(record)s was edited since (%(fields)s): put that back first.") % {"record": contact, "fields": text}
            for text in _edits(contact, CONTACT_FIELDS, since)
        ]
    return first


def _deal_moved_on(deal: Opportunity, since: datetime) -> list[str]:
    opened = [
        change.to_stage
        for change in StageChange.objects.filter(opportunity=deal).select_related("to_stage").order_by("id")
        if change.to_stage.outcome == PipelineStage.Outcome.OPEN
    ]
    first = []
    if deal.closed_at is not None:
        first.append(
            _("The deal %(deal)s is closed (%(stage)s): reopen it first.") % {"deal": deal, "stage": deal.stage}
        )
    # Reopened, a closed deal stands where it stood last.
    if opened and opened[0].pk != opened[-1].pk:
        first.append(
            _("The deal %(deal)s has moved on to %(stage)s: move it back to %(begun)s first.")
            % {"deal": deal, "stage": opened[-1], "begun": opened[0]}
        )
    for text in _edits(deal, EDITABLE, since):
        first.append(
            _("The deal %(deal)s was edited since (%(fields)s): put that back first.") % {"deal": deal, "fields": text}
        )
    return first


def _account_worked_on(
    account: Account, conversion: Conversion, deal: Opportunity | None, since: datetime
) -> list[str]:
    first = []
    for deal in (
        account.opportunities.filter(archived_at__isnull=True)
        .exclude(pk=conversion.opportunity_id or 0)
        .order_by("pk")[:5]
    ):
        first.append(
            _("The account has another deal, %(deal)s: archive it or move it to another account first.")
            % {"deal": deal}
        )
    ours = [conversion.contact_id, *conversion.filled.get("named", [])]
    for person in (
        account.contacts.filter(archived_at__isnull=True).exclude(pk__in=[pk for pk in ours if pk]).order_by("pk")[:5]
    ):
        first.append(_("The account has got another contact, %(contact)s: archive it first.") % {"contact": person})
    for other in account.leads.exclude(pk=conversion.lead_id).order_by("pk")[:5]:
        first.append(_("Another lead was converted to the account, %(lead)s: undo that first.") % {"lead": other})
    for child in account.children.filter(archived_at__isnull=True).order_by("pk")[:5]:
        first.append(_("The account has got an account below it, %(account)s: take it out first.") % {"account": child})
    for text in _edits(_but_for_the_win(account, deal), ACCOUNT_FIELDS, since):
        first.append(
            _("The account %(account)s was edited since (%(fields)s): put that back first.")
            % {"account": account, "fields": text}
        )
    return first


def _but_for_the_win(account: Account, deal: Opportunity | None) -> Account:
    """The account as reopening the deal will leave it: what winning made of it is nobody's edit."""
    if deal is None or deal.stage.outcome != PipelineStage.Outcome.WON:
        return account
    before = before_it_bought(account)
    if before is None or won_deals(apart_from=deal, account=account):
        return account
    reopened = copy(account)
    reopened.type_id, reopened.manager_id = before
    return reopened


def _edits(record: Model, fields: Iterable[str], since: datetime) -> list[str]:
    """The labels of the fields whose value is not the one they had then, as one text; an empty list if there is none.

    The value at a moment is that of the oldest history row later than it, else the present one (decisions.md 19).
    """
    history = apps.get_model(record._meta.app_label, f"{record._meta.object_name}History")
    then: Any = history._default_manager.filter(pgh_obj=record.pk, pgh_created_at__gt=since).order_by("pgh_id").first()
    if then is None:
        return []
    columns: list[Any] = [record._meta.get_field(name) for name in fields]
    changed = [
        str(column.verbose_name)
        for column in columns
        if getattr(then, column.attname) != getattr(record, column.attname)
    ]
    return [", ".join(changed)] if changed else []


def _locked_deal(conversion: Conversion) -> Opportunity | None:
    if conversion.opportunity_id is None:
        return None
    return hold(Opportunity.objects.select_related("stage"), conversion.opportunity_id)


def _put_back(record: Account | Contact, filled: dict[str, str], *, made: bool, at: datetime) -> None:
    """Archive what the conversion made; empty what it filled, unless somebody has changed it since."""
    columns = []
    for name, value in filled.items():
        column: Any = record._meta.get_field(name)
        present = getattr(record, column.attname)
        if present is not None and str(present) == value:
            setattr(record, column.attname, None if column.null else "")
            columns.append(name)
    if made:
        record.archived_at = at
        columns.append("archived_at")
    if columns:
        record.version += 1
        record.save(update_fields=[*columns, "version"])


def _put_away(deal: Opportunity, at: datetime) -> None:
    """The deal is archived and lets go of the checklist, so that the next conversion can take it."""
    deal.archived_at = at
    deal.checklist = None
    deal.version += 1
    deal.save(update_fields=["archived_at", "checklist", "version"])


def _lead_back(lead: Lead, conversion: Conversion, had_deal: bool, by: User, at: datetime) -> None:
    before = (
        Conversion.objects.filter(lead=lead, pk__lt=conversion.pk, undoes__isnull=True, undone_by__isnull=True)
        .order_by("-id")
        .first()
    )
    lead.account = before.account if before is not None else None
    lead.contact = before.contact if before is not None else None
    lead.version += 1
    lead.save(update_fields=["account", "contact", "version"])
    if had_deal:
        # Reopening a won deal comes back to opportunity as well, but from customer.
        came = (
            LifecycleChange.objects.filter(lead=lead, to_stage=Stage.OPPORTUNITY)
            .exclude(from_stage=Stage.CUSTOMER)
            .order_by("-id")
            .first()
        )
        back = Stage(came.from_stage) if came is not None and came.from_stage else Stage.SQL
        append_moves([Moved(lead.pk, Stage(lead.stage), back, Cause.CONVERSION, by_id=by.pk)], at=at)
