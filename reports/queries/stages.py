"""The way of deals through their pipeline: how many reached each stage, and what is on the way now."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

from django.utils.translation import gettext_lazy as _
from psycopg2 import sql

from reports.asked import Asked, View
from reports.queries.deals import JOINS, NOT_ARCHIVED, deal_ctes, in_period
from reports.queries.dimensions import OF_DEALS, dimension, keyed
from reports.queries.statement import Statement
from reports.queries.wins import money
from reports.rates import Money, Rate

# Every step of a pipeline: its open stages, then closed (won or lost), then won.
STEPS = """
step AS (
    SELECT pipeline_id, code, name, position::int, 'open' AS kind FROM opportunities_pipelinestage WHERE outcome = 'open'
    UNION ALL SELECT id, 'closed', 'Closed', 100000, 'closed' FROM opportunities_pipeline
    UNION ALL SELECT id, 'won', 'Won', 100001, 'won' FROM opportunities_pipeline
), opening AS (
    SELECT pipeline_id, min(position)::int AS position FROM opportunities_pipelinestage WHERE outcome = 'open' GROUP BY pipeline_id
), numbered AS (
    SELECT step.*, lag(position) OVER (PARTITION BY pipeline_id ORDER BY position) AS previous,
        min(position) OVER (PARTITION BY pipeline_id) AS first
    FROM step
)
"""
# Each move that took the deal further than it had been, with how far it had been: it reached all stages between.
# A deal that is lost was at least at the first stage; a win that was taken back reached nothing.
JUMPS = """
jump AS (
    SELECT opportunity_id, occurred_at, further, coalesce(max(further) OVER (
        PARTITION BY opportunity_id ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), -1) AS before
    FROM (
        SELECT stage_move.id, stage_move.opportunity_id, stage_move.occurred_at,
            CASE stage_move.outcome WHEN 'open' THEN stage_move.position::int WHEN 'won' THEN 99999 ELSE opening.position END AS further
        FROM stage_move
        JOIN deal ON deal.id = stage_move.opportunity_id
        JOIN opportunities_pipelinestage stage ON stage.id = stage_move.to_stage_id AND stage.pipeline_id = deal.pipeline_id
        JOIN opening ON opening.pipeline_id = deal.pipeline_id
        JOIN standing ON standing.opportunity_id = stage_move.opportunity_id
        WHERE stage_move.outcome <> 'won' OR standing.outcome = 'won'
    ) move
)
"""


COUNTS = ("reached", "reached_both", "reached_won", "still_here")


@dataclass(frozen=True, slots=True)
class StageConversion:
    """One step of one pipeline."""

    pipeline: str
    step: str
    step_name: str
    reached: int
    from_previous: Rate
    from_first: Rate
    to_won: Rate
    still_here: int

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Self:
        return cls(
            pipeline=row["pipeline_code"],
            step=row["step"],
            step_name=row["step_name"],
            reached=row["reached"],
            from_previous=Rate(row["reached_both"], row["reached_previous"])
            if row["step_previous"] is not None
            else Rate(0, 0),
            from_first=Rate(row["reached"], row["first_reached"]),
            to_won=Rate(row["reached_won"], row["reached"]),
            still_here=row["still_here"],
        )


def with_the_steps_before(rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Every step of the pipeline for each group, with what reached the step before and the first one.

    In the period view a month has rows for the steps that something reached in it; the others are 0. Groups that
    nothing reached are left out.
    """
    found = list(rows)
    steps = {(row["pipeline_code"], row["step_position"]): row for row in found if row["total"]}
    groups: dict[tuple[Any, ...], dict[int, dict[str, Any]]] = {}
    for row in found:
        groups.setdefault((row["total"], row["group_key"], row["pipeline_code"]), {})[row["step_position"]] = row
    for (total, _key, pipeline_code), group in groups.items():
        if not total and not any(row["reached"] for row in group.values()):
            continue
        some = next(iter(group.values()))
        named = {name: some[name] for name in ("total", "group_key", "group_label", "group_position")}
        before = first = 0
        for code, position in sorted(steps):
            if code != pipeline_code:
                continue
            row = group.get(position) or steps[code, position] | named | dict.fromkeys(COUNTS, 0)
            first = row["reached"] if row["step_previous"] is None else first
            yield row | {"reached_previous": before, "first_reached": first}
            before = row["reached"]


def stage_conversion(asked: Asked) -> Statement:
    """Deals that reached each step; reaching a stage counts as having reached every stage before it (domain.md 7).

    Cohort: deals created in the period, whenever they moved. Period: the moves within the period, each counted once,
    at the date on which the deal first got that far. The step `closed` is won or lost, as the deal stands now.
    """
    cohort = asked.view is View.COHORT
    moment = (
        "deal.created_at"
        if cohort
        else "CASE numbered.kind WHEN 'open' THEN jump.occurred_at ELSE standing.occurred_at END"
    )
    return Statement(
        ctes=deal_ctes(asked, STEPS, JUMPS),
        counted=sql.SQL(
            "SELECT counted.*, pipeline_named.code AS pipeline_code,"
            " lag(reached) OVER (PARTITION BY record_id ORDER BY step_position) AS previous_reached"
            " FROM ("
            " SELECT deal.*, deal.id AS record_id, deal.id AS subject_id,"
            " numbered.code AS step, numbered.name AS step_name, numbered.position AS step_position, numbered.previous AS step_previous,"
            " standing.outcome, {moment} AS moment, coalesce({moment}, {unknown}) AS attributed_at,"
            " CASE numbered.kind WHEN 'open' THEN numbered.position = numbered.first OR jump.opportunity_id IS NOT NULL"
            " WHEN 'closed' THEN standing.outcome <> 'open' ELSE standing.outcome = 'won' END AND {in_period} AS reached,"
            " numbered.kind = 'open' AND stage.position = numbered.position AND standing.outcome = 'open' AND {not_archived} AS here"
            " FROM deal JOIN standing ON standing.opportunity_id = deal.id"
            " JOIN opportunities_pipelinestage stage ON stage.id = standing.stage_id"
            " JOIN numbered ON numbered.pipeline_id = deal.pipeline_id"
            " LEFT JOIN jump ON jump.opportunity_id = deal.id AND jump.before < numbered.position AND numbered.position <= jump.further"
            " AND numbered.kind = 'open'"
            " ) counted JOIN opportunities_pipeline pipeline_named ON pipeline_named.id = counted.pipeline_id"
        ).format(
            moment=sql.SQL(moment),
            not_archived=sql.SQL(NOT_ARCHIVED),
            unknown=sql.SQL("'-infinity'" if cohort else "%(as_of)s"),
            in_period=in_period(f"({moment})"),
        ),
        joins=JOINS,
        dimensions=OF_DEALS,
        split=("pipeline_code", "step_position", "step", "step_name", "step_previous"),
        figures={
            "reached": sql.SQL("count(*) FILTER (WHERE reached)"),
            "reached_both": sql.SQL("count(*) FILTER (WHERE reached AND previous_reached)")
            if cohort
            else sql.SQL("count(*) FILTER (WHERE reached)"),
            "reached_won": sql.SQL("count(*) FILTER (WHERE reached AND outcome = 'won')"),
            "still_here": sql.SQL("count(*) FILTER (WHERE reached AND here)"),
        },
        conditions={"reached": sql.SQL("reached"), "still_here": sql.SQL("reached AND here")},
    )


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Open deals as of the moment."""

    deals: int
    amount: Money
    weighted: Money
    without_amount: int

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Self:
        currencies = tuple(sorted(currency for currency in row["currencies"] or () if currency))
        return cls(
            deals=row["deals"],
            amount=money(row["sum"] or 0, currencies),
            weighted=money(row["weighted_sum"] or 0, currencies),
            without_amount=row["without_amount"],
        )


def pipeline(asked: Asked) -> Statement:
    """Deals that are open as of the moment, their expected amounts, and those weighted with the stage's stated probability.

    A period keeps the deals that are expected to close in it; months and quarters are those of the expected close.
    """
    everything = sql.SQL("TRUE")
    unknown = sql.SQL("amount IS NULL")
    return Statement(
        ctes=deal_ctes(asked),
        counted=sql.SQL(
            "SELECT deal.*, deal.id AS record_id, deal.id AS subject_id, stage.code AS stage_code, stage.name AS stage_name, stage.position,"
            " stage.probability, (deal.expected_close::timestamp AT TIME ZONE %(zone)s) AS moment, %(as_of)s::timestamptz AS attributed_at"
            " FROM deal JOIN standing ON standing.opportunity_id = deal.id JOIN opportunities_pipelinestage stage ON stage.id = standing.stage_id"
            " WHERE standing.outcome = 'open' AND {not_archived} AND {expected_in_period}"
        ).format(
            not_archived=sql.SQL(NOT_ARCHIVED),
            expected_in_period=in_period("(deal.expected_close::timestamp AT TIME ZONE %(zone)s)"),
        ),
        joins=JOINS,
        dimensions=OF_PIPELINE,
        figures={
            "deals": sql.SQL("count(*)"),
            "sum": sql.SQL("sum(amount)"),
            "weighted_sum": sql.SQL("round(sum(amount * probability / 100), 2)"),
            "without_amount": sql.SQL("count(*) FILTER (WHERE {})").format(unknown),
            "currencies": sql.SQL("array_agg(DISTINCT currency) FILTER (WHERE amount IS NOT NULL)"),
        },
        conditions={"deals": everything, "amount": everything, "weighted": everything, "without_amount": unknown},
    )


# Stages of one name in two pipelines are two groups; the key says which.
OF_PIPELINE = keyed(
    *OF_DEALS.values(),
    dimension("currency", _("Currency"), "counted.currency"),
    dimension(
        "stage",
        _("Stage"),
        "pipeline.code || '/' || counted.stage_code",
        "counted.stage_name",
        position="lpad(pipeline.position::text, 5, '0') || lpad(pipeline.id::text, 12, '0') || lpad(counted.position::text, 5, '0')",
    ),
)
