"""Closed deals: what share was won, what it was worth, and how long it took."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from psycopg2 import sql

from reports.asked import Asked
from reports.queries.deals import CYCLE, JOINS, deal_ctes, in_period
from reports.queries.dimensions import OF_DEALS
from reports.queries.statement import Statement
from reports.rates import Money, Rate, Spread

WON, LOST, OPEN, CLOSED = (
    sql.SQL(text) for text in ("outcome = 'won'", "outcome = 'lost'", "outcome = 'open'", "outcome <> 'open'")
)


@dataclass(frozen=True, slots=True)
class WinRate:
    """Deals closed in the period, and beside them those still open."""

    won: int
    lost: int
    open: int
    deals: int
    win_rate: Rate
    won_amount: Money
    mean_won: Money
    median_won: Money
    win_rate_by_amount: Rate

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Self:
        currencies = tuple(sorted(currency for currency in row["currencies"] or () if currency))
        lost_too = tuple(sorted(currency for currency in row["closed_currencies"] or () if currency))
        # Without any amount of a lost deal there is nothing to weigh the won ones against.
        weighed = len(lost_too) <= 1 and (row["lost_sum"] is not None or not row["lost"])
        won_sum, lost_sum = row["won_sum"] or 0, row["lost_sum"] or 0
        return cls(
            won=row["won"],
            lost=row["lost"],
            open=row["open"],
            deals=row["deals"],
            win_rate=Rate(row["won"], row["won"] + row["lost"]),
            won_amount=money(row["won_sum"] if row["won"] else 0, currencies),
            mean_won=money(row["won_mean"], currencies),
            median_won=money(row["won_median"], currencies),
            win_rate_by_amount=Rate(float(won_sum), float(won_sum + lost_sum), counts=False)
            if weighed
            else Rate(0, 0, counts=False),
        )


def money(amount: Any, currencies: tuple[str, ...]) -> Money:
    """The amount in its one currency; nothing where there are several."""
    if len(currencies) > 1:
        return Money(None, mixed=currencies)
    return Money(amount, currencies[0] if currencies else "")


def win_rate(asked: Asked) -> Statement:
    """Won / (won + lost) of the deals closed in the period (domain.md 7), by count and by amount.

    A deal counts by its newest known outcome: one that was reopened is open. A lost deal weighs its expected amount.
    Without a period, closings of unknown date count too.
    """
    return Statement(
        ctes=deal_ctes(asked),
        counted=sql.SQL(
            "SELECT deal.*, deal.id AS record_id, deal.id AS subject_id, standing.outcome,"
            " CASE WHEN standing.outcome <> 'open' THEN standing.occurred_at END AS moment,"
            " coalesce(CASE WHEN standing.outcome <> 'open' THEN standing.occurred_at END, %(as_of)s) AS attributed_at"
            " FROM deal JOIN standing ON standing.opportunity_id = deal.id WHERE standing.outcome = 'open' OR {closed_in_period}"
        ).format(closed_in_period=in_period("standing.occurred_at")),
        joins=JOINS,
        dimensions=OF_DEALS,
        figures={
            "deals": sql.SQL("count(*)"),
            "won": sql.SQL("count(*) FILTER (WHERE {})").format(WON),
            "lost": sql.SQL("count(*) FILTER (WHERE {})").format(LOST),
            "open": sql.SQL("count(*) FILTER (WHERE {})").format(OPEN),
            "won_sum": sql.SQL("sum(won_amount) FILTER (WHERE {})").format(WON),
            "won_mean": sql.SQL("avg(won_amount) FILTER (WHERE {})").format(WON),
            "won_median": sql.SQL(
                "percentile_cont(0.5) WITHIN GROUP (ORDER BY won_amount::float8) FILTER (WHERE {})"
            ).format(WON),
            "lost_sum": sql.SQL("sum(amount) FILTER (WHERE {})").format(LOST),
            "currencies": sql.SQL("array_agg(DISTINCT won_currency) FILTER (WHERE {})").format(WON),
            "closed_currencies": sql.SQL(
                "array_agg(DISTINCT CASE WHEN {won} THEN won_currency ELSE currency END)"
                " FILTER (WHERE {won} OR ({lost} AND amount IS NOT NULL))"
            ).format(won=WON, lost=LOST),
        },
        conditions={
            "won": WON,
            "lost": LOST,
            "open": OPEN,
            "deals": sql.SQL("TRUE"),
            "win_rate": CLOSED,
            "won_amount": WON,
            "mean_won": WON,
            "median_won": WON,
        },
    )


@dataclass(frozen=True, slots=True)
class SalesCycle:
    """Days from the pipeline's start stage to close."""

    won: Spread
    lost: Spread
    closed: Spread
    won_calendar: Spread
    lost_calendar: Spread
    closed_calendar: Spread

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Self:
        return cls(**{name: spread(row, name) for name in cls.__slots__})


def spread(row: Mapping[str, Any], name: str) -> Spread:
    """A Spread from the columns that `spread_figures` made."""
    if not row[f"{name}_n"]:
        return Spread(0)
    median, p90 = row[f"{name}_points"]
    return Spread(
        row[f"{name}_n"],
        row[f"{name}_mean"],
        median,
        p90,
        row[f"{name}_low"],
        row[f"{name}_high"],
        row[f"{name}_deviation"],
    )


def spread_figures(name: str, value: str, condition: sql.Composable) -> dict[str, sql.Composable]:
    """The aggregates of a Spread of `value` over the rows that meet the condition; unknown values are in none."""
    aggregates = {
        "n": "count({value}) FILTER (WHERE {condition})",
        "mean": "avg({value}) FILTER (WHERE {condition})",
        "points": "percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY {value}) FILTER (WHERE {condition})",
        "low": "min({value}) FILTER (WHERE {condition})",
        "high": "max({value}) FILTER (WHERE {condition})",
        "deviation": "stddev_samp({value}) FILTER (WHERE {condition})",
    }
    return {
        f"{name}_{part}": sql.SQL(text).format(value=sql.SQL(value), condition=condition)
        for part, text in aggregates.items()
    }


def sales_cycle(asked: Asked) -> Statement:
    """Days from reaching the stage that starts the pipeline's cycle to close, of deals closed in the period.

    Exact days use the time of day, calendar days are the difference of the dates in the workspace's zone. A deal whose
    start or close is unknown, or that never reached the start, has no duration and is in no column.
    """
    outcomes = {"won": WON, "lost": LOST, "closed": CLOSED}
    known = sql.SQL("days IS NOT NULL AND {}")
    figures: dict[str, sql.Composable] = {}
    for name, condition in outcomes.items():
        figures |= spread_figures(name, "days", condition)
        figures |= spread_figures(f"{name}_calendar", "calendar_days", condition)
    return Statement(
        ctes=deal_ctes(asked, CYCLE),
        counted=sql.SQL(
            "SELECT deal.*, deal.id AS record_id, deal.id AS subject_id, standing.outcome, standing.occurred_at AS moment,"
            " coalesce(standing.occurred_at, %(as_of)s) AS attributed_at,"
            " (extract(epoch FROM standing.occurred_at - cycle_start.occurred_at) / 86400)::float8 AS days,"
            " ((standing.occurred_at AT TIME ZONE %(zone)s)::date - (cycle_start.occurred_at AT TIME ZONE %(zone)s)::date)::float8 AS calendar_days"
            " FROM deal JOIN standing ON standing.opportunity_id = deal.id LEFT JOIN cycle_start ON cycle_start.opportunity_id = deal.id"
            " WHERE standing.outcome <> 'open' AND {closed_in_period}"
        ).format(closed_in_period=in_period("standing.occurred_at")),
        joins=JOINS,
        dimensions=OF_DEALS,
        figures=figures,
        conditions={
            f"{name}{suffix}": known.format(condition)
            for name, condition in outcomes.items()
            for suffix in ("", "_calendar")
        },
    )
