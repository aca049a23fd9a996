"""The strongest reasons for a lead and against it, out of everything that its score is made of. Pure.

Points are those of the reason's part, so they compare as shares of a hundred; of qualification those that are certain.
Against it speaks what is known and costs points. What is not known yet is no reason: the range says what it may bring.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from leads.sheet import Reason, Row
from scoring.engine import Rule

MOST = 3


def speaking_for(ledger: Iterable[Row]) -> list[Reason]:
    """The rows that earn the most."""
    earned = [
        Reason(row.part, row.rule, row.evidence, row.points if row.points_low is None else row.points_low)
        for row in ledger
    ]
    return sorted((each for each in earned if (each.points or 0) > 0), key=lambda each: -(each.points or 0))[:MOST]


def speaking_against(
    ledger: Iterable[Row],
    rules: Sequence[tuple[Rule, bool]],
    values: Mapping[str, Any],
    questions: Iterable[tuple[str, str, int, Decimal | None]],
    refusing: Iterable[str],
) -> list[Reason]:
    """Disqualifiers first, then what costs the most: events that count against, rules whose facts are known and do not
    hold, answers below their best. `questions` are (text, answer, weight, value)."""
    asked = list(questions)
    total = sum(weight for _text, _answer, weight, _value in asked)
    possible = sum(rule.points for rule, _held in rules)
    costs = [Reason(row.part, row.rule, row.evidence, row.points) for row in ledger if row.part == "engagement"]
    costs = [each for each in costs if (each.points or 0) < 0 and each.evidence]  # not a cap, a clamp or a rounding
    costs += [
        Reason("fit", rule.text, "", -Decimal(100) * rule.points / possible)
        for rule, held in rules
        if not held and all(values.get(condition.fact) is not None for condition in rule.when)
    ]
    costs += [
        Reason("qualification", text, answer, -weight * (100 - value) / total)
        for text, answer, weight, value in asked
        if value is not None and value < 100
    ]
    shut = [Reason("gates", text, "", None) for text in refusing]
    return (shut + sorted(costs, key=lambda each: each.points or 0))[:MOST]
