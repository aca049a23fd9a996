"""What a policy is: its parts, how it is read from its frozen definition, and what makes one invalid. Pure: no Django.

Verdicts do not come from here but from the database (scoring/sql.py, leads/judging.py); this module describes,
validates and weighs (decisions.md 11).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from fractions import Fraction
from math import lcm
from typing import Any

from scoring.gates import Gates, read_gates
from scoring.reading import FieldReader, Json, is_text

Operand = str | Decimal | bool | tuple[str, ...] | None


class FactKind(StrEnum):
    CHOICE = "choice"  # text that is compared without case
    NUMBER = "number"
    FLAG = "flag"
    DATE = "date"
    SET = "set"  # several texts at once, compared without case


class Op(StrEnum):
    IS = "is"
    IN = "in"
    AT_LEAST = "at_least"
    BELOW = "below"
    HAS_ANY = "has_any"
    KNOWN = "known"


# Which operators make sense for which kind of fact. There is no negation: a missing fact never holds.
OPS: dict[FactKind, frozenset[Op]] = {
    FactKind.CHOICE: frozenset({Op.IS, Op.IN, Op.KNOWN}),
    FactKind.NUMBER: frozenset({Op.AT_LEAST, Op.BELOW, Op.KNOWN}),
    FactKind.FLAG: frozenset({Op.IS, Op.KNOWN}),
    FactKind.DATE: frozenset({Op.AT_LEAST, Op.BELOW, Op.KNOWN}),
    FactKind.SET: frozenset({Op.HAS_ANY, Op.KNOWN}),
}


# What temperature and route ask of whatever framework is in use (decisions.md 8).
NEED = frozenset({"need", "pain"})
AUTHORITY = frozenset({"authority", "final_decision"})


class InvalidPolicy(ValueError):
    """`problems` maps the path of a field, such as "fit.0.points", to a sentence that says what to do."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = dict(problems)
        super().__init__("; ".join(f"{field}: {sentence}" for field, sentence in self.problems.items()))


@dataclass(frozen=True, slots=True)
class Condition:
    fact: str
    op: Op
    operand: Operand = None


@dataclass(frozen=True, slots=True)
class Rule:
    """Points that count when all conditions hold."""

    code: str
    text: str
    points: int
    when: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class PersonaRules:
    code: str
    rules: tuple[Rule, ...]

    @property
    def possible(self) -> int:
        return sum(rule.points for rule in self.rules)


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing that the framework asks about; it is served by the questions that share one of its concepts."""

    code: str
    name: str
    weight: int
    required: bool
    concepts: frozenset[str]
    minimum: int | None = None  # the SQL gate's minimum for this criterion; None: the gate's common one

    @property
    def letter(self) -> str:
        return self.name[:1].upper()


@dataclass(frozen=True, slots=True)
class EventRule:
    """Points of one kind of event, fading by half every `half_life_days`; `cap` limits the kind's sum.

    Of a kind that counts `once`, only the newest event does.
    """

    kind: str
    text: str
    points: int
    half_life_days: float
    cap: int
    once: bool = False


@dataclass(frozen=True, slots=True)
class Definition:
    """A policy that was read and found valid."""

    framework: str
    criteria: tuple[Criterion, ...]
    fit: tuple[Rule, ...]
    personas: tuple[PersonaRules, ...]
    disqualifiers: tuple[Rule, ...]
    engagement: tuple[EventRule, ...]
    hand_raises: frozenset[str]
    hand_raise_days: int
    gates: Gates
    warm_engagement: int
    review: bool = False  # marketing looks at each hand-off before sales sees it

    def minimum(self, criterion: Criterion) -> int:
        """Points that the criterion's low must reach to be met."""
        return self.gates.sql_criterion if criterion.minimum is None else criterion.minimum

    def about(self, concepts: frozenset[str]) -> int | None:
        """Index of the first criterion that asks about one of the concepts; frameworks name the same thing differently."""
        return next((n for n, criterion in enumerate(self.criteria) if criterion.concepts & concepts), None)

    @property
    def conditions(self) -> dict[str, Condition]:
        """Every condition of the rules by its path, such as "fit.0.when.1."."""
        groups = [("fit", self.fit), ("disqualifiers", self.disqualifiers)]
        groups += [(f"personas.{n}.rules", persona.rules) for n, persona in enumerate(self.personas)]
        return {
            f"{group}.{n}.when.{m}.": condition
            for group, rules in groups
            for n, rule in enumerate(rules)
            for m, condition in enumerate(rule.when)
        }

    @property
    def facts(self) -> frozenset[str]:
        """Names of all facts that the rules read."""
        return frozenset(condition.fact for condition in self.conditions.values())


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as far as weighing it goes."""

    code: str
    concepts: frozenset[str]
    weight: int  # within its criterion


@dataclass(frozen=True, slots=True)
class Weight:
    """`points` are whole-number weights: only their ratio within one question set matters."""

    criterion: int  # index into Definition.criteria
    points: int


def weights(criteria: Sequence[Criterion], questions: Sequence[Asked]) -> dict[str, Weight]:
    """Weight of each question of one set: criterion weight x share in the criterion (decisions.md 2).

    A question serves the first criterion that names one of its concepts; one that serves none is not in the result.
    Fractions are brought to one denominator, so that sums stay exact.
    """
    served: dict[int, list[Asked]] = {}
    for question in questions:
        for index, criterion in enumerate(criteria):
            if criterion.concepts & question.concepts:
                served.setdefault(index, []).append(question)
                break
    shares: dict[str, tuple[int, Fraction]] = {}
    for index, asked in served.items():
        whole = sum(question.weight for question in asked)
        for question in asked:
            share = Fraction(criteria[index].weight * question.weight, whole)
            shares[question.code] = (index, share)
    denominator = lcm(*(share.denominator for _, share in shares.values()))
    return {code: Weight(index, int(share * denominator)) for code, (index, share) in shares.items()}


CONDITION_FIELDS = frozenset({"fact", "op", "operand"})
RULE_FIELDS = frozenset({"code", "text", "points", "when"})
CRITERION_FIELDS = frozenset({"code", "name", "weight", "required", "concepts", "minimum"})
EVENT_FIELDS = frozenset({"kind", "text", "points", "half_life_days", "cap", "once"})
DEFINITION_FIELDS = frozenset(
    {
        "framework",
        "criteria",
        "fit",
        "personas",
        "disqualifiers",
        "engagement",
        "hand_raises",
        "hand_raise_days",
        "gates",
        "warm_engagement",
        "review",
    }
)


class _Reader(FieldReader):
    """Reads the parts of a definition against the registered facts."""

    def __init__(self, facts: Mapping[str, FactKind]) -> None:
        super().__init__()
        self.facts = facts

    def condition(self, source: Json, path: str) -> Condition:
        self.only(source, path, CONDITION_FIELDS)
        fact = self.text(source, "fact", path)
        kind = self.facts.get(fact)
        if kind is None:
            self.refuse(f"{path}fact", f"There is no fact “{fact}”. Choose one of the registered facts.")
            kind = FactKind.CHOICE
        try:
            op = Op(source.get("op", ""))
        except ValueError:
            self.refuse(f"{path}op", "Choose one of: " + ", ".join(Op) + ".")
            return Condition(fact, Op.KNOWN)
        if op not in OPS[kind]:
            self.refuse(f"{path}op", f"“{op}” does not fit a fact of kind {kind}.")
        return Condition(fact, op, self.operand(source.get("operand"), op, kind, f"{path}operand"))

    def operand(self, value: Any, op: Op, kind: FactKind, path: str) -> Operand:
        if op is Op.KNOWN:
            return None
        if op in (Op.IN, Op.HAS_ANY):
            if isinstance(value, list) and value and all(is_text(item) for item in value):
                return tuple(item.lower() for item in value)  # as the database's lower() does
            self.refuse(path, "Give a list of texts.")
            return ()
        if kind is FactKind.NUMBER:
            return self.number(value, path)
        if kind is FactKind.FLAG:
            if not isinstance(value, bool):
                self.refuse(path, "Give true or false.")
            return bool(value)
        if not is_text(value):
            self.refuse(path, "Give a text.")
            return ""
        return str(value).lower()

    def number(self, value: Any, path: str) -> Decimal:
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            number = Decimal("NaN")
        if isinstance(value, bool) or not number.is_finite():
            self.refuse(path, "Give a number.")
            return Decimal(0)
        return number

    def rule(self, source: Json, path: str, *, pointless: bool = False) -> Rule:
        self.only(source, path, RULE_FIELDS)
        conditions = source.get("when")
        if not isinstance(conditions, list) or not conditions:
            self.refuse(f"{path}when", "Give at least one condition: a rule without one would hold for everybody.")
            conditions = []
        return Rule(
            code=self.text(source, "code", path),
            text=self.text(source, "text", path),
            points=0 if pointless else self.whole(source, "points", path, low=1),
            when=tuple(self.condition(item, f"{path}when.{i}.") for i, item in enumerate(conditions)),
        )

    def persona(self, source: Json, path: str) -> PersonaRules:
        self.only(source, path, frozenset({"code", "rules"}))
        rules = self.items(source, "rules", path)
        return PersonaRules(
            code=self.text(source, "code", path),
            rules=tuple(self.rule(rule, f"{path}rules.{i}.") for i, rule in enumerate(rules)),
        )

    def criterion(self, source: Json, path: str) -> Criterion:
        self.only(source, path, CRITERION_FIELDS)
        concepts = self.texts(source, "concepts", path)
        if not concepts:
            self.refuse(f"{path}concepts", "Name at least one concept.")
        minimum = source.get("minimum")
        return Criterion(
            code=self.text(source, "code", path),
            name=self.text(source, "name", path),
            weight=self.whole(source, "weight", path, low=1, high=100),
            required=self.flag(source, "required", path),
            concepts=frozenset(concepts),
            minimum=None if minimum is None else self.whole(source, "minimum", path, high=100),
        )

    def event(self, source: Json, path: str) -> EventRule:
        self.only(source, path, EVENT_FIELDS)
        half_life = source.get("half_life_days")
        if isinstance(half_life, bool) or not isinstance(half_life, (int, float)) or not 0 < half_life <= 3650:
            self.refuse(f"{path}half_life_days", "Give the half-life in days, above 0 and up to 3650.")
            half_life = 1
        return EventRule(
            kind=self.text(source, "kind", path),
            text=self.text(source, "text", path),
            points=self.whole(source, "points", path, low=-100, high=100),
            half_life_days=float(half_life),
            cap=self.whole(source, "cap", path, low=1, high=1000),
            once=self.flag(source, "once", path),
        )


def parse(source: Json, facts: Mapping[str, FactKind]) -> Definition:
    """Read a definition against the registered facts.

    Raises InvalidPolicy with every field that is wrong.
    """
    reader = _Reader(facts)
    reader.only(source, "", DEFINITION_FIELDS)
    criteria = tuple(reader.criterion(c, f"criteria.{i}.") for i, c in enumerate(reader.items(source, "criteria")))
    definition = Definition(
        framework=reader.text(source, "framework", ""),
        criteria=criteria,
        fit=tuple(reader.rule(r, f"fit.{i}.") for i, r in enumerate(reader.items(source, "fit"))),
        personas=tuple(reader.persona(p, f"personas.{i}.") for i, p in enumerate(reader.items(source, "personas"))),
        disqualifiers=tuple(
            reader.rule(r, f"disqualifiers.{i}.", pointless=True)
            for i, r in enumerate(reader.items(source, "disqualifiers"))
        ),
        engagement=tuple(reader.event(e, f"engagement.{i}.") for i, e in enumerate(reader.items(source, "engagement"))),
        hand_raises=frozenset(reader.texts(source, "hand_raises")),
        hand_raise_days=reader.whole(source, "hand_raise_days", "", low=1, high=365),
        gates=read_gates(source, reader, len(criteria)),
        warm_engagement=reader.whole(source, "warm_engagement", "", high=100),
        review=reader.flag(source, "review"),
    )
    _check_whole(definition, reader)
    if reader.problems:
        raise InvalidPolicy(reader.problems)
    return definition


def _check_whole(definition: Definition, reader: _Reader) -> None:
    """What no single field shows: nothing to judge by, codes that repeat, hand-raises without an event rule."""
    if not (definition.criteria or definition.fit or definition.personas or definition.engagement):
        reader.refuse("fit", "This policy has no rules: add a criterion, a fit rule or a kind of event.")
    groups = {
        "criteria": [criterion.code for criterion in definition.criteria],
        "fit": [rule.code for rule in definition.fit],
        "personas": [persona.code for persona in definition.personas],
        "engagement": [event.kind for event in definition.engagement],
    }
    for field, codes in groups.items():
        if len(set(codes)) < len(codes):
            reader.refuse(field, "Every code may stand only once.")
    strangers = definition.hand_raises - {event.kind for event in definition.engagement}
    if strangers:
        reader.refuse("hand_raises", "These kinds have no engagement rule: " + ", ".join(sorted(strangers)) + ".")
