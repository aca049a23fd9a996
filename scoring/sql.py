"""A policy's rules as SQL expressions, composed of the facts' own expressions and quoted literals, never of text."""

from collections.abc import Iterable, Mapping, Sequence

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
            texts = list(tested.operand) if isinstance(tested.operand, tuple) else []
            return sql.SQL("coalesce({} = ANY({}), false)").format(fact, sql.Literal(texts))
        case Op.HAS_ANY:
            texts = list(tested.operand) if isinstance(tested.operand, tuple) else []
            return sql.SQL("coalesce({} && {}::text[], false)").format(fact, sql.Literal(texts))
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


def fit_points(icp: Sequence[Rule], personas: Sequence[PersonaRules], facts: Mapping[str, Fact]) -> sql.Composable:
    """Columns `icp` and `persona_1`, ...: points of the profile's rules and of each persona's that hold."""
    columns = [sql.SQL("{} AS icp").format(points(icp, facts))]
    columns += [
        sql.SQL("{} AS {}").format(points(persona.rules, facts), sql.Identifier(f"persona_{n}"))
        for n, persona in enumerate(_rated(personas), 1)
    ]
    return sql.SQL(", ").join(columns)


def fit(icp: Sequence[Rule], personas: Sequence[PersonaRules]) -> tuple[sql.Composable, sql.Composable]:
    """Fit from 0 to 100, unrounded, and the code of the persona that gives the highest (decisions.md 4).

    Both read the columns of `fit_points` from a row named `rated`. Ties go to the first code. A persona of whose rules
    none holds is no match, and then there is none. No rules at all: NULL.
    """
    icp_possible = sum(rule.points for rule in icp)
    ordered = _rated(personas)
    if not ordered:
        alone = sql.SQL("100.0 * rated.icp / {}").format(sql.Literal(icp_possible))
        return alone if icp_possible else sql.SQL("NULL::numeric"), sql.SQL("''::text")
    shares = [
        sql.SQL("100.0 * (rated.icp + rated.{}) / {}").format(
            sql.Identifier(f"persona_{n}"), sql.Literal(icp_possible + persona.possible)
        )
        for n, persona in enumerate(ordered, 1)
    ]
    best = sql.SQL("greatest({})").format(sql.SQL(", ").join(shares))
    cases = sql.SQL(" ").join(
        sql.SQL("WHEN rated.{} > 0 AND {} >= {} THEN {}").format(
            sql.Identifier(f"persona_{n}"), share, best, sql.Literal(persona.code)
        )
        for n, (share, persona) in enumerate(zip(shares, ordered, strict=True), 1)
    )
    return best, sql.SQL("CASE {} ELSE '' END").format(cases)


def _rated(personas: Sequence[PersonaRules]) -> list[PersonaRules]:
    return sorted((persona for persona in personas if persona.possible), key=lambda persona: persona.code)
