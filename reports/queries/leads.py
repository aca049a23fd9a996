"""The way of leads: how many came, how far they got, how many were won, and how long that took."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

from psycopg2 import sql

from leads.lifecycle import FUNNEL, Stage
from reports.asked import Asked, View
from reports.queries.deals import in_period
from reports.queries.dimensions import OF_LEADS, PEOPLE, among, held_by
from reports.queries.history import fields_at
from reports.queries.statement import Statement
from reports.queries.wins import spread, spread_figures
from reports.rates import Rate, Spread

FIELDS = (
    "source_id",
    "campaign_id",
    "persona_id",
    "context_id",
    "owner_id",
    "team_id",
    "industry",
    "country",
    "created_at",
)

# The stages of a lead in order; those aside (nurture, disqualified) are no progress.
# Opportunity and customer count only while they hold: undoing a conversion or reopening a deal takes them back.
# Each jump is a move that took the lead further than it had been: it reached all stages between.
LIFECYCLE = """
progress (stage, further) AS (
    VALUES {progress}
), lead_move AS (
    SELECT change.id, change.lead_id, change.occurred_at, change.to_stage, change.cause, change.diagnostic, progress.further
    FROM leads_lifecyclechange change
    LEFT JOIN progress ON progress.stage = change.to_stage
    WHERE change.known_at <= %(as_of)s AND (change.occurred_at IS NULL OR change.occurred_at <= %(as_of)s) AND {among}
), jump AS (
    SELECT move.lead_id, move.occurred_at, move.further, move.cause = 'override' OR move.diagnostic AS by_override,
        coalesce(max(move.further) OVER (
            PARTITION BY move.lead_id ORDER BY move.id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 1) AS before
    FROM (
        SELECT lead_move.*, last_value(further) OVER (
            PARTITION BY lead_id ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS stands_at
        FROM lead_move
    ) move
    WHERE move.further <= {qualified} OR move.further <= move.stands_at
), reached AS (
    SELECT lead.id AS lead_id, 1 AS step, lead.created_at AS occurred_at, FALSE AS by_override FROM lead
    UNION ALL
    SELECT jump.lead_id, progress.further, jump.occurred_at, jump.by_override
    FROM jump JOIN progress ON jump.before < progress.further AND progress.further <= jump.further
)
"""
JOINS = sql.SQL("""
LEFT JOIN leads_leadsource source ON source.id = counted.source_id
LEFT JOIN leads_campaign campaign ON campaign.id = counted.campaign_id
LEFT JOIN scoring_persona persona ON persona.id = counted.persona_id
LEFT JOIN users_salescontext context ON context.id = counted.context_id
""")
ORDER = {stage: place for place, stage in enumerate(FUNNEL, start=1)}
STEPS = dict(zip(("leads", "mql", "sal", "sql", "opportunity", "won"), ORDER.values(), strict=True))
# Stages that an override can bring a lead to.
OVERRIDDEN = ("mql", "sql", "opportunity")


def lifecycle(asked: Asked) -> sql.Composable:
    """`lead_move`, and `reached`: a row for each stage that a lead reached."""
    progress = [sql.SQL("({}, {})").format(sql.Literal(stage.value), sql.Literal(n)) for stage, n in ORDER.items()]
    return sql.SQL(LIFECYCLE).format(
        among=among(asked, "change.lead_id", "lead"),
        progress=sql.SQL(", ").join(progress),
        qualified=sql.Literal(ORDER[Stage.SQL]),
    )


def lead_ctes(asked: Asked) -> sql.Composable:
    """`lead`, who held it, and `reached`: a row for each stage it reached."""
    held = held_by("leads_ownerchange", "lead_id", among(asked, "leads_ownerchange.lead_id", "lead"))
    lead = fields_at(asked, "lead", "leads_lead", "leads_leadhistory", FIELDS, asked.scope.of_leads())
    return sql.SQL(", ").join([lead, sql.SQL(PEOPLE), held, lifecycle(asked)])


def reached_steps(asked: Asked) -> sql.Composable:
    """A row per lead and stage reached.

    Cohort: of the leads created in the period; they belong to the owner at creation. Period: of the moves within the
    period; each belongs to the owner at that move.
    """
    cohort = asked.view is View.COHORT
    moment = sql.SQL("lead.created_at" if cohort else "reached.occurred_at")
    return sql.SQL(
        "SELECT lead.*, lead.id AS record_id, lead.id AS subject_id, reached.step, reached.by_override, {moment} AS moment,"
        " coalesce({moment}, {unknown}) AS attributed_at,"
        " (extract(epoch FROM reached.occurred_at - lead.created_at) / 86400)::float8 AS days,"
        " ((reached.occurred_at AT TIME ZONE %(zone)s)::date - (lead.created_at AT TIME ZONE %(zone)s)::date)::float8 AS calendar_days"
        " FROM lead JOIN reached ON reached.lead_id = lead.id WHERE {in_period}"
    ).format(
        moment=moment,
        unknown=sql.SQL("'-infinity'" if cohort else "%(as_of)s"),
        in_period=in_period("lead.created_at" if cohort else "reached.occurred_at"),
    )


def step(name: str) -> sql.Composable:
    """Condition: the row says that the lead reached this stage."""
    return sql.SQL("step = {}").format(sql.Literal(STEPS[name]))


def override(name: str) -> sql.Composable:
    return sql.SQL("{} AND by_override").format(step(name))


def count(condition: sql.Composable) -> sql.Composable:
    return sql.SQL("count(*) FILTER (WHERE {})").format(condition)


@dataclass(frozen=True, slots=True)
class LeadFunnel:
    """Leads by how far they got."""

    leads: int
    mql: int
    sal: int
    sql: int
    opportunity: int
    won: int
    mql_by_override: int
    sql_by_override: int
    opportunity_by_override: int
    lead_to_mql: Rate
    mql_to_sal: Rate
    sal_to_sql: Rate
    sql_to_opportunity: Rate
    opportunity_to_won: Rate
    lead_to_won: Rate
    days_to_won: Spread
    calendar_days_to_won: Spread

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Self:
        return cls(
            **{name: row[name] for name in STEPS},
            **{f"{name}_by_override": row[f"{name}_by_override"] for name in OVERRIDDEN},
            lead_to_mql=Rate(row["mql"], row["leads"]),
            mql_to_sal=Rate(row["sal"], row["mql"]),
            sal_to_sql=Rate(row["sql"], row["sal"]),
            sql_to_opportunity=Rate(row["opportunity"], row["sql"]),
            opportunity_to_won=Rate(row["won"], row["opportunity"]),
            lead_to_won=Rate(row["won"], row["leads"]),
            days_to_won=spread(row, "days_to_won"),
            calendar_days_to_won=spread(row, "calendar_days_to_won"),
        )


def lead_funnel(asked: Asked) -> Statement:
    """Leads that reached each stage, of these by override, and the days from creation to won (decisions.md 16, 37).

    Reaching a stage counts as having reached every stage before it.
    """
    won_known = {
        name: sql.SQL("{} AND {} IS NOT NULL").format(step("won"), sql.Identifier(name))
        for name in ("days", "calendar_days")
    }
    return Statement(
        ctes=lead_ctes(asked),
        counted=reached_steps(asked),
        joins=JOINS,
        dimensions=OF_LEADS,
        figures={
            **{name: count(step(name)) for name in STEPS},
            **{f"{name}_by_override": count(override(name)) for name in OVERRIDDEN},
            **spread_figures("days_to_won", "days", step("won")),
            **spread_figures("calendar_days_to_won", "calendar_days", step("won")),
        },
        conditions={
            **{name: step(name) for name in STEPS},
            **{f"{name}_by_override": override(name) for name in OVERRIDDEN},
            "days_to_won": won_known["days"],
            "calendar_days_to_won": won_known["calendar_days"],
        },
    )


@dataclass(frozen=True, slots=True)
class LeadConversion:
    """Leads that became prospects."""

    leads: int
    prospects: int
    prospects_by_override: int
    lead_conversion: Rate

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Self:
        return cls(row["leads"], row["prospects"], row["prospects_by_override"], Rate(row["prospects"], row["leads"]))


def lead_conversion(asked: Asked) -> Statement:
    """Prospects / leads created (decisions.md 17): a prospect reached SQL, or was converted without it."""
    figures = {"leads": step("leads"), "prospects": step("sql"), "prospects_by_override": override("sql")}
    return Statement(
        ctes=lead_ctes(asked),
        counted=reached_steps(asked),
        joins=JOINS,
        dimensions=OF_LEADS,
        figures={name: count(condition) for name, condition in figures.items()},
        conditions=figures,
    )


@dataclass(frozen=True, slots=True)
class LeadsBySource:
    """Where leads came from, and what became of them."""

    leads: int
    share: Rate
    prospects: int
    won: int
    lead_to_won: Rate

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Self:
        return cls(
            leads=row["leads"],
            share=Rate(row["leads"], row["all_leads"]),
            prospects=row["prospects"],
            won=row["won"],
            lead_to_won=Rate(row["won"], row["leads"]),
        )


def with_all_leads(rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Each row with the leads of the whole report, of which its own are a share."""
    found = list(rows)
    every = sum(row["leads"] for row in found if row["total"])
    return (row | {"all_leads": every} for row in found)


def leads_by_source(asked: Asked) -> Statement:
    """Leads created in the period, each source's share of them, and how many became prospects and customers."""
    figures = {"leads": step("leads"), "prospects": step("sql"), "won": step("won")}
    return Statement(
        ctes=lead_ctes(asked),
        counted=reached_steps(asked),
        joins=JOINS,
        dimensions=OF_LEADS,
        figures={name: count(condition) for name, condition in figures.items()},
        conditions=figures,
    )


@dataclass(frozen=True, slots=True)
class Cohort:
    """Leads that came together, and how many of them were won within so many days."""

    leads: int
    won: int
    lead_to_won: Rate
    won_within_7: int
    won_within_30: int
    won_within_60: int
    won_within_90: int
    won_within_180: int
    won_within_365: int
    won_before_contact: int

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Self:
        return cls(
            lead_to_won=Rate(row["won"], row["leads"]),
            **{name: row[name] for name in cls.__slots__ if name != "lead_to_won"},
        )


WITHIN = (7, 30, 60, 90, 180, 365)


def cohorts(asked: Asked) -> Statement:
    """Leads by month of creation: won ever, and within 7 to 365 calendar days after creation.

    A win dated before the creation is won, but within no number of days: it stands in a column of its own.
    """
    figures = {
        "leads": step("leads"),
        "won": step("won"),
        **{
            f"won_within_{days}": sql.SQL("{} AND calendar_days BETWEEN 0 AND {}").format(
                step("won"), sql.Literal(days)
            )
            for days in WITHIN
        },
        "won_before_contact": sql.SQL("{} AND days < 0").format(step("won")),
    }
    return Statement(
        ctes=lead_ctes(asked),
        counted=reached_steps(asked),
        joins=JOINS,
        dimensions=OF_LEADS,
        figures={name: count(condition) for name, condition in figures.items()},
        conditions=figures,
    )
