"""What a policy's definition puts into the judging statement: its rules, its criteria and its gates, as composed SQL.

Each function returns the values of some of the braces in leads/judging_sql.py.
"""

from collections.abc import Callable, Mapping

from psycopg2 import sql

from scoring import sql as scoring_sql
from scoring.engine import Definition
from scoring.facts import Fact

TRUE = sql.SQL("true")
COMMA = ", "


def rules(definition: Definition, facts: Mapping[str, Fact]) -> dict[str, sql.Composable]:
    """Fit, the best persona, and whether a disqualifier holds."""
    fit, best_persona = scoring_sql.fit(definition.fit, definition.personas)
    return {
        "disqualified": scoring_sql.any_holds(definition.disqualifiers, facts),
        "fit_points": scoring_sql.fit_points(definition.fit, definition.personas, facts),
        "fit": fit,
        "best_persona": best_persona,
    }


def per_criterion(definition: Definition) -> dict[str, sql.Composable]:
    """Columns and arrays with one member for each criterion, in the framework's order.

    Without criteria the columns still need a name each; the arrays are empty.
    """
    members = range(1, len(definition.criteria) + 1)

    def column(name: str, n: int) -> sql.Identifier:
        return sql.Identifier(f"{name}_{n}")

    def columns(of: Callable[[int], sql.Composable]) -> sql.Composable:
        return sql.SQL(COMMA).join(of(n) for n in members or [1])

    def array(text: str) -> sql.Composable:
        listed = (
            sql.SQL(text).format(
                points=sql.SQL("qualified.{}").format(column("points", n)),
                answered=sql.SQL("qualified.{}").format(column("weight", n)),
                whole=sql.SQL("total.{}").format(column("weight", n)),
            )
            for n in members
        )
        return sql.SQL("ARRAY[{}]::numeric[]").format(scoring_sql.join(COMMA, listed, sql.SQL("")))

    return {
        "whole_weights": columns(lambda n: column("weight", n)),
        "own_sums": columns(
            lambda n: sql.SQL(
                "sum(weight) FILTER (WHERE criterion = {n}) AS {weight}, "
                "sum(weight * value) FILTER (WHERE criterion = {n}) AS {points}"
            ).format(n=sql.Literal(n), weight=column("weight", n), points=column("points", n))
        ),
        "lows": array("round(coalesce({points}, 0) / nullif({whole}, 0), 1)"),
        "highs": array(
            "round((coalesce({points}, 0) + 100 * ({whole} - coalesce({answered}, 0))) / nullif({whole}, 0), 1)"
        ),
        "scores": array("round({points} / nullif({answered}, 0), 1)"),
        "completenesses": array("round(100.0 * coalesce({answered}, 0) / nullif({whole}, 0), 1)"),
        "criterion_weights": array("{whole}"),
    }


def gates(definition: Definition) -> dict[str, sql.Composable]:
    """Thresholds, and the tests against them with the margin where the gate held before."""
    own = definition.gates
    codes = [criterion.code for criterion in definition.criteria]

    def reaches(value: sql.Composable, prior: str, threshold: int) -> sql.Composable:
        return sql.SQL("CASE WHEN {} THEN {} > {} ELSE {} >= {} END").format(
            sql.Identifier(prior), value, sql.Literal(threshold - own.margin), value, sql.Literal(threshold)
        )

    required = (
        sql.SQL("(coalesce(criterion_weights[{n}], 0) = 0 OR {reached})").format(
            n=sql.Literal(n),
            reached=reaches(sql.SQL("lows[{}]").format(sql.Literal(n)), "prior_sql", definition.minimum(criterion)),
        )
        for n, criterion in enumerate(definition.criteria, 1)
        if criterion.required
    )

    def place(code: str) -> sql.Literal:
        return sql.Literal(codes.index(code) + 1 if code in codes else 0)

    def minimum(code: str) -> sql.Literal:
        return sql.Literal(definition.minimum(definition.criteria[codes.index(code)]) if code in codes else 0)

    low = sql.Identifier("low")
    return {
        "criteria": sql.Literal(len(codes)),
        "sql_low_holds": reaches(low, "prior_sql", own.sql_low) if codes else TRUE,
        "required_hold": scoring_sql.join(" AND ", required, TRUE),
        "mql_low_holds": reaches(low, "prior_mql", own.mql_low) if codes else scoring_sql.FALSE,
        "mql_fit": sql.Literal(own.mql_fit),
        "mql_engagement": sql.Literal(own.mql_engagement),
        "margin": sql.Literal(own.margin),
        "warm_engagement": sql.Literal(definition.warm_engagement),
        "hand_raise_days": sql.Literal(definition.hand_raise_days),
        "need": place("need"),
        "need_minimum": minimum("need"),
        "authority": place("authority"),
        "authority_minimum": minimum("authority"),
        "engagement_turns": _engagement_turns(definition),
    }


def _engagement_turns(definition: Definition) -> sql.Composable:
    """The earliest moments at which fading may bring engagement to a threshold, as further arguments of least().

    Engagement cannot fall to an edge sooner than if all of it had the shortest half-life. The edges lie half a tenth
    to either side of a threshold, because gates compare rounded values; a minute is the least, so that a value right
    at an edge is not looked at for ever.
    """
    own = definition.gates
    thresholds = sorted({own.mql_engagement, own.mql_engagement - own.margin, definition.warm_engagement})
    edges = [threshold + step for threshold in thresholds for step in (-0.05, 0.05) if threshold + step > 0]
    text = """,
               CASE WHEN engagement_exact > {edge} THEN %(moment)s + make_interval(
                   secs => greatest(60, half_life * 86400 * ln(engagement_exact / {edge}) / ln(2::float8))) END"""
    return sql.Composed([sql.SQL(text).format(edge=sql.Literal(edge)) for edge in edges])
