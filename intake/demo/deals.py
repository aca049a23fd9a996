"""The deals of the demo: what conversions made, how the deals moved, and what became of the accounts."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from accounts.models import Account, AccountType, Contact
from intake.demo.people import Company
from intake.demo.story import Deal, Life
from leads.models import Checklist, Lead, Override
from opportunities.models import (
    Conversion,
    LossReason,
    Opportunity,
    OpportunityOwnerChange,
    Pipeline,
    PipelineStage,
    StageChange,
)
from users.models import User


def close_and_convert(
    lives: Sequence[Life],
    leads: Sequence[Lead],
    checklists: Sequence[Checklist],
    owners: Sequence[User],
    company: Company,
) -> None:
    """Write accounts, contacts, conversions, deals and their moves for every life that came so far."""
    stages = {
        (stage.pipeline.code, stage.code): stage for stage in PipelineStage.objects.select_related("pipeline").all()
    }
    reasons = {reason.code: reason for reason in LossReason.objects.all()}
    pipelines = {pipeline.code: pipeline for pipeline in Pipeline.objects.all()}
    accounts = _Accounts()
    for life, lead, checklist, owner in zip(lives, leads, checklists, owners, strict=True):
        if life.deal is None:
            continue
        deal, context = life.deal, life.traits.context
        account, made = accounts.of(life, deal, owner)
        contact = Contact.objects.create(
            account=account,
            name=lead.name,
            title=lead.title,
            department=lead.department,
            email=lead.email,
            phone=lead.phone,
            created_at=deal.opened_at,
        )
        closed_at, last = _end(deal)
        opportunity = Opportunity.objects.create(
            name=f"{lead.company}: {_what(life, company)}",
            account=account,
            contact=contact,
            lead=lead,
            checklist=checklist,
            pipeline=pipelines[context],
            stage=stages[context, last],
            stage_since=deal.stages[-1][0],
            owner=owner,
            team=owner.team,
            product=_product(life, company),
            source=lead.source,
            campaign=lead.campaign,
            amount=deal.amount,
            won_amount=deal.won_amount if last == "won" else None,
            won_currency="EUR" if last == "won" else "",
            currency="EUR",
            expected_close=(deal.opened_at + timedelta(days=100)).date(),
            closed_at=closed_at,
            loss_reason=reasons[deal.loss_reason] if last == "lost" else None,
            competitor=company.competitors[lead.pk % len(company.competitors)]
            if last == "lost" and deal.to_competitor
            else None,
            created_at=deal.opened_at,
            known_at=deal.opened_at,
        )
        dated = _dated(deal.opened_at)
        OpportunityOwnerChange.objects.create(opportunity=opportunity, owner=owner, team=owner.team, **dated)
        StageChange.objects.bulk_create(
            StageChange(
                opportunity=opportunity,
                from_stage=stages[context, before] if before else None,
                to_stage=stages[context, code],
                by=owner,
                loss_reason=reasons[deal.loss_reason] if code == "lost" else None,
                **_dated(at),
            )
            for before, (at, code) in zip(["", *(code for _at, code in deal.stages)], deal.stages, strict=False)
        )
        if deal.diagnostic:
            Override.objects.create(
                checklist=checklist,
                gate="sql",
                direction="up",
                diagnostic=True,
                reason="Needs it badly; money follows from what the pain costs",
                by=owner,
                **dated,
            )
        Conversion.objects.create(
            lead=lead,
            account=account,
            contact=contact,
            opportunity=opportunity,
            made_account=made,
            made_contact=True,
            diagnostic=deal.diagnostic,
            by=owner,
            **dated,
        )
        Lead.objects.filter(pk=lead.pk).update(account=account, contact=contact)
        if last == "won":
            accounts.won(account, context)


def _end(deal: Deal) -> tuple[datetime | None, str]:
    at, code = deal.stages[-1]
    return (at if code in ("won", "lost") else None), code


def _product(life: Life, company: Company) -> Any:
    if life.traits.context != "direct" or life.deal is None:
        return None
    amount = life.deal.amount
    return min(company.products, key=lambda product: abs((product.price or 0) - amount))


def _what(life: Life, company: Company) -> str:
    product = _product(life, company)
    return product.name if product else "partnership"


def _dated(at: datetime) -> dict[str, Any]:
    return {"occurred_at": at, "known_at": at}


class _Accounts:
    """One account a company name and country; the first that comes is the group's head."""

    def __init__(self) -> None:
        self.types = {kind.code: kind for kind in AccountType.objects.all()}
        self.known: dict[tuple[str, str], Account] = {}
        self.heads: dict[str, Account] = {}

    def of(self, life: Life, deal: Deal, owner: User) -> tuple[Account, bool]:
        traits = life.traits
        key = (traits.company, traits.country)
        if key in self.known:
            return self.known[key], False
        account = Account.objects.create(
            name=traits.company if traits.company not in self.heads else f"{traits.company}, {traits.country}",
            type=self.types["prospect"],
            parent=self.heads.get(traits.company),
            manager=owner,
            industry=traits.industry,
            employees=traits.employees,
            revenue=traits.revenue,
            currency="EUR",
            country=traits.country,
            domain=traits.email.split("@")[1],
            created_at=deal.opened_at,
        )
        self.known[key] = account
        self.heads.setdefault(traits.company, account)
        return account, True

    def won(self, account: Account, context: str) -> None:
        """A prospect becomes a customer, or in the channel a distributor without an account manager."""
        if account.type.code != "prospect":
            return
        account.type = self.types["customer" if context == "direct" else "distributor"]
        if context == "channel":
            account.manager = None
        account.save(update_fields=["type", "manager"])
