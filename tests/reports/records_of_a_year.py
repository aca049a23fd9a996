"""A year of leads, deals and hand-offs in two teams, with everything that makes figures go wrong: an owner who changes
teams, a reopened deal, unknown dates, a win before its lead, a deal without an account, two currencies."""

from datetime import UTC, datetime, timedelta
from typing import Any

from accounts.models import Account
from leads.lifecycle import Cause, Stage
from leads.models import Handoff, HandoffChange, Lead, LifecycleChange, OwnerChange, RejectionReason
from opportunities.models import Opportunity, OpportunityOwnerChange, PipelineStage, StageChange
from tests.factories import make_account, make_campaign, make_lead, make_opportunity, make_product
from users.models import Membership, User

START = datetime(2026, 1, 5, 9, tzinfo=UTC)


def day(number: float) -> datetime:
    return START + timedelta(days=number)


def move(deal: Opportunity, stage: str, at: datetime | None) -> None:
    to_stage = PipelineStage.objects.get(pipeline=deal.pipeline, code=stage)
    known = {"known_at": at} if at else {}
    StageChange.objects.create(opportunity=deal, from_stage=deal.stage, to_stage=to_stage, occurred_at=at, **known)
    deal.stage = to_stage
    if to_stage.outcome == "won":
        deal.won_amount, deal.won_currency = deal.amount, deal.currency
    deal.save()


def advance(lead: Lead, stage: str, at: datetime | None, cause: Cause = Cause.POLICY, **fields: Any) -> None:
    known = {"known_at": at} if at else {}
    LifecycleChange.objects.create(
        lead=lead, from_stage=lead.stage, to_stage=stage, cause=cause, occurred_at=at, **known, **fields
    )
    lead.stage = stage
    lead.save()


def give(deal: Opportunity, owner: User, at: datetime) -> None:
    OpportunityOwnerChange.objects.create(opportunity=deal, owner=owner, team=owner.team, occurred_at=at, known_at=at)
    deal.owner, deal.team = owner, owner.team
    deal.save()


def hand_off(
    lead: Lead, state: str, offered: datetime, decided: datetime | None, by: User | None = None, reason: str = ""
) -> Handoff:
    """An offer and, if it is decided, what became of it."""
    chosen = RejectionReason.objects.get(code=reason) if reason else None
    found = Handoff.objects.create(
        lead=lead, checklist=lead.checklists.get(), team=lead.team, state=state, because="Asked for a quote", offered_at=offered,
        accept_due=offered + timedelta(hours=8), decided_at=decided, decided_by=by, reason=chosen, frozen={},
        recycle_until=offered.date() + timedelta(days=90) if state == "recycled" else None,
    )  # fmt: skip
    HandoffChange.objects.create(
        handoff=found,
        from_state="",
        to_state="review" if state == "review" else "offered",
        team=lead.team,
        occurred_at=offered,
        known_at=offered,
    )
    if decided is not None:
        HandoffChange.objects.create(
            handoff=found,
            from_state="offered",
            to_state=state,
            team=lead.team,
            occurred_at=decided,
            known_at=decided,
            by=by,
            reason=chosen,
        )
    return found


def a_year(alice: User, charlie: User) -> None:
    """48 leads, 30 deals and 14 hand-offs of Alice's and Charlie's."""
    fair = make_campaign("Fair")
    sources = ["website", "referral", None]
    leads = []
    for number in range(48):
        owner = alice if number % 3 else charlie
        lead = make_lead(
            owner,
            source=sources[number % len(sources)],
            at=day(5 * number),
            industry=["retail", "finance", ""][number % 3],
            country="Norway",
        )
        if number % 4 == 0:
            lead.campaign = fair
            lead.save()
        leads.append(lead)
    for number, lead in enumerate(leads):
        created = lead.created_at
        assert created is not None
        if number % 2:
            advance(lead, Stage.MQL, created + timedelta(days=1), Cause.OVERRIDE if number % 7 == 0 else Cause.POLICY)
        if number % 4 == 1:
            advance(lead, Stage.SAL, created + timedelta(days=2), Cause.PERSON)
        if number % 8 == 1:
            advance(lead, Stage.SQL, created + timedelta(days=4))
            advance(lead, Stage.OPPORTUNITY, created + timedelta(days=5), Cause.CONVERSION)
        if number % 8 == 5:
            advance(lead, Stage.OPPORTUNITY, created + timedelta(days=6), Cause.CONVERSION, diagnostic=True)
        if number % 16 == 1:
            advance(lead, Stage.CUSTOMER, created + timedelta(days=40.5), Cause.CONVERSION)
    advance(leads[5], Stage.SAL, day(120), Cause.CONVERSION)  # undone
    advance(leads[3], Stage.NURTURE, day(121), Cause.PERSON)
    # Won before it was first heard of.
    advance(leads[0], Stage.CUSTOMER, day(-3), Cause.IMPORT)
    Lead.objects.filter(pk=leads[7].pk).update(created_at=None)
    OwnerChange.objects.create(lead=leads[2], owner=charlie, team=charlie.team, occurred_at=day(60), known_at=day(60))
    Lead.objects.filter(pk=leads[2].pk).update(owner=charlie, team=charlie.team)

    accounts: list[Account | None] = [
        make_account(f"=Account {n}", industry=["retail", "finance"][n % 2]) for n in range(4)
    ]
    products = [make_product("Basic", series="B"), make_product("Pro", series="P")]
    for number in range(30):
        owner = alice if number % 2 else charlie
        deal = make_opportunity(
            owner, at=day(7 * number), amount=[1000, 2500, None][number % 3], account=[*accounts, None][number % 5], product=products[number % 2],
            currency=["EUR", "USD", ""][number % 3], expected_close=day(7 * number + 60).date(), source=leads[number].source,
        )  # fmt: skip
        if number % 5 != 0:
            move(deal, ["pain_intervention", "solution", "negotiation"][number % 3], day(7 * number + 4))
        if number % 5 in (1, 2):
            move(deal, "won", day(7 * number + 20.25))
        if number % 5 == 3:
            move(deal, "lost", day(7 * number + 30))
        if number == 6:
            move(deal, "proposal", day(180))  # reopened
        if number == 11:
            give(deal, charlie, day(7 * number + 10))
        if number == 13:
            move(deal, "lost", None)
    # Alice worked for the other team until 1 March.
    Membership.objects.create(user=alice, team=charlie.team, occurred_at=None, known_at=day(-400))
    Membership.objects.create(user=alice, team=alice.team, occurred_at=day(55), known_at=day(55))

    decisions = ["accepted", "accepted", "rejected", "recycled", "withdrawn", "offered", "review"]
    reasons = list(RejectionReason.objects.values_list("code", flat=True))
    for number, lead in enumerate(leads[:14]):
        state = decisions[number % 7]
        decided = None if state in ("offered", "review") else day(10 * number + [0.1, 1.5][number % 2])
        hand_off(
            lead,
            state,
            day(10 * number),
            decided,
            by=lead.owner,
            reason=reasons[number % len(reasons)] if state == "rejected" else "",
        )
