"""What a policy's definition puts into the judging statement: its rules, its criteria and its gates, as composed SQL.

Each function returns the values of some of the braces in leads/judging_sql.py.
"""

from collections.abc import Callable, Mapping, Sequence

from psycopg2 import sql

from scoring import sql as scoring_sql
from scoring.engine import AUTHORITY, NEED, Definition
from scoring.facts import Fact
from scoring.gates import MEASURES, GateForm, Gates

# For so long a two-way touch shows interest (decisions.md 8); a hand-raise does for as long as the policy says.
TOUCH_DAYS = 30
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
    need, authority = definition.about(NEED), definition.about(AUTHORITY)

    def place(index: int | None) -> sql.Literal:
        return sql.Literal(0 if index is None else index + 1)  # PostgreSQL's arrays begin at 1; 0 finds nothing

    def minimum(index: int | None) -> sql.Literal:
        return sql.Literal(0 if index is None else definition.minimum(definition.criteria[index]))

    return {
        "criteria": sql.Literal(len(definition.criteria)),
        "sql_holds": _sql_holds(definition),
        "mql_holds": _mql_holds(own, asks=bool(definition.criteria)),
        "mql_engagement": sql.Literal(own.mql_engagement),
        "warm_engagement": sql.Literal(definition.warm_engagement),
        "hand_raise_days": sql.Literal(definition.hand_raise_days),
        "touch_days": sql.Literal(TOUCH_DAYS),
        "need": place(need),
        "need_minimum": minimum(need),
        "authority": place(authority),
        "authority_minimum": minimum(authority),
        "engagement_turns": _engagement_turns(definition),
    }


def _reaches(value: sql.Composable, prior: str, threshold: int, margin: int) -> sql.Composable:
    """Whether the value reaches the threshold, or is less than the margin below it where the gate held before."""
    return sql.SQL("({value} >= {threshold} OR ({prior} AND {value} > {fallen}))").format(
        value=value,
        threshold=sql.Literal(threshold),
        prior=sql.Identifier(prior),
        fallen=sql.Literal(threshold - margin),
    )


def _at_least(k: int, tests: Sequence[sql.Composable]) -> sql.Composable:
    """That many of the tests hold; one that reads a missing value does not."""
    counted = (sql.SQL("coalesce({}, false)::int").format(test) for test in tests)
    return sql.SQL("({} >= {})").format(scoring_sql.join(" + ", counted, scoring_sql.ZERO), sql.Literal(k))


def _sql_holds(definition: Definition) -> sql.Composable:
    """The measures of the SQL gate. Without criteria its minimums drop out (decisions.md 4)."""
    own = definition.gates
    if not definition.criteria:
        return TRUE
    asked = {
        n: _reaches(sql.SQL("lows[{}]").format(sql.Literal(n)), "prior_sql", definition.minimum(criterion), own.margin)
        for n, criterion in enumerate(definition.criteria, 1)
    }
    tests = [_reaches(sql.Identifier("low"), "prior_sql", own.sql_low, own.margin)]
    if own.sql_form is not GateForm.WEIGHTED:
        # A criterion that this set does not ask about is not held against the lead.
        tests += [
            sql.SQL("(coalesce(criterion_weights[{}], 0) = 0 OR {})").format(sql.Literal(n), asked[n])
            for n, criterion in enumerate(definition.criteria, 1)
            if criterion.required
        ]
    if own.sql_form is GateForm.K_OF_N:
        tests.append(_at_least(own.sql_k, list(asked.values())))
    return sql.SQL("({})").format(sql.SQL(" AND ").join(tests))


def _mql_holds(own: Gates, *, asks: bool) -> sql.Composable:
    """The measures of the MQL gate; `asks` is whether the policy has criteria, without which low is not measured."""
    fit, engagement, low = (
        _reaches(sql.Identifier(name), "prior_mql", threshold, own.margin)
        for name, threshold in zip(MEASURES, (own.mql_fit, own.mql_engagement, own.mql_low), strict=True)
    )
    if not asks:
        low = scoring_sql.FALSE
    match own.mql_form:
        case GateForm.FIT_AND_INTEREST:
            return sql.SQL("({} AND ({} OR {}))").format(fit, engagement, low)
        case GateForm.MINIMUMS:
            wanted = [
                test
                for test, threshold in ((fit, own.mql_fit), (engagement, own.mql_engagement), (low, own.mql_low))
                if threshold
            ]
            return sql.SQL("({})").format(sql.SQL(" AND ").join(wanted))
        case GateForm.WEIGHTED:
            return _reaches(_weighted(own), "prior_mql", own.mql_total, own.margin)
        case GateForm.K_OF_N:
            return _at_least(own.mql_k, [fit, engagement, low])


def _weighted(own: Gates) -> sql.Composable:
    """The mean of fit, engagement and low as the policy weighs them, rounded half up to 0.1; what is missing is 0."""
    fit, engagement, low = own.mql_weights
    return sql.SQL("round(({} * coalesce(fit, 0) + {} * engagement + {} * low) / {}, 1)").format(
        *map(sql.Literal, (fit, engagement, low, fit + engagement + low))
    )


def _engagement_turns(definition: Definition) -> sql.Composable:
    """The earliest moments at which fading may bring engagement to a threshold, as further arguments of least().

    Engagement cannot fall to an edge sooner than if all of it had the shortest half-life. The edges lie half a tenth
    to either side of a threshold, because gates compare rounded values; a minute is the least, so that a value right
    at an edge is not looked at for ever.
    """
    text = """,
               CASE WHEN {edge} > 0 AND engagement_exact > {edge} THEN %(moment)s + make_interval(
                   secs => greatest(60, half_life * 86400 * ln(engagement_exact / {edge}) / ln(2::float8))) END"""
    return sql.Composed([sql.SQL(text).format(edge=edge) for edge in _edges(definition)])


def _edges(definition: Definition) -> list[sql.Composable]:
    """Values of engagement at which a gate or the temperature may turn."""
    own = definition.gates
    thresholds = sorted({own.mql_engagement, own.mql_engagement - own.margin, definition.warm_engagement})
    edges: list[sql.Composable] = [
        sql.SQL("{}::float8").format(sql.Literal(threshold + step))
        for threshold in thresholds
        for step in (-0.05, 0.05)
        if threshold + step > 0
    ]
    fit, engagement, low = own.mql_weights
    if own.mql_form is GateForm.WEIGHTED and engagement:
        # What engagement must be for the mean to be at the total, fit and low staying as they are.
        whole = fit + engagement + low
        at_total = sql.SQL("(({total} * {whole} - {fit} * coalesce(fit, 0) - {low} * low) / {engagement})::float8")
        edges += [
            at_total.format(
                total=sql.Literal(total + step),
                whole=sql.Literal(whole),
                fit=sql.Literal(fit),
                low=sql.Literal(low),
                engagement=sql.Literal(engagement),
            )
            for total in (own.mql_total, own.mql_total - own.margin)
            for step in (-0.1, 0.1)
        ]
    return edges
