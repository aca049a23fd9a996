"""What a conversion would find and make, before anything is written (decisions.md 17)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.matching import (
    AccountMatch,
    ContactMatch,
    accounts_like,
    contacts_like,
    domain_of_address,
    domain_of_site,
)
from accounts.models import Account, Contact
from leads.labels import STAGES
from leads.lifecycle import Stage
from leads.models import Checklist, Lead
from leads.overriding import diagnostic_override
from opportunities.models import Conversion, Pipeline
from users.facts import database_now
from users.locking import hold
from users.models import User


@dataclass(frozen=True, slots=True)
class Preview:
    """What a conversion would find and make, before anything is written."""

    lead: Lead
    accounts: list[AccountMatch]
    contacts: list[ContactMatch]
    account_name: str
    contact_name: str
    deal_name: str
    account_manager: User | None
    pipelines: list[Pipeline]
    needs_diagnostic: bool  # a SAL: only by an override with the reason diagnostic
    refused: str  # why it cannot be converted; empty when it can
    converted: Conversion | None  # it is converted already
    fills: dict[int, dict[str, str]] = field(default_factory=dict)  # by account id: its blanks that would be filled


def preview(lead: Lead, *, by: User | None = None) -> Preview:
    """Look for the account and contact that the lead may be; nothing is written."""
    accounts = accounts_like(company=lead.company, email=lead.email, website=lead.website)
    kept = lead.account
    if kept is not None:
        accounts = [AccountMatch(kept, _("Converted to it before"), certain=True)]
    contacts = contacts_like(email=lead.email, name=lead.name, accounts=[match.account.pk for match in accounts])
    needs_diagnostic = (
        lead.stage == Stage.SAL
        and diagnostic_override(Checklist.objects.get(lead=lead, context=lead.context_id).pk, database_now()) is None
    )
    facts = account_facts(lead)
    return Preview(
        lead=lead,
        accounts=accounts,
        contacts=contacts,
        account_name=lead.company or lead.name,
        contact_name=contact_name(lead),
        deal_name=lead.company or str(lead),
        account_manager=lead.owner or by,
        pipelines=list(pipelines_of(lead)),
        needs_diagnostic=needs_diagnostic,
        refused="" if needs_diagnostic else why_refused(lead),
        converted=live_conversion(lead),
        fills={match.account.pk: blanks(match.account, facts) for match in accounts},
    )


def live_conversion(lead: Lead) -> Conversion | None:
    """The newest conversion of the lead that nobody has undone."""
    rows = Conversion.objects.filter(lead=lead, undoes__isnull=True, undone_by__isnull=True)
    return rows.select_related("account", "contact", "opportunity", "by").order_by("-id").first()


def why_refused(lead: Lead) -> str:
    """What stands in the way of converting, as a sentence; empty if nothing does. A SAL needs the diagnostic reason."""
    stage = Stage(lead.stage)
    if lead.archived_at is not None:
        return _("This lead is archived: restore it first.")
    if stage in (Stage.SQL, Stage.SAL):
        return ""
    if stage in (Stage.OPPORTUNITY, Stage.CUSTOMER):
        return _("This lead is converted already.")
    return _("Only an SQL is converted; this lead is at %(stage)s.") % {"stage": STAGES[stage]}


def account_facts(lead: Lead) -> dict[str, Any]:
    """What the lead knows about its organisation, by the account's column."""
    return {
        "industry": lead.industry,
        "employees": lead.employees,
        "revenue": lead.revenue,
        "currency": lead.currency,
        "country": lead.country,
        "city": lead.city,
        "domain": domain_of_site(lead.website) or domain_of_address(lead.email),
    }


def contact_name(lead: Lead) -> str:
    return lead.name or lead.email or lead.phone


def blanks(record: Account | Contact, facts: Mapping[str, Any]) -> dict[str, str]:
    """The blank columns of an existing record that the facts would fill, as text."""
    found = {
        name: str(value)
        for name, value in facts.items()
        if value not in (None, "") and getattr(record, name) in (None, "")
    }
    if "revenue" not in found:
        found.pop("currency", None)  # a currency alone says nothing
    elif "currency" not in found and getattr(record, "currency", "") != facts["currency"]:
        del found["revenue"]  # it would be read in the currency that stands there
    return found


def pipelines_of(lead: Lead) -> QuerySet[Pipeline]:
    """Those of the lead's sales context; any, where a context that was added has none of its own."""
    own = Pipeline.objects.filter(context=lead.context_id)
    return Pipeline.objects.filter(Q(context=lead.context_id) | ~Exists(own)).order_by("position", "pk")


def lock_lead(lead: Lead) -> Lead:
    related = ("owner", "team", "context", "account__type", "contact", "source", "campaign")
    return hold(Lead.objects.select_related(*related), lead.pk)
