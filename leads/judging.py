"""The one statement that judges checklists under a policy as of a moment (architecture.md 4).

The same text serves the live answer, the background sweep, a past moment and the explanation. It varies in three
sources only: which checklists, where a lead's fields come from (the row as it is, or its history), and where
engagement comes from (kept sums, or the events themselves).

Parameters of the statement, all named: moment (timestamptz), zone (of the workspace's days), with_margin (false for a
policy that was not in force then), and those of the selection (ids, or first and last).
"""

from dataclasses import dataclass

from psycopg2 import sql

from leads import fading, judging_parts
from leads.judging_sql import (
    ENGAGEMENT_FROM_EVENTS,
    ENGAGEMENT_FROM_SUMS,
    JUDGED,
    LEADS_AS_THEY_ARE,
    LEADS_AS_THEY_WERE,
    SET_AS_IT_IS,
    SET_AS_IT_WAS,
)
from scoring import engine
from scoring import sql as scoring_sql
from scoring.facts import Fact, registered
from scoring.gates import NEVER
from scoring.models import Policy, Question, QuestionSet

SOME = sql.SQL("checklist.id = ANY(%(ids)s)")
# Parameters of a statement over SOME, with their SQL types.
PARAMETERS = {"ids": "bigint[]", "moment": "timestamptz", "zone": "text", "with_margin": "boolean"}
RANGE = sql.SQL("checklist.id BETWEEN %(first)s AND %(last)s")

# No policy in force: nothing is asked, nothing holds.
NO_POLICY = engine.Definition(
    framework="none",
    criteria=(),
    fit=(),
    personas=(),
    disqualifiers=(),
    engagement=(),
    hand_raises=frozenset(),
    hand_raise_days=30,
    gates=NEVER,
    warm_engagement=100,
)


@dataclass(frozen=True)
class Weighing:
    """One question of one question set, as the policy weighs it."""

    question_set_id: int
    question_id: int
    criterion: int  # from 1, as in PostgreSQL's arrays
    weight: int


@dataclass(frozen=True, eq=False)
class Judge:
    """A policy made ready for the questions of its context. Compared by identity: one is kept per policy."""

    policy: Policy | None
    context_id: int
    definition: engine.Definition
    facts: dict[str, Fact]
    weighings: tuple[Weighing, ...]
    question_set_ids: tuple[int, ...]
    summed: bool  # a sum is kept of every kind of event that the policy counts; else the events are read

    def weights_of(self, question_set_id: int) -> dict[int, Weighing]:
        return {w.question_id: w for w in self.weighings if w.question_set_id == question_set_id}

    def statement(self, *, selection: sql.Composable, past: bool) -> sql.Composable:
        """WITH clauses that end in `judged`, one row a checklist; `past` reads history instead of present rows."""
        return sql.SQL(JUDGED).format(
            selection=selection,
            context=sql.Literal(self.context_id),
            question_set=sql.SQL(SET_AS_IT_WAS if past else SET_AS_IT_IS),
            leads=sql.SQL(LEADS_AS_THEY_WERE if past else LEADS_AS_THEY_ARE),
            engagement=self._engagement(past=past),
            weighings=self._weighings(),
            totals=self._totals(),
            kinds=self._kinds(),
            has_policy=sql.Literal(self.policy is not None),
            **judging_parts.rules(self.definition, self.facts),
            **judging_parts.per_criterion(self.definition),
            **judging_parts.gates(self.definition),
        )

    def _engagement(self, *, past: bool) -> sql.Composable:
        if self.summed and not past:
            return sql.SQL(ENGAGEMENT_FROM_SUMS).format(left=fading.left("kept.anchor", "%(moment)s", "kind.half_life"))
        return sql.SQL(ENGAGEMENT_FROM_EVENTS).format(
            left=fading.left("event.occurred_at", "%(moment)s", "kind.half_life")
        )

    def _weighings(self) -> sql.Composable:
        rows = [
            sql.SQL("({}, {}, {}, {})").format(
                *map(sql.Literal, (w.question_set_id, w.question_id, w.criterion, w.weight))
            )
            for w in self.weighings
        ]
        return scoring_sql.join(", ", rows, sql.SQL("(NULL::bigint, NULL::bigint, NULL::int, NULL::int)"))

    def _totals(self) -> sql.Composable:
        """For each question set: the weight of all its questions, and of each criterion's."""
        rows = []
        width = max(1, len(self.definition.criteria))
        for question_set_id in self.question_set_ids:
            own = [w for w in self.weighings if w.question_set_id == question_set_id]
            weights = [sum(w.weight for w in own if w.criterion == n + 1) for n in range(width)]
            numbers = [question_set_id, sum(weights), *weights]
            rows.append(sql.SQL("({})").format(sql.SQL(", ").join(map(sql.Literal, numbers))))
        nothing = sql.SQL("(NULL::bigint, 0{})").format(sql.SQL(", 0") * width)
        return scoring_sql.join(", ", rows, nothing)

    def _kinds(self) -> sql.Composable:
        rows = [
            sql.SQL("({}, {}::float8, {}::float8, {}::float8, {}, {})").format(
                sql.Literal(rule.kind),
                sql.Literal(rule.points),
                sql.Literal(rule.half_life_days),
                sql.Literal(rule.cap),
                sql.Literal(rule.kind in self.definition.hand_raises),
                sql.Literal(rule.once),
            )
            for rule in self.definition.engagement
        ]
        return scoring_sql.join(", ", rows, sql.SQL("(NULL::text, 0::float8, 1::float8, 0::float8, false, false)"))


def ready_judge(policy: Policy | None, context_id: int, *, summed: bool) -> Judge:
    """Prepare the policy for all question sets of the context. Four queries; keep the result while it holds.

    `summed` says whether leads/behaviour.py keeps the sums that the policy needs: always of those in force.
    """
    facts = registered()
    definition = NO_POLICY if policy is None else engine.parse(policy.definition, {n: f.kind for n, f in facts.items()})
    weighings: list[Weighing] = []
    asked: dict[int, list[Question]] = {}
    for question in Question.objects.filter(question_set__context_id=context_id).order_by("question_set", "position"):
        asked.setdefault(question.question_set_id, []).append(question)
    for question_set_id, questions in asked.items():
        ids = {question.code: question.pk for question in questions}
        weights = engine.weights(
            definition.criteria, [engine.Asked(q.code, frozenset(q.concepts), q.weight) for q in questions]
        )
        weighings += [
            Weighing(question_set_id, ids[code], weight.criterion + 1, weight.points)
            for code, weight in weights.items()
        ]
    sets = QuestionSet.objects.filter(context_id=context_id).values_list("pk", flat=True)
    return Judge(policy, context_id, definition, facts, tuple(weighings), tuple(sorted(sets)), summed)
