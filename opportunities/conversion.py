"""A lead becomes an account, a contact and a deal (decisions.md 17, 18). The undo of it stands in undoing.py.

Converting twice is converting once: the second press gets the first one's result.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.editing import default_type, lock_account
from accounts.models import Account, AccountType, Contact, Product
from leads.lifecycle import LONGEST_REASON, Cause, Stage
from leads.locking import lock_checklists_of
from leads.models import Answer, AnswerContact, Checklist, GateChange, Lead, Override
from leads.models.lifecycle import Gate
from leads.moving import Moved, append_moves
from leads.overriding import diagnostic_override, write_override
from leads.qualification import settle
from leads.rights import may_convert, may_override, who_may_override, who_may_work
from opportunities.models import Conversion, Opportunity, Pipeline
from opportunities.pipeline import first_stage, open_deal
from opportunities.previewing import (
    Preview,
    account_facts,
    blanks,
    contact_name,
    live_conversion,
    lock_lead,
    pipelines_of,
    preview,
    why_refused,
)
from opportunities.undoing import UndoRefused, undo
from users.conflicts import clean
from users.facts import database_now
from users.models import User
from users.rights import demand

__all__ = [
    "ConversionChoice",
    "ConversionRefused",
    "Preview",
    "UndoRefused",
    "answers_to_confirm",
    "convert",
    "open_further_deal",
    "preview",
    "undo",
]


class ConversionRefused(Exception):
    """The lead cannot be converted as it stands; the message says what to do first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversionChoice:
    """What the person chose in the preview. None and blanks take what the preview suggests."""

    account: Account | None = None  # None: a new one
    account_name: str = ""  # of a new account; left out: the lead's company
    account_manager: User | None = None  # needed where the account is a prospect or customer and has none
    contact: Contact | None = None
    make_contact: bool = True  # without a contact chosen: make one of the lead
    open_deal: bool = True  # else account and contact only; the lead stays where it is
    deal_name: str = ""
    pipeline: Pipeline | None = None
    product: Product | None = None
    amount: Decimal | None = None
    currency: str = ""
    expected_close: date | None = None
    diagnostic_reason: str = ""  # converts a SAL without the SQL gate


def convert(lead: Lead, choice: ConversionChoice, *, by: User) -> Conversion:
    """Make or match account and contact, and open the first deal with the lead's checklist going along.

    A second press returns the first one's conversion. Raises Forbidden, ConversionRefused, ValidationError.
    """
    with transaction.atomic():
        locked = lock_lead(lead)
        demand(may_convert(by, locked), who_may_work(locked))
        standing = live_conversion(locked)
        if standing is not None and (standing.opportunity_id is not None or not choice.open_deal):
            return standing
        lock_checklists_of([locked.pk])
        checklist = Checklist.objects.get(lead=locked, context=locked.context_id)
        at = database_now()
        override = _open_the_way(locked, checklist, choice, by, at)
        account, made_account, filled = _account(locked, choice, by, standing)
        contact, made_contact, filled_contact = _contact(locked, choice, account, standing)
        named = _bring_the_named_along(checklist, account)
        locked.account = account
        locked.contact = contact
        locked.version += 1
        locked.save(update_fields=["account", "contact", "version"])
        deal = None
        if choice.open_deal:
            deal = _deal(locked, checklist, account, contact, choice, by)
            stage = Stage(Lead.objects.values_list("stage", flat=True).get(pk=locked.pk))
            diagnostic = override is not None
            append_moves(
                [Moved(locked.pk, stage, Stage.OPPORTUNITY, Cause.CONVERSION, by_id=by.pk, diagnostic=diagnostic)],
                at=at,
            )
        settle([checklist.pk], cause=GateChange.Cause.EDIT)
        # The last row of the transaction: what is recorded later than it was done afterwards.
        conversion = Conversion.objects.create(
            lead=locked,
            account=account,
            contact=contact,
            opportunity=deal,
            made_account=made_account,
            made_contact=made_contact,
            filled={"account": filled, "contact": filled_contact, "named": named},
            diagnostic=override is not None,
            by=by,
            occurred_at=at,
        )
    lead.refresh_from_db()
    return conversion


def open_further_deal(lead: Lead, fields: Mapping[str, Any], *, by: User) -> Opportunity:
    """One more deal of a converted lead, with a checklist of its own (decisions.md 18). Raises as open_deal does."""
    with transaction.atomic():
        locked = lock_lead(lead)
        demand(may_convert(by, locked), who_may_work(locked))
        if locked.stage not in (Stage.OPPORTUNITY, Stage.CUSTOMER) or locked.account is None:
            raise ConversionRefused(_("This lead has no deal yet: convert it first."))
        pipeline = fields.get("pipeline") or pipelines_of(locked).first()
        return open_deal(
            {
                "account": locked.account,
                "contact": locked.contact,
                "owner": locked.owner or by,
                "team": locked.team,
                "source": locked.source,
                "campaign": locked.campaign,
                **fields,
                "pipeline": pipeline,
                "lead": locked,
            },
            by=by,
        )


def answers_to_confirm(deal: Opportunity) -> list[Answer]:
    """What the lead has told us already, for the questions that a further deal's own checklist has not answered yet.

    Confirming one gives a new answer that names it.
    """
    own = deal.checklist
    if deal.lead_id is None or own is None or own.lead_id is not None:
        return []
    answered = Answer.objects.filter(checklist=own).values("question__code")
    told = Answer.objects.filter(checklist__lead=deal.lead_id, checklist__context=own.context_id).current().asked_now()
    return list(
        told.exclude(question__code__in=answered)
        .select_related("question", "choice", "by")
        .order_by("question__position")
    )


def _open_the_way(
    lead: Lead, checklist: Checklist, choice: ConversionChoice, by: User, at: datetime
) -> Override | None:
    """The diagnostic override that the conversion goes by; None for an SQL. Raises ConversionRefused."""
    refused = why_refused(lead)
    if refused:
        raise ConversionRefused(refused)
    if lead.stage == Stage.SQL:
        return None
    standing = diagnostic_override(checklist.pk, at)
    if standing is not None:
        return standing
    reason = choice.diagnostic_reason.strip()
    if not reason:
        raise ConversionRefused(
            _("This lead is a SAL, the SQL gate does not hold: go on asking, or say why the diagnosis is to begin now.")
        )
    if len(reason) > LONGEST_REASON:
        raise ValidationError(
            {"diagnostic_reason": _("Keep the reason under %(limit)s characters.") % {"limit": LONGEST_REASON}}
        )
    demand(may_override(by, lead), who_may_override(lead))
    return write_override(checklist, Gate.SQL, Override.Direction.UP, by=by, reason=reason, diagnostic=True, at=at)


def _account(
    lead: Lead, choice: ConversionChoice, by: User, standing: Conversion | None
) -> tuple[Account, bool, dict[str, str]]:
    chosen = standing.account if standing is not None else choice.account
    if standing is not None and choice.account not in (None, standing.account):
        raise ConversionRefused(
            _("This lead belongs to %(account)s since its conversion: undo that first.") % {"account": standing.account}
        )
    facts = account_facts(lead)
    if chosen is None:
        manager = choice.account_manager
        if manager is None:
            raise ValidationError({"account_manager": _("Choose the account manager: a prospect has exactly one.")})
        name = choice.account_name.strip() or lead.company or lead.name
        if not name:
            raise ValidationError(
                {"account_name": _("Give the account a name: the lead has neither company nor name.")}
            )
        account = Account(name=name, type=default_type(AccountType.Kind.PROSPECT), manager=_active(manager), **facts)
        clean(account)
        account.save(force_insert=True)
        return account, True, {}
    account = lock_account(chosen)
    if account.archived_at is not None:
        raise ConversionRefused(_("%(account)s is archived: choose another account.") % {"account": account})
    if account.type.kind == AccountType.Kind.COMPETITOR:
        raise ConversionRefused(
            _("%(account)s is a competitor: change the account's type, or choose another one.") % {"account": account}
        )
    filled = blanks(account, facts)
    for name in filled:
        setattr(account, name, facts[name])
    if account.type.kind in AccountType.MANAGED and account.manager is None:
        if choice.account_manager is None:
            raise ValidationError(
                {"account_manager": _("%(account)s has no account manager: choose one.") % {"account": account}}
            )
        account.manager = _active(choice.account_manager)
        filled["manager"] = str(account.manager.pk)
    if filled:
        account.version += 1
        account.save(update_fields=[*filled, "version"])
    return account, False, filled


def _active(manager: User) -> User:
    if not manager.is_active:
        raise ValidationError(
            {
                "account_manager": _("%(person)s does not work here any more: choose somebody else.")
                % {"person": manager}
            }
        )
    return manager


def _contact(
    lead: Lead, choice: ConversionChoice, account: Account, standing: Conversion | None
) -> tuple[Contact | None, bool, dict[str, str]]:
    facts = {"title": lead.title, "department": lead.department, "email": lead.email, "phone": lead.phone}
    chosen = standing.contact if standing is not None and standing.contact is not None else choice.contact
    if chosen is None:
        if not choice.make_contact or not contact_name(lead):
            return None, False, {}
        contact = Contact(account=account, name=contact_name(lead)[:200], **facts)
        clean(contact)
        contact.save(force_insert=True)
        return contact, True, {}
    contact = Contact.objects.select_for_update(no_key=True).get(pk=chosen.pk)
    if contact.account_id not in (None, account.pk):
        raise ValidationError({"contact": _("%(contact)s belongs to another account.") % {"contact": contact}})
    filled = blanks(contact, facts)
    for name in filled:
        setattr(contact, name, facts[name])
    if contact.account_id is None:
        contact.account = account
        filled["account"] = str(account.pk)
    if filled:
        contact.version += 1
        contact.save(update_fields=[*filled, "version"])
    return contact, False, filled


def _bring_the_named_along(checklist: Checklist, account: Account) -> list[int]:
    """Contacts whom answers named before the account was known now belong to it. Returns their ids."""
    named = AnswerContact.objects.filter(answer__checklist=checklist, contact__account__isnull=True).values("contact")
    people = list(Contact.objects.filter(pk__in=named).select_for_update(no_key=True).order_by("pk"))
    for person in people:
        person.account = account
        person.version += 1
        person.save(update_fields=["account", "version"])
    return [person.pk for person in people]


def _deal(
    lead: Lead, checklist: Checklist, account: Account, contact: Contact | None, choice: ConversionChoice, by: User
) -> Opportunity:
    pipeline = choice.pipeline or pipelines_of(lead).first()
    if pipeline is None:
        raise ConversionRefused(
            _("There is no pipeline for %(context)s yet: run manage.py setup.") % {"context": lead.context}
        )
    return open_deal(
        {
            "name": choice.deal_name or account.name,
            "account": account,
            "contact": contact,
            "lead": lead,
            "checklist": checklist,
            "pipeline": pipeline,
            "stage": first_stage(pipeline),
            "owner": lead.owner or by,
            "team": lead.team,
            "product": choice.product,
            "source": lead.source,
            "campaign": lead.campaign,
            "amount": choice.amount,
            "currency": choice.currency,
            "expected_close": choice.expected_close,
        },
        by=by,
    )
