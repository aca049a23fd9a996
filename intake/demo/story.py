"""The life of one lead, told moment by moment. Pure: it is judged by the policy's own rules, in Python, so that every
turn of a gate stands at the moment when an answer or an event brought it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

from intake.demo.traits import Traits
from leads.clocks import add_working_hours
from leads.lifecycle import Cause, Stage
from scoring import reasoning
from scoring.engine import Asked, Definition, Operand, weights

EVENTS = (
    ("page_viewed", 10),
    ("product_viewed", 6),
    ("mail_opened", 6),
    ("mail_clicked", 4),
    ("pricing_viewed", 3),
    ("content_downloaded", 3),
    ("datasheet_read", 2),
    ("webinar_attended", 2),
    ("demo_watched", 1),
)
HAND_RAISES = ("contact_requested", "quote_requested", "demo_requested")


class Over(Exception):
    """The story has reached the present."""


@dataclass(frozen=True, slots=True)
class QuestionCard:
    """A question as the story needs it: the ratings from best to worst by code and value."""

    code: str
    criterion: str
    concepts: frozenset[str]
    weight: int
    ratings: tuple[tuple[str, int], ...]


@dataclass(slots=True)
class Offer:
    at: datetime
    decided_at: datetime | None = None
    state: str = "offered"
    reason: str = ""
    recycle_until: date | None = None


@dataclass(slots=True)
class Deal:
    opened_at: datetime
    amount: Decimal
    diagnostic: bool
    stages: list[tuple[datetime, str]] = field(default_factory=list)
    loss_reason: str = ""
    to_competitor: bool = False
    won_amount: Decimal | None = None


@dataclass(slots=True)
class Life:
    """Everything that happened, each with its moment."""

    traits: Traits
    created_at: datetime
    stage: Stage = Stage.LEAD
    events: list[tuple[datetime, str]] = field(default_factory=list)
    calls: list[tuple[datetime, bool, str]] = field(default_factory=list)
    answers: list[tuple[datetime, str, str]] = field(default_factory=list)
    turns: list[tuple[datetime, str, bool, str]] = field(default_factory=list)
    moves: list[tuple[datetime, Stage, Stage, Cause, str]] = field(default_factory=list)
    offers: list[Offer] = field(default_factory=list)
    nurture_until: date | None = None
    wakes: dict[datetime, date] = field(default_factory=dict)  # by the moment of each move to nurture
    deal: Deal | None = None


class Storyteller:
    """Tells lives under one policy and question set, up to the present."""

    def __init__(
        self,
        random: Random,
        until: datetime,
        definition: Definition,
        questions: Sequence[QuestionCard],
        stages: Sequence[tuple[str, int]],
    ) -> None:
        self.random, self.until, self.definition = random, until, definition
        self.questions, self.stages = questions, stages
        self.weights = weights(definition.criteria, [Asked(q.code, q.concepts, q.weight) for q in questions])
        self.whole = sum(weight.points for weight in self.weights.values())
        self.values = {(q.code, rating): value for q in questions for rating, value in q.ratings}

    def tell(self, traits: Traits, created_at: datetime, events: float) -> Life:
        """One life; `events` is how many events a lead of middling warmth shows."""
        life = Life(traits, created_at)
        with suppress(Over):
            self._live(life, events)
        return life

    def _live(self, life: Life, events: float) -> None:
        planned = self._plan(life, events)
        for at, kind in planned:
            life.events.append((self._now(at), kind))
            # What follows an offer is told at once; an event that lies before its end only counts for engagement.
            told = bool(life.moves) and at <= life.moves[-1][0]
            if not told and self._judge(life, at, "event") and life.stage is Stage.LEAD:
                self._offer(life, at)
        if life.stage is Stage.LEAD and life.traits.warmth < 0.15 and self.random.random() < 0.3:
            at = self._later(planned[-1][0] if planned else life.created_at, 20)
            self._move(life, at, Stage.DISQUALIFIED, Cause.PERSON, "Never answered, bounced twice")

    def _plan(self, life: Life, mean: float) -> list[tuple[datetime, str]]:
        """The moments at which the lead shows itself, early ones more often than late ones."""
        count = int(self.random.expovariate(1 / (mean * (0.3 + 1.4 * life.traits.warmth))))
        kinds, shares = zip(*EVENTS, strict=True)
        moments = [life.created_at + timedelta(days=self.random.expovariate(1 / 25)) for _ in range(count)]
        planned = [(at, self.random.choices(kinds, weights=shares)[0]) for at in moments]
        if self.random.random() < 0.8 * life.traits.warmth:
            at = life.created_at + timedelta(days=self.random.expovariate(1 / 15))
            planned.append((at, self.random.choice(HAND_RAISES)))
        return sorted(planned)

    def _now(self, at: datetime) -> datetime:
        if at > self.until:
            raise Over
        return at

    def _later(self, at: datetime, days: float) -> datetime:
        """Some days later, at a working hour."""
        day = at + timedelta(days=max(0.05, self.random.gauss(days, days / 3)))
        return self._now(day.replace(hour=8 + self.random.randrange(8), minute=self.random.randrange(60)))

    def _move(self, life: Life, at: datetime, to: Stage, cause: Cause, reason: str = "") -> None:
        life.moves.append((self._now(at), life.stage, to, cause, reason))
        life.stage = to

    def _judge(self, life: Life, at: datetime, cause: str) -> bool:
        """Note the gates that turn at this moment; True when the MQL gate holds."""
        held = {gate: holds for _at, gate, holds, _cause in life.turns}
        sql = self._sql_holds(life, held.get("sql", False))
        mql = self._mql_holds(life, at, sql, held.get("mql", False))
        for gate, holds in (("mql", mql), ("sql", sql)):
            if holds != held.get(gate, False):
                life.turns.append((at, gate, holds, cause))
        return mql

    def _sql_holds(self, life: Life, before: bool) -> bool:
        gates, margin = self.definition.gates, self.definition.gates.margin
        low, per_criterion = self._lows(life)

        def reached(value: Decimal, threshold: int) -> bool:
            return value >= threshold or (before and value > threshold - margin)

        return reached(low, gates.sql_low) and all(
            reached(value, self.definition.minimum(criterion))
            for criterion, value in zip(self.definition.criteria, per_criterion, strict=True)
            if criterion.required
        )

    def _mql_holds(self, life: Life, at: datetime, sql: bool, before: bool) -> bool:
        gates = self.definition.gates
        facts = facts_of(life.traits)
        if reasoning.disqualified(self.definition, facts):
            return False
        since = at - timedelta(days=self.definition.hand_raise_days)
        if sql or any(kind in self.definition.hand_raises and moment > since for moment, kind in life.events):
            return True
        fit, _persona = reasoning.fit(self.definition, facts)
        low, _lows = self._lows(life)

        def reached(value: Decimal, threshold: int) -> bool:
            return value >= threshold or (before and value > threshold - gates.margin)

        interest = reached(self._engagement(life, at), gates.mql_engagement) or reached(low, gates.mql_low)
        return fit is not None and reached(fit, gates.mql_fit) and interest

    def _engagement(self, life: Life, at: datetime) -> Decimal:
        total = 0.0
        for rule in self.definition.engagement:
            ages = [(at - moment) / timedelta(days=1) for moment, kind in life.events if kind == rule.kind]
            faded = rule.points * sum(0.5 ** (age / rule.half_life_days) for age in ages)
            total += max(-rule.cap, min(rule.cap, faded))
        return reasoning.tenth(Decimal(max(0.0, min(100.0, total))))

    def _lows(self, life: Life) -> tuple[Decimal, list[Decimal]]:
        newest = {code: rating for _at, code, rating in life.answers}
        points, wholes = [0] * len(self.definition.criteria), [0] * len(self.definition.criteria)
        for code, weight in self.weights.items():
            wholes[weight.criterion] += weight.points
            points[weight.criterion] += weight.points * self.values.get((code, newest.get(code, "")), 0)
        lows = [reasoning.tenth(Decimal(p) / w) if w else Decimal(0) for p, w in zip(points, wholes, strict=True)]
        return reasoning.tenth(Decimal(sum(points)) / self.whole), lows

    def _offer(self, life: Life, at: datetime) -> None:
        zone = ZONES[life.traits.team]
        self._move(life, at, Stage.MQL, Cause.POLICY)
        offer = Offer(at)
        life.offers.append(offer)
        decided = self._now(add_working_hours(at, self.random.expovariate(1 / 11), zone))
        traits, dice = life.traits, self.random.random()
        strength = (traits.need + traits.budget + traits.authority + traits.timing) / 4
        offer.decided_at = decided
        if dice < 0.46 - 0.5 * strength:
            offer.state, offer.reason = "rejected", self._weakness(traits)
            self._send_back(life, offer, decided)
        elif dice < 0.56 - 0.5 * strength:
            offer.state = "recycled"
            self._nurture(life, offer, decided, 60, "Call again next quarter")
        else:
            offer.state = "accepted"
            self._move(life, decided, Stage.SAL, Cause.PERSON, "")
            self._qualify(life, decided, zone)

    def _weakness(self, traits: Traits) -> str:
        weakest = min(
            (traits.budget, "no_budget"),
            (traits.timing, "not_now"),
            (traits.warmth, "not_reached"),
            (traits.authority, "wrong_person"),
            (traits.need, "no_fit"),
        )
        return weakest[1]

    def _send_back(self, life: Life, offer: Offer, at: datetime) -> None:
        nurture_days = {"no_budget": 180, "not_now": 90, "not_reached": 30}
        if days := nurture_days.get(offer.reason):
            self._nurture(life, offer, at, days, "")
        elif offer.reason == "wrong_person":
            self._move(life, at, Stage.LEAD, Cause.PERSON, "")
        else:
            self._move(life, at, Stage.DISQUALIFIED, Cause.PERSON, "")

    def _nurture(self, life: Life, offer: Offer | None, at: datetime, days: int, reason: str) -> None:
        wake = at.date() + timedelta(days=days)
        if offer is not None:
            offer.recycle_until = wake
        life.nurture_until = wake
        life.wakes[at] = wake
        self._move(life, at, Stage.NURTURE, Cause.PERSON, reason)
        woken = datetime.combine(wake, at.timetz()).replace(hour=6)
        self._move(life, woken, Stage.LEAD, Cause.POLICY)  # the date has come, if it has
        life.nurture_until = None

    def _qualify(self, life: Life, accepted: datetime, zone: ZoneInfo) -> None:
        """Calls, a few questions each, until the gate holds or nothing is left to ask."""
        at = self._now(add_working_hours(accepted, self.random.expovariate(1 / 5), zone))
        asked = {code for _at, code, _rating in life.answers}
        left = [question for question in self.questions if question.code not in asked]
        for _call in range(4):
            reached = self.random.random() < 0.45 + 0.5 * life.traits.warmth
            life.calls.append((at, reached, ""))
            for question in left[:5] if reached else []:
                left.remove(question)
                at = self._now(at + timedelta(seconds=20 + self.random.expovariate(1 / 40)))
                self._ask(life, at, question)
                if life.stage is Stage.SQL:
                    self._convert(life, self._later(at, 2.5), diagnostic=False)
                    return
            at = self._later(at, 3)
        traits = life.traits
        if traits.need > 0.65 and traits.authority > 0.5 and self.random.random() < 0.35:
            self._convert(life, self._later(at, 2), diagnostic=True)
        elif traits.need < 0.3:
            self._move(life, at, Stage.DISQUALIFIED, Cause.PERSON, "No need that we can meet")
        elif self.random.random() < 0.7:
            self._nurture(life, None, at, 120, "Money or timing open")

    def _ask(self, life: Life, at: datetime, question: QuestionCard) -> None:
        truth = {
            "budget": life.traits.budget,
            "authority": life.traits.authority,
            "need": life.traits.need,
            "timeline": life.traits.timing,
        }[question.criterion]
        if self.random.random() < 0.06:
            return
        if self.random.random() < 0.03:
            life.answers.append((at, question.code, "refused"))
            return
        said = 100 * (0.42 + 0.80 * truth + self.random.gauss(0, 0.16)) - 10
        rating, _value = min(question.ratings, key=lambda pair: abs(pair[1] - said))
        life.answers.append((at, question.code, rating))
        self._judge(life, at, "answer")
        if life.stage is Stage.SAL and any(gate == "sql" for _at, gate, holds, _cause in life.turns if holds):
            self._move(life, at, Stage.SQL, Cause.POLICY)

    def _convert(self, life: Life, at: datetime, *, diagnostic: bool) -> None:
        if not diagnostic and self.random.random() < 0.06:
            return
        base = {"direct": (24_000, 48_000, 120_000), "channel": (60_000, 90_000, 150_000)}[life.traits.context]
        amount = Decimal(self.random.choice(base)) * Decimal(self.random.randrange(80, 121)) / 100
        deal = life.deal = Deal(at, amount.quantize(Decimal("1")), diagnostic)
        self._move(life, at, Stage.OPPORTUNITY, Cause.CONVERSION)
        chance = life.traits.chance - (0.12 if diagnostic else 0)
        wins = life.traits.luck < chance
        ends_after = len(self.stages) if wins else self.random.randrange(1, len(self.stages) + 1)
        for code, usual_days in self.stages[:ends_after]:
            deal.stages.append((at, code))
            at = self._later(at, usual_days * self.random.lognormvariate(-0.25, 0.5))
        if wins:
            deal.won_amount = (deal.amount * Decimal(self.random.randrange(85, 106)) / 100).quantize(Decimal("1"))
            deal.stages.append((at, "won"))
            self._move(life, at, Stage.CUSTOMER, Cause.CONVERSION)
        else:
            deal.loss_reason = self.random.choice(("price", "competitor", "no_decision", "no_budget", "timing"))
            deal.to_competitor = deal.loss_reason == "competitor"
            deal.stages.append((at, "lost"))


ZONES: Mapping[str, ZoneInfo] = {
    "north": ZoneInfo("Europe/Oslo"),
    "south": ZoneInfo("Europe/Madrid"),
    "singapore": ZoneInfo("Asia/Singapore"),
}


def facts_of(traits: Traits) -> dict[str, Operand]:
    """What the policy's rules may read of the lead, texts in lower case."""
    texts = ("company", "title", "seniority", "department", "industry", "country", "source", "persona", "context")
    facts: dict[str, Operand] = {name: getattr(traits, name).lower() for name in texts}
    return facts | {"employees": Decimal(traits.employees), "revenue": Decimal(traits.revenue)}


def beginnings(random: Random, count: int, since: datetime, until: datetime) -> Iterator[datetime]:
    """Moments at which leads come in: more of them lately, fewer at weekends."""
    span = until - since
    for _ in range(count):
        at = since + span * (random.random() ** 0.85)
        if at.weekday() >= 5 and random.random() < 0.7:
            at -= timedelta(days=2)
        yield max(since, at)
