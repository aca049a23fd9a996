"""A judgement with its reasons, as people and programs read it (contract.md, "A score, as JSON")."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from leads.lifecycle import Stage
from scoring.models import Policy


def plain(value: Decimal | None) -> float | None:
    """A number for JSON; points have at most four decimals, so a float shows them exactly."""
    return None if value is None else float(value)


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion of the framework in points from 0 to 100; `asked` is false where no question of the set serves it."""

    code: str
    name: str
    letter: str
    score: Decimal | None
    completeness: Decimal
    low: Decimal
    high: Decimal
    met: bool
    asked: bool
    minimum: int = 50


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the ledger. The rows of a part add up to it: `points` to fit, engagement and the score, and of
    qualification `points_low` to low."""

    part: str  # fit, engagement, qualification
    rule: str
    evidence: str
    points: Decimal
    points_low: Decimal | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """What speaks for or against the lead: `points` that its part earned, or with a minus what it is short of because
    of this; None: it shuts the gates."""

    part: str
    text: str
    evidence: str
    points: Decimal | None


@dataclass(frozen=True, slots=True)
class NextQuestion:
    code: str
    text: str
    gain: Decimal  # points that low rises by if the answer is the best one


@dataclass(frozen=True)
class Sheet:
    """Everything that is derived of one checklist as of a moment."""

    checklist_id: int
    lead_id: int | None
    as_of: datetime
    policy: Policy | None
    fit: Decimal | None
    engagement: Decimal
    qualification: Decimal | None
    low: Decimal
    high: Decimal
    completeness: Decimal
    criteria: list[Criterion]
    mql: bool
    sql: bool
    override: dict[str, Any] | None
    temperature: int
    interest_shown: bool
    route: str
    stage: str
    missing_for_sql: list[str]
    next_question: NextQuestion | None
    ledger: list[Row]
    moves: list[tuple[Stage, datetime | None]] = field(default_factory=list)  # of the lead, in order
    best_persona: str = ""
    best_persona_name: str = ""
    answered: int = 0  # questions that have an answer, also one without a value
    weights: dict[str, int] = field(default_factory=dict)  # of each question that counts, by its code
    speaking_for: list[Reason] = field(default_factory=list)
    speaking_against: list[Reason] = field(default_factory=list)
    # The fewest questions whose best answers would open the SQL gate; None where no answers would.
    shortest_way: list[NextQuestion] | None = None
    missing_facts: list[str] = field(default_factory=list)
    disqualified_by: list[str] = field(default_factory=list)

    @property
    def total_of(self) -> dict[str, Decimal]:
        """The sum of each part's ledger rows; equal to the part (decisions.md 6)."""
        sums: dict[str, Decimal] = {}
        for row in self.ledger:
            sums[row.part] = sums.get(row.part, Decimal(0)) + row.points
        return sums

    def as_json(self) -> dict[str, Any]:
        return {
            "lead": self.lead_id,
            "as_of": self.as_of.isoformat(),
            "policy": None if self.policy is None else {"id": self.policy.pk, "version": self.policy.version},
            "fit": plain(self.fit),
            "engagement": plain(self.engagement),
            "qualification": plain(self.qualification),
            "criteria": [
                {
                    "code": criterion.code,
                    "score": plain(criterion.score),
                    "completeness": plain(criterion.completeness),
                    "low": plain(criterion.low),
                    "high": plain(criterion.high),
                    "met": criterion.met,
                    "asked": criterion.asked,
                }
                for criterion in self.criteria
            ],
            "completeness": plain(self.completeness),
            "low": plain(self.low),
            "high": plain(self.high),
            "checklist": self.checklist_id,
            "mql": self.mql,
            "sql": self.sql,
            "override": self.override,
            "temperature": ("cold", "warm", "hot")[self.temperature],
            "route": self.route or None,
            "lifecycle_stage": self.stage,
            "missing_for_sql": [str(sentence) for sentence in self.missing_for_sql],
            "next_question": None
            if self.next_question is None
            else {
                "code": self.next_question.code,
                "text": self.next_question.text,
                "gain": plain(self.next_question.gain),
            },
            "shortest_way": None
            if self.shortest_way is None
            else [{"code": step.code, "text": step.text, "gain": plain(step.gain)} for step in self.shortest_way],
            "reasons": {"for": _as_json(self.speaking_for), "against": _as_json(self.speaking_against)},
            "ledger": [
                {
                    "part": row.part,
                    "rule": row.rule,
                    "evidence": row.evidence,
                    "points": plain(row.points),
                    **({} if row.points_low is None else {"points_low": plain(row.points_low)}),
                    "at": None if row.at is None else row.at.isoformat(),
                }
                for row in self.ledger
            ],
        }


def _as_json(reasons: Sequence[Reason]) -> list[dict[str, Any]]:
    return [
        {"part": each.part, "text": each.text, "evidence": each.evidence, "points": plain(each.points)}
        for each in reasons
    ]
