"""The database's verdict, the explanation of one lead, the sums of its ledger and the rules in plain Python agree.

Random policies, leads, answers and events; each lead is judged twice, with facts, a change of its fields and a new
moment between, then told what the shortest way advises, and looked back at as it was known at the first moment. Whoever
changes the engine finds out here; tests/leads/test_broken_engines.py breaks it on purpose.
"""

import math
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, given, settings

from leads import scores
from leads.behaviour import refresh_sums
from leads.explaining import explain
from leads.models import Answer, AnswerPain, BehaviourEvent, Checklist, GateChange, Lead, Score
from leads.scores import judge_in_force, rescore
from reports.verification.checks import CHECKS
from reports.verification.scores import rebuild
from scoring import reasoning
from scoring.engine import NEED, Definition
from scoring.gates import GateForm
from scoring.models import Choice, Pain, Question
from scoring.publishing import publish_policy
from tests.factories import make_checklist, make_product
from tests.leads.random_cases import CASES, PRICE, Case, Given, definition_of
from users.facts import database_now
from users.models import Attribute, SalesContext, User


class World:
    """One lead, told things step by step, as an import would: facts were known when they were told."""

    def __init__(self, case: Case) -> None:
        context = SalesContext.objects.get(code="direct")
        Attribute.objects.create(of=Attribute.Of.LEAD, code="tools", label="Tools", kind=Attribute.Kind.LIST)
        self.case, self.offer = case, make_product(price=PRICE)
        publish_policy(context, definition_of(case))
        self.lead = Lead.objects.create(name="Somebody", context=context, currency="EUR", **case.fields[0])
        self.checklist: Checklist = make_checklist(self.lead)
        self.questions = {q.code: q for q in Question.objects.filter(question_set=self.checklist.question_set)}
        self.by = User.objects.get(username="alice")
        self.given: dict[str, tuple[Given, Choice, bool]] = {}
        self.pains: tuple[str, ...] = ()
        self.happened: list[tuple[str, datetime]] = []

    def tell(self, step: int) -> None:
        if step:
            Lead.objects.filter(pk=self.lead.pk).update(**self.case.fields[step])
        for each in self.case.answers[step]:
            answer = self.answer(each)
            if each.code == "pain":
                self.pains = self.case.pains[step]
                for pain in Pain.objects.filter(code__in=self.pains):
                    AnswerPain.objects.create(answer=answer, pain=pain)
        now = database_now()
        for kind, hours in self.case.events[step]:
            at = now - timedelta(hours=hours)
            BehaviourEvent.objects.create(lead=self.lead, kind=kind, occurred_at=at)
            self.happened.append((kind, at))
        refresh_sums([self.lead.pk])

    def answer(self, each: Given) -> Answer:
        question = self.questions[each.code]
        choices = sorted(
            question.choices.all(), key=lambda choice: (choice.value is None, -(choice.value or 0), choice.code)
        )
        choice = choices[each.place % len(choices)]
        before = Answer.objects.filter(checklist=self.checklist, question=question).order_by("-id").first()
        slipped = each.code in self.given and self.given[each.code][2]
        today = database_now().date()
        answer = Answer.objects.create(
            checklist=self.checklist,
            question=question,
            choice=choice,
            replaces=before,
            amount=each.amount,
            currency="EUR" if each.amount is not None else "",
            offer=self.offer if each.amount is not None else None,
            offer_price=PRICE if each.amount is not None else None,
            date=None if each.days is None else today + timedelta(days=each.days),
            happened_on=today if each.days is not None and each.happened else None,
            date_slipped=slipped,
            by=self.by,
            occurred_at=database_now(),
        )
        passed = each.days is not None and each.days < 0 and not each.happened
        self.given[each.code] = (each, choice, slipped or passed)
        return answer

    def judge(self) -> Score:
        rescore([self.checklist.pk], cause=GateChange.Cause.EDIT)
        return Score.objects.get(checklist=self.checklist)


def tenth(value: Fraction) -> Decimal:
    """Half up to 0.1, from an exact value."""
    return Decimal(math.floor(value * 10 + Fraction(1, 2))) / 10


class Plain:
    """The rules in plain Python, from what the world was told; `had` are the gates that held before."""

    def __init__(self, world: World, score: Score, had: dict[str, bool]) -> None:
        at: datetime = score.scored_at
        judge, _zone = judge_in_force(world.checklist.context_id, at)
        self.definition = judge.definition
        lead = Lead.objects.get(pk=world.lead.pk)
        facts: dict[str, Any] = {
            name: str(getattr(lead, name)).lower() or None
            for name in ("industry", "seniority", "department", "company")
        }
        facts |= {
            name: None if getattr(lead, name) is None else Decimal(getattr(lead, name))
            for name in ("employees", "revenue")
        }
        facts["attribute:competitor"] = lead.attributes.get("competitor")
        facts["attribute:tools"] = {tool.lower() for tool in lead.attributes.get("tools", [])} or None
        facts["pains"] = set(world.pains) - {"grow"} or None  # a goal
        facts["did:pricing_viewed"] = True if "pricing_viewed" in dict(world.happened) else None
        told = world.given.get("budget")
        facts["answer:budget"] = None if told is None or told[1].code == Choice.NOT_RAISED else told[1].code
        self.fit, self.best_persona = reasoning.fit(self.definition, facts)
        self.disqualified = reasoning.disqualified(self.definition, facts)
        weighed = {w.question_id: w for w in judge.weights_of(world.checklist.question_set_id).values()}
        sums: dict[int, list[Fraction]] = {
            n: [Fraction(0)] * 3 for n in range(1, len(self.definition.criteria) + 1)
        }  # whole, answered, points
        for weight in weighed.values():
            sums[weight.criterion][0] += weight.weight
        for code, (each, choice, _slipped) in world.given.items():
            own = weighed.get(world.questions[code].pk)
            if choice.value is None or own is None:
                continue
            sums[own.criterion][1] += own.weight
            sums[own.criterion][2] += own.weight * value_of(world, code, each, Fraction(choice.value), at.date())
        whole, answered, points = (sum((each[n] for each in sums.values()), Fraction(0)) for n in range(3))
        self.qualification = tenth(points / answered) if answered else None
        self.low = tenth(points / whole) if whole else Decimal(0)
        self.high = tenth((points + 100 * (whole - answered)) / whole) if whole else Decimal(100)
        self.completeness = tenth(100 * answered / whole) if whole else Decimal(0)
        self.lows = [tenth(own[2] / own[0]) if own[0] else None for own in sums.values()]
        self.engagement_exact, raised = engagement(self.definition, world.happened, at)
        # Of a value next to an edge of rounding the database's own rounding holds, and is checked apart.
        engaged = score.engagement
        gates = self.definition.gates

        def reaches(value: Decimal | None, threshold: int, gate: str) -> bool:
            return value is not None and (value >= threshold or (had[gate] and value > threshold - gates.margin))

        minimums = [self.definition.minimum(criterion) for criterion in self.definition.criteria]
        met = [reaches(low, least, "sql") for low, least in zip(self.lows, minimums, strict=True)]
        holds = not met or reaches(self.low, gates.sql_low, "sql")
        if gates.sql_form != GateForm.WEIGHTED:
            holds &= all(
                reached or low is None
                for criterion, reached, low in zip(self.definition.criteria, met, self.lows, strict=True)
                if criterion.required
            )
        if gates.sql_form == GateForm.K_OF_N:
            holds &= sum(met) >= gates.sql_k
        self.sql = not self.disqualified and holds
        fits = reaches(self.fit, gates.mql_fit, "mql")
        busy = reaches(engaged, gates.mql_engagement, "mql")
        told_enough = bool(met) and reaches(self.low, gates.mql_low, "mql")
        fit_weight, engagement_weight, low_weight = gates.mql_weights
        whole_weight = sum(gates.mql_weights)
        exact = (
            fit_weight * Fraction(self.fit or 0)
            + engagement_weight * Fraction(engaged)
            + low_weight * Fraction(self.low)
        )
        passes = {
            GateForm.FIT_AND_INTEREST: fits and (busy or told_enough),
            GateForm.MINIMUMS: (fits or not gates.mql_fit)
            and (busy or not gates.mql_engagement)
            and (told_enough or not gates.mql_low),
            GateForm.WEIGHTED: reaches(tenth(exact / whole_weight), gates.mql_total, "mql"),
            GateForm.K_OF_N: fits + busy + told_enough >= gates.mql_k,
        }[gates.mql_form]
        self.mql = not self.disqualified and (raised or self.sql or passes)
        shown = engaged >= gates.mql_engagement or raised
        place = self.definition.about(NEED)
        need_low = None if place is None else self.lows[place]
        need = need_low is not None and place is not None and need_low >= minimums[place]
        warm = self.sql or self.mql or need or engaged >= self.definition.warm_engagement
        self.temperature = 2 if self.sql and shown else 1 if warm else 0


def value_of(world: World, code: str, each: Given, rating: Fraction, today: date) -> Fraction:
    """decisions.md 1: the least of the rating, the date rule, and the rating x amount / price."""
    limits = [rating]
    if each.days is not None and not each.happened:
        if each.days < 0:
            limits.append(Fraction(0))
        elif Answer.objects.filter(checklist=world.checklist, question=world.questions[code]).latest("id").date_slipped:
            limits.append(Fraction(50))
    if each.amount is not None:
        limits.append(rating * min(Fraction(1), Fraction(each.amount, PRICE)))
    return min(limits)


def engagement(definition: Definition, happened: list[tuple[str, datetime]], at: datetime) -> tuple[float, bool]:
    """Points before rounding, and whether a hand was raised lately (decisions.md 5, 7)."""
    total, raised = 0.0, False
    for rule in definition.engagement:
        ages = [(at - moment).total_seconds() / 86400 for kind, moment in happened if kind == rule.kind]
        faded = [2 ** (-age / rule.half_life_days) for age in ages]
        units = max(faded, default=0) if rule.once else sum(faded)
        total += min(rule.cap, rule.points * units)
        if rule.kind in definition.hand_raises and any(age < definition.hand_raise_days for age in ages):
            raised = True
    return max(0.0, min(100.0, total)), raised


EXACT = (
    "fit",
    "best_persona",
    "disqualified",
    "qualification",
    "low",
    "high",
    "completeness",
    "mql",
    "sql",
    "temperature",
)
EXPLAINED = ("fit", "engagement", "qualification", "low", "high", "completeness", "mql", "sql", "temperature", "route")


def disagreements(world: World, score: Score, had: dict[str, bool]) -> list[str]:
    """What differs between the statement, plain Python, the explanation and the ledger; nothing, if all is well."""
    plain = Plain(world, score, had)
    wrong = [
        f"{name}: the statement says {getattr(score, name)}, plain Python {getattr(plain, name)}"
        for name in EXACT
        if getattr(score, name) != getattr(plain, name)
    ]
    if list(score.criteria_low) != plain.lows:
        wrong.append(f"criteria_low: {score.criteria_low} and {plain.lows}")
    if abs(float(score.engagement) - plain.engagement_exact) > 0.0501:
        wrong.append(f"engagement: {score.engagement} and {plain.engagement_exact}")
    sheet = explain(world.checklist, at=score.scored_at)
    wrong += [
        f"{name}: kept {getattr(score, name)}, explained {getattr(sheet, name)}"
        for name in EXPLAINED
        if getattr(score, name) != getattr(sheet, name)
    ]
    sums = sheet.total_of
    lows = sum((row.points_low for row in sheet.ledger if row.points_low is not None), Decimal(0))
    parts = (("fit", sheet.fit, sums.get("fit")), ("engagement", sheet.engagement, sums.get("engagement", Decimal(0))),
             ("qualification", sheet.qualification, sums.get("qualification")), ("low", sheet.low, lows))  # fmt: skip
    wrong += [f"ledger of {part}: {said} and {added}" for part, said, added in parts if (said or 0) != (added or 0)]
    return wrong


def live_through(case: Case) -> tuple[list[str], Counter[str]]:
    """Judge the case twice and look back once; what disagreed, and what happened on the way."""
    happened: Counter[str] = Counter(["cases"])
    world = World(case)
    wrong: list[str] = []
    had = {"mql": False, "sql": False}
    kept: list[Score] = []
    for step in (0, 1):
        world.tell(step)
        score = world.judge()
        wrong += [f"step {step}: {each}" for each in disagreements(world, score, had)]
        turned = {gate for gate in had if getattr(score, gate) != had[gate]}
        happened.update(f"{gate} turned {'on' if not had[gate] else 'off'}" for gate in turned)
        happened["crossed a gate"] += bool(turned) and not happened["crossed a gate"]
        without = Plain(world, score, {"mql": False, "sql": False})
        happened["held by the margin"] += any(
            held and getattr(score, gate) and not getattr(without, gate) for gate, held in had.items()
        )
        had = {"mql": score.mql, "sql": score.sql}
        kept.append(score)
    wrong += [f"verify_state: {what} of {key}" for key, what in rebuilt_otherwise()]
    wrong += followed(world, happened)
    then = explain(world.checklist, at=kept[0].scored_at)
    wrong += [
        f"looking back: {name} was {getattr(kept[0], name)}, and now it is said to have been {getattr(then, name)}"
        for name in EXPLAINED
        if name not in {"mql", "sql", "temperature", "route"} and getattr(kept[0], name) != getattr(then, name)
    ]
    return wrong, happened


def rebuilt_otherwise() -> list[tuple[int, str]]:
    """What verify_state, which rebuilds scores by statements of its own, finds different."""
    with connection.cursor() as cursor:
        rebuild(cursor)
        cursor.execute(CHECKS[0].differing)
        return list(cursor.fetchall())


def followed(world: World, happened: Counter[str]) -> list[str]:
    """Do what the shortest way advises: the SQL gate must open as it says, and no earlier."""
    way = explain(world.checklist).shortest_way
    if not way:
        return []
    happened["followed the advice"] += 1
    for place, step in enumerate(way, start=1):
        world.answer(Given(step.code, 0, None, None, False))
        if world.judge().sql != (place == len(way)):
            return [f"after {place} of the {len(way)} answers advised the SQL gate says {place != len(way)}"]
    return []


@contextmanager
def nothing_kept() -> Iterator[None]:
    """Each case begins with the database as it was."""

    class TakeBackError(Exception):
        pass

    try:
        with transaction.atomic():
            yield
            raise TakeBackError
    except TakeBackError:
        pass
    for cached in (scores._kept_judge, scores._writing_statement):
        cached.cache_clear()


def run(cases: int) -> Counter[str]:
    """Live through so many cases, always the same ones. Raises AssertionError at the first that disagrees."""
    total: Counter[str] = Counter()

    @settings(
        max_examples=cases,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(CASES)
    def all_agree(case: Case) -> None:
        with nothing_kept():
            wrong, happened = live_through(case)
            total.update(happened)
            assert wrong == [], wrong

    all_agree()
    return total


def test_statement_explanation_ledger_and_python_agree(alice: User, capsys: pytest.CaptureFixture[str]) -> None:
    total = run(80)
    with capsys.disabled():
        print("\n" + ", ".join(f"{what}: {count}" for what, count in sorted(total.items())))
    assert total["cases"] >= 80
    assert total["crossed a gate"] >= 0.2 * total["cases"]
    assert total["held by the margin"] >= 1
    assert total["mql turned on"] and total["sql turned on"]
    assert total["followed the advice"] >= 0.1 * total["cases"]
    assert total["mql turned off"] + total["sql turned off"] >= 3
