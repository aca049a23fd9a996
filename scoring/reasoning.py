"""The rules in plain Python: nothing is judged by them, but `verify_state` and the differential tests hold the
database's verdicts against them. Pure."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal

from scoring.engine import Condition, Definition, Op, Operand, Rule

TENTH = Decimal("0.1")


def tenth(value: Decimal) -> Decimal:
    """Points as they are kept: rounded half up to 0.1."""
    return value.quantize(TENTH, rounding=ROUND_HALF_UP)


def condition_holds(condition: Condition, facts: Mapping[str, Operand]) -> bool:
    """Whether the condition holds; a missing fact never does. Texts are given in lower case."""
    value = facts.get(condition.fact)
    if value is None:
        return False
    match condition.op:
        case Op.KNOWN:
            return True
        case Op.IS:
            return value == condition.operand
        case Op.IN:
            return isinstance(condition.operand, tuple) and value in condition.operand
        case Op.HAS_ANY:
            return not set(value).isdisjoint(condition.operand)  # type: ignore[arg-type]  # sets: publishing saw to it
        case Op.AT_LEAST:
            return value >= condition.operand  # type: ignore[operator]  # both of one kind: publishing saw to it
        case Op.BELOW:
            return value < condition.operand  # type: ignore[operator]  # both of one kind: publishing saw to it


def rule_holds(rule: Rule, facts: Mapping[str, Operand]) -> bool:
    return all(condition_holds(condition, facts) for condition in rule.when)


def points_held(rules: Sequence[Rule], facts: Mapping[str, Operand]) -> int:
    return sum(rule.points for rule in rules if rule_holds(rule, facts))


def fit(definition: Definition, facts: Mapping[str, Operand]) -> tuple[Decimal | None, str]:
    """Fit from 0 to 100 in tenths, and the code of the best-matching persona (decisions.md 4).

    A persona of whose rules none holds is no match: the code is then empty.
    """
    held = points_held(definition.fit, facts)
    possible = sum(rule.points for rule in definition.fit)
    personas = sorted((p for p in definition.personas if p.possible), key=lambda persona: persona.code)
    if not personas:
        return (tenth(Decimal(100 * held) / possible) if possible else None), ""
    own = [points_held(persona.rules, facts) for persona in personas]
    fits = [Decimal(100 * (held + n)) / (possible + p.possible) for n, p in zip(own, personas, strict=True)]
    best = max(fits)
    matching = (p.code for n, p, fit in zip(own, personas, fits, strict=True) if n and fit == best)
    return tenth(best), next(matching, "")  # ties go to the first code


def disqualified(definition: Definition, facts: Mapping[str, Operand]) -> bool:
    return any(rule_holds(rule, facts) for rule in definition.disqualifiers)
