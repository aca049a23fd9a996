"""Rows with good defaults, made by hand. What a test does not say does not matter to it."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from itertools import count
from typing import Any

from accounts.models import Account, AccountType, Contact, Product
from leads.behaviour import NewEvent, record_events
from leads.lifecycle import Cause, Stage
from leads.models import BehaviourEvent, Campaign, Checklist, GateChange, Lead, LeadSource, LifecycleChange, OwnerChange
from leads.qualification import settle
from opportunities.models import Opportunity, OpportunityOwnerChange, Pipeline, PipelineStage, StageChange
from scoring.models import QuestionSet
from tests.leads.answering import answer_all
from users.facts import database_now
from users.models import Management, Membership, Role, SalesContext, Team, User

NUMBERS = count(1)


def make_team(name: str = "", *, parent: Team | None = None, manager: User | None = None) -> Team:
    """A team that its manager has managed from the beginning."""
    team = Team.objects.create(name=name or f"Team {next(NUMBERS)}", parent=parent, manager=manager)
    if manager is not None:
        Management.objects.create(team=team, manager=manager)
    return team


def make_user(username: str = "", *, role: Role = Role.REPRESENTATIVE, team: Team | None = None, **fields: Any) -> User:
    """A person who has been in their team from the beginning, and whom a test signs in by force_login."""
    username = username or f"user{next(NUMBERS)}"
    fields.setdefault("name", username.capitalize())
    user = User(username=username, role=role, team=team, **fields)
    if not user.password:
        user.set_unusable_password()
    user.save()
    if team is not None:
        Membership.objects.create(user=user, team=team)
    return user


def make_account(name: str = "", *, type: str = "prospect", manager: User | None = None, **fields: Any) -> Account:
    return Account.objects.create(
        name=name or f"Account {next(NUMBERS)}", type=AccountType.objects.get(code=type), manager=manager, **fields
    )


def make_contact(name: str = "", **fields: Any) -> Contact:
    return Contact.objects.create(name=name or f"Contact {next(NUMBERS)}", **fields)


def make_product(
    name: str = "", *, price: Decimal | int | None = 10_000, currency: str = "EUR", **fields: Any
) -> Product:
    name = name or f"Product {next(NUMBERS)}"
    fields.setdefault("code", name.lower().replace(" ", "-"))
    return Product.objects.create(name=name, price=price, currency=currency if price is not None else "", **fields)


def make_campaign(name: str = "", *, source: str | None = "website", **fields: Any) -> Campaign:
    name = name or f"Campaign {next(NUMBERS)}"
    fields.setdefault("code", name.lower().replace(" ", "-"))
    return Campaign.objects.create(name=name, source=LeadSource.objects.get(code=source) if source else None, **fields)


def make_lead(
    owner: User | None = None,
    *,
    context: str = "direct",
    source: str | None = "website",
    answers: Mapping[str, str] | None = None,
    at: datetime | None = None,
    **fields: Any,
) -> Lead:
    """An open, scored lead of the owner's team, created at `at` (now).

    `answers` maps codes of questions to codes of ratings; the owner gives them one by one, as on the phone, so the
    lead may come back as an MQL with a hand-off.
    """
    number = next(NUMBERS)
    fields.setdefault("name", f"Lead {number}")
    fields.setdefault("company", f"Company {number}")
    fields.setdefault("email", f"lead{number}@example.com")
    fields.setdefault("team", owner.team if owner is not None else None)
    fields.setdefault("currency", "EUR" if fields.get("revenue") is not None else "")
    created = at or database_now()
    times = {"occurred_at": created} | ({"known_at": at} if at is not None else {})
    lead = Lead.objects.create(
        owner=owner,
        context=SalesContext.objects.get(code=context),
        source=LeadSource.objects.get(code=source) if source else None,
        stage=Stage.LEAD,
        stage_since=created,
        created_at=created,
        **({"known_at": at} if at is not None else {}),
        **fields,
    )
    checklist = make_checklist(lead)
    LifecycleChange.objects.create(lead=lead, from_stage="", to_stage=Stage.LEAD, cause=Cause.PERSON, by=owner, **times)
    OwnerChange.objects.create(lead=lead, owner=owner, team=lead.team, by=owner, **times)
    settle([checklist.pk], cause=GateChange.Cause.EDIT)
    answer_all(checklist, answers or {}, by=owner)
    lead.refresh_from_db()
    return lead


def make_checklist(lead: Lead | None, *, context: SalesContext | None = None) -> Checklist:
    """A checklist of the newest question set of its context."""
    context = context or (lead.context if lead is not None else SalesContext.objects.get(code="direct"))
    newest = QuestionSet.objects.filter(context=context).latest("version")
    return Checklist.objects.create(lead=lead, context=context, question_set=newest)


def make_event(
    lead: Lead, kind: str = "page_viewed", *, at: datetime | None = None, properties: Mapping[str, Any] | None = None
) -> BehaviourEvent:
    """Something the lead did at `at` (now), taken in now, with what follows for score and lifecycle."""
    event = NewEvent(
        lead.pk,
        kind,
        at or database_now(),
        source="test",
        message_id=str(next(NUMBERS)),
        properties=dict(properties or {}),
    )
    assert record_events([event]) == 1
    lead.refresh_from_db()
    return BehaviourEvent.objects.filter(lead=lead).latest("id")


def make_opportunity(
    owner: User | None = None,
    *,
    stage: str = "diagnosis",
    pipeline: str = "direct",
    at: datetime | None = None,
    amount: Decimal | int | None = 10_000,
    **fields: Any,
) -> Opportunity:
    """A deal of the owner's team that has stood in its stage since `at` (now)."""
    in_stage = PipelineStage.objects.get(pipeline__code=pipeline, code=stage)
    created = at or database_now()
    fields.setdefault("name", f"Deal {next(NUMBERS)}")
    fields.setdefault("team", owner.team if owner is not None else None)
    fields.setdefault("currency", "EUR" if amount is not None else "")
    if in_stage.outcome != PipelineStage.Outcome.OPEN:
        fields.setdefault("closed_at", created)
    if in_stage.outcome == PipelineStage.Outcome.WON:
        fields.setdefault("won_amount", amount)
        fields.setdefault("won_currency", fields["currency"] if fields["won_amount"] is not None else "")
    known = {"known_at": at} if at is not None else {}
    opportunity = Opportunity.objects.create(
        owner=owner,
        pipeline=Pipeline.objects.get(code=pipeline),
        stage=in_stage,
        stage_since=created,
        created_at=created,
        amount=amount,
        **known,
        **fields,
    )
    StageChange.objects.create(opportunity=opportunity, to_stage=in_stage, by=owner, occurred_at=created, **known)
    OpportunityOwnerChange.objects.create(
        opportunity=opportunity, owner=owner, team=opportunity.team, by=owner, occurred_at=created, **known
    )
    return opportunity
