"""A policy's rules as SQL expressions, composed of the facts' own expressions and quoted literals, never of text."""

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce

from psycopg2 import sql

from scoring.engine import Condition, Op, PersonaRules, Rule
from scoring.facts import Fact

ZERO = sql.SQL("0")
FALSE = sql.SQL("false")


def join(separator: str, parts: Iterable[sql.Composable], empty: sql.Composable) -> sql.Composable:
    listed = list(parts)
    return sql.SQL(separator).join(listed) if listed else empty


def condition(tested: Condition, facts: Mapping[str, Fact]) -> sql.Composable:
    """The condition as a boolean that is false, not NULL, where the fact is missing."""
    fact = facts[tested.fact].expression
    match tested.op:
        case Op.KNOWN:
            return sql.SQL("({} IS NOT NULL)").format(fact)
        case Op.IN:
            return sql.SQL("coalesce({} = ANY({}), false)").format(fact, sql.Literal(list(tested.operand or ())))
        case Op.IS:
            operator = "="
        case Op.AT_LEAST:
            operator = ">="
        case Op.BELOW:
            operator = "<"
    return sql.SQL("coalesce({} " + operator + " {}, false)").format(fact, sql.Literal(tested.operand))


def holds(rule: Rule, facts: Mapping[str, Fact]) -> sql.Composable:
    """All conditions of the rule."""
    return sql.SQL("({})").format(sql.SQL(" AND ").join(condition(c, facts) for c in rule.when))


def any_holds(rules: Sequence[Rule], facts: Mapping[str, Fact]) -> sql.Composable:
    return sql.SQL("({})").format(join(" OR ", (holds(rule, facts) for rule in rules), FALSE))


def points(rules: Sequence[Rule], facts: Mapping[str, Fact]) -> sql.Composable:
    """Points of those rules that hold."""
    terms = (
        sql.SQL("CASE WHEN {} THEN {} ELSE 0 END").format(holds(rule, facts), sql.Literal(rule.points))
        for rule in rules
    )
    return sql.SQL("({})").format(join(" + ", terms, ZERO))


def fit(
    icp: Sequence[Rule], personas: Sequence[PersonaRules], facts: Mapping[str, Fact]
) -> tuple[sql.Composable, sql.Composable]:
    """Fit from 0 to 100, unrounded, and the code of the persona that gives the highest (decisions.md 4).

    Both read `icp_points` as computed by `points(icp, ...)`. Ties go to the first code. No rules at all: NULL.
    """
    icp_possible = sum(rule.points for rule in icp)

    def share(points_held: sql.Composable, possible: int) -> sql.Composable:
        return sql.SQL("(100.0 * {} / {})").format(points_held, sql.Literal(possible))

    icp_held = points(icp, facts)
    ordered = sorted((persona for persona in personas if persona.possible), key=lambda persona: persona.code)
    if not ordered:
        value = share(icp_held, icp_possible) if icp_possible else sql.SQL("NULL::numeric")
        return value, sql.SQL("''::text")
    shares = [
        share(sql.SQL("({} + {})").format(icp_held, points(persona.rules, facts)), icp_possible + persona.possible)
        for persona in ordered
    ]
    best = sql.SQL("greatest({})").format(sql.SQL(", ").join(shares))
    # Built from the last to the first, so that the first code that reaches the best is named.
    code = reduce(
        lambda rest, pair: sql.SQL("CASE WHEN {} >= {} THEN {} ELSE {} END").format(
            pair[0], best, sql.Literal(pair[1].code), rest
        ),
        reversed(list(zip(shares, ordered, strict=True))),
        sql.SQL("''::text"),
    )
    return best, code
