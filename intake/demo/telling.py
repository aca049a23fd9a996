"""Writes the lives as facts, dated and known when they happened, and lets the product score them."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from accounts.models import Account
from intake.demo import people, traits
from intake.demo.deals import close_and_convert
from intake.demo.people import Company
from intake.demo.story import Life, QuestionCard, Storyteller, beginnings
from intake.setting_up import POLICIES, set_up
from intake.starting_lists import PIPELINES
from intake.statistics import refresh_statistics
from leads.behaviour import refresh_sums
from leads.explaining import explain
from leads.lifecycle import Cause, Stage
from leads.models import (
    Activity,
    Answer,
    BehaviourEvent,
    Campaign,
    Checklist,
    EventKey,
    GateChange,
    Handoff,
    HandoffChange,
    Lead,
    LeadSource,
    LifecycleChange,
    OwnerChange,
    RejectionReason,
)
from leads.offering import newest_hand_raises, start_clocks, why
from leads.scores import judge_in_force
from leads.sweeping import rescore_now, sweep
from scoring import engine
from scoring.facts import kinds
from scoring.models import Persona, Question, QuestionSet
from users.models import SalesContext, User, Workspace

DAYS = 548


def tell_all(*, leads: int, events: int, seed: int, until: date, now: datetime) -> dict[str, int]:
    """Fill an empty database with the demo; the same arguments give the same data. Returns how many rows came in.

    `events` is about how many events there will be; `until` the last day of the story, `now` the present moment.
    """
    random = Random(seed)  # noqa: S311 (a story, no secret)
    end = min(now, datetime.combine(until, time(16), tzinfo=ZoneInfo("UTC")))
    since = end - timedelta(days=DAYS)
    with transaction.atomic():
        set_up("Northwind Automation", "Europe/Oslo", "EUR", policy_since=since)
        company = people.hire(since)
        lives = _lives(random, leads, events / max(1, leads), since, end)
        cast = _Cast(company, lives)
        cast.enter()
        close_and_convert(lives, cast.leads, cast.checklists, cast.owners, company)
        refresh_sums([lead.pk for lead in cast.leads])
    refresh_statistics()
    rescore_now()
    with transaction.atomic():
        cast.offer()
    sweep()  # what has come due between the end of the story and now
    return {
        "leads": Lead.objects.count(),
        "events": BehaviourEvent.objects.count(),
        "answers": Answer.objects.count(),
        "handoffs": Handoff.objects.count(),
        "accounts": Account.objects.count(),
        "users": User.objects.count(),
    }


def _lives(random: Random, count: int, mean_events: float, since: datetime, end: datetime) -> list[Life]:
    tellers = {code: _teller(random, code, end) for code in POLICIES}
    lives = []
    for number, created_at in enumerate(beginnings(random, count, since, end)):
        drawn = traits.draw(random, number)
        lives.append(tellers[drawn.context].tell(drawn, created_at, mean_events))
    return lives


def _teller(random: Random, context: str, end: datetime) -> Storyteller:
    definition = engine.parse(POLICIES[context], kinds())
    question_set = QuestionSet.objects.filter(context__code=context).latest("version")
    cards = [
        QuestionCard(
            question.code,
            question.criterion,
            frozenset(question.concepts),
            question.weight,
            tuple((choice.code, choice.value) for choice in question.choices.all() if choice.value is not None),
        )
        for question in question_set.questions.prefetch_related("choices").order_by("position")
    ]
    stages = [(stage.code, stage.usual_days or 14) for stage in PIPELINES[context] if stage.outcome == "open"]
    return Storyteller(random, end, definition, cards, stages)


class _Cast:
    """The rows of all lives, written table by table."""

    def __init__(self, company: Company, lives: Sequence[Life]) -> None:
        self.company, self.lives = company, lives
        self.contexts = {context.code: context for context in SalesContext.objects.all()}
        self.owners = self._owners()
        self.leads: list[Lead] = []
        self.checklists: list[Checklist] = []

    def _owners(self) -> list[User]:
        """Representatives of each team in turn."""
        turn = dict.fromkeys(("north", "south", "singapore"), 0)
        owners = []
        for life in self.lives:
            representatives = self.company.representatives(life.traits.team)
            owners.append(representatives[turn[life.traits.team] % len(representatives)])
            turn[life.traits.team] += 1
        return owners

    def enter(self) -> None:
        self._leads()
        self._answers()
        self._events()
        self._calls()
        self._moves()

    def _leads(self) -> None:
        sources = {source.code: source for source in LeadSource.objects.all()}
        personas = {persona.code: persona for persona in Persona.objects.all()}
        campaigns: dict[str, Campaign] = self.company.campaigns
        self.leads = Lead.objects.bulk_create(
            Lead(
                **{
                    field: getattr(life.traits, field)
                    for field in (
                        "name",
                        "company",
                        "email",
                        "title",
                        "seniority",
                        "department",
                        "industry",
                        "employees",
                        "revenue",
                        "country",
                    )
                },
                currency="EUR",
                phone=f"+47 22 {number % 90 + 10:02d} {number % 83 + 10:02d} {number % 71 + 10:02d}",
                context=self.contexts[life.traits.context],
                source=sources[life.traits.source],
                campaign=campaigns.get(life.traits.campaign or ""),
                persona=personas.get(life.traits.persona),
                owner=owner,
                team=owner.team,
                stage=life.stage,
                stage_since=life.moves[-1][0] if life.moves else life.created_at,
                nurture_until=life.nurture_until if life.stage is Stage.NURTURE else None,
                created_at=life.created_at,
                known_at=life.created_at,
            )
            for number, (life, owner) in enumerate(zip(self.lives, self.owners, strict=True))
        )
        sets = {code: QuestionSet.objects.filter(context=c).latest("version") for code, c in self.contexts.items()}
        self.checklists = Checklist.objects.bulk_create(
            Checklist(
                lead=lead,
                context=lead.context,
                question_set=sets[life.traits.context],
                created_at=life.created_at,
            )
            for lead, life in zip(self.leads, self.lives, strict=True)
        )
        OwnerChange.objects.bulk_create(
            OwnerChange(lead=lead, owner=owner, team=owner.team, **_dated(life.created_at))
            for lead, life, owner in zip(self.leads, self.lives, self.owners, strict=True)
        )

    def _answers(self) -> None:
        questions = {
            (context.code, question.code): question
            for context in self.contexts.values()
            for question in Question.objects.filter(question_set__context=context).prefetch_related("choices")
        }
        choices = {key: {c.code: c for c in question.choices.all()} for key, question in questions.items()}
        Answer.objects.bulk_create(
            Answer(
                checklist=checklist,
                question=questions[life.traits.context, code],
                choice=choices[life.traits.context, code][rating],
                by=owner,
                **_dated(at),
            )
            for life, checklist, owner in zip(self.lives, self.checklists, self.owners, strict=True)
            for at, code, rating in life.answers
        )
        GateChange.objects.bulk_create(
            GateChange(
                checklist=checklist,
                gate=gate,
                holds=holds,
                cause=cause,
                policy=self.contexts[life.traits.context].policies.newest_first()[0],
                **_dated(at),
            )
            for life, checklist in zip(self.lives, self.checklists, strict=True)
            for at, gate, holds, cause in life.turns
        )

    def _events(self) -> None:
        events = BehaviourEvent.objects.bulk_create(
            BehaviourEvent(lead=lead, kind=kind, **_dated(at))
            for life, lead in zip(self.lives, self.leads, strict=True)
            for at, kind in life.events
        )
        EventKey.objects.bulk_create(
            EventKey(source="demo", message_id=str(event.pk), event_id=event.pk, occurred_at=event.occurred_at)
            for event in events
        )

    def _calls(self) -> None:
        Activity.objects.bulk_create(
            Activity(
                checklist=checklist,
                kind=Activity.Kind.CALL,
                two_way=reached,
                note="" if reached else "No answer",
                by=owner,
                **_dated(at),
            )
            for life, checklist, owner in zip(self.lives, self.checklists, self.owners, strict=True)
            for at, reached, _note in life.calls
        )

    def _moves(self) -> None:
        changes = []
        for life, lead, owner in zip(self.lives, self.leads, self.owners, strict=True):
            changes.append(
                LifecycleChange(lead=lead, to_stage=Stage.LEAD, cause=Cause.PERSON, **_dated(life.created_at))
            )
            policy = self.contexts[life.traits.context].policies.newest_first()[0]
            for at, from_stage, to_stage, cause, reason in life.moves:
                changes.append(
                    LifecycleChange(
                        lead=lead,
                        from_stage=from_stage,
                        to_stage=to_stage,
                        cause=cause,
                        reason=reason,
                        policy=policy if cause is Cause.POLICY else None,
                        by=None if cause is Cause.POLICY else owner,
                        diagnostic=to_stage is Stage.OPPORTUNITY and life.deal is not None and life.deal.diagnostic,
                        nurture_until=life.wakes.get(at) if to_stage is Stage.NURTURE else None,
                        **_dated(at),
                    )
                )
        LifecycleChange.objects.bulk_create(changes)

    def offer(self) -> None:
        """Hand-offs, each with the score as it was known at the offer."""
        reasons = {reason.code: reason for reason in RejectionReason.objects.all()}
        handoffs: list[Handoff] = []
        owners: list[User] = []
        for life, lead, checklist, owner in zip(self.lives, self.leads, self.checklists, self.owners, strict=True):
            for offer in life.offers:
                sheet = explain(checklist, at=offer.at)
                definition = judge_in_force(lead.context_id, offer.at)[0].definition
                raised = newest_hand_raises([lead], definition, offer.at).get(lead.pk)
                handoffs.append(
                    Handoff(
                        lead=lead,
                        checklist=checklist,
                        team=owner.team,
                        state=offer.state,
                        because=why(sheet, definition, raised),
                        offered_at=offer.at,
                        decided_at=offer.decided_at,
                        decided_by=owner if offer.decided_at else None,
                        reason=reasons.get(offer.reason),
                        recycle_until=offer.recycle_until if offer.state == "recycled" else None,
                        policy=sheet.policy,
                        fit=sheet.fit,
                        engagement=sheet.engagement,
                        qualification_low=sheet.low,
                        frozen=sheet.as_json(),
                    )
                )
                owners.append(owner)
        workspace = Workspace.get()
        for handoff in handoffs:
            start_clocks(handoff, handoff.offered_at, workspace)
        Handoff.objects.bulk_create(handoffs)
        changes = []
        for handoff, owner in zip(handoffs, owners, strict=True):
            changes.append(
                HandoffChange(handoff=handoff, to_state="offered", team=handoff.team, **_dated(handoff.offered_at))
            )
            if handoff.decided_at:
                changes.append(
                    HandoffChange(
                        handoff=handoff,
                        from_state="offered",
                        to_state=handoff.state,
                        team=handoff.team,
                        reason=handoff.reason,
                        by=owner,
                        **_dated(handoff.decided_at),
                    )
                )
        HandoffChange.objects.bulk_create(changes)


def _dated(at: datetime) -> dict[str, Any]:
    return {"occurred_at": at, "known_at": at}
