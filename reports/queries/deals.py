"""What the reports on deals stand on: each deal as of the moment, where it stands, and which stages it reached when."""

from psycopg2 import sql

from reports.asked import Asked
from reports.queries.dimensions import PEOPLE, among, held_by
from reports.queries.history import fields_at

FIELDS = (
    "account_id",
    "product_id",
    "source_id",
    "campaign_id",
    "owner_id",
    "team_id",
    "pipeline_id",
    "amount",
    "won_amount",
    "currency",
    "won_currency",
    "created_at",
    "expected_close",
    "archived_at",
)
# A deal whose conversion was undone never was one: from the undo on no report counts it (decisions.md 22).
NOT_UNDONE = """
NOT EXISTS (
    SELECT FROM opportunities_conversion undo
    WHERE undo.opportunity_id = record.id AND undo.undoes_id IS NOT NULL
        AND undo.known_at <= %(as_of)s AND (undo.occurred_at IS NULL OR undo.occurred_at <= %(as_of)s)
)
"""
# Archived deals count as what they came to, but not as open: `deal` as of the moment.
NOT_ARCHIVED = "(deal.archived_at IS NULL OR deal.archived_at > %(as_of)s)"

# A deal stands where its newest known move took it; moves at one instant are ordered by id.
STANDING = """
stage_move AS (
    SELECT change.id, change.opportunity_id, change.occurred_at, change.to_stage_id, stage.outcome, stage.position
    FROM opportunities_stagechange change
    JOIN opportunities_pipelinestage stage ON stage.id = change.to_stage_id
    WHERE change.known_at <= %(as_of)s AND (change.occurred_at IS NULL OR change.occurred_at <= %(as_of)s) AND {among}
), standing AS (
    SELECT DISTINCT ON (opportunity_id) opportunity_id, to_stage_id AS stage_id, outcome, occurred_at
    FROM stage_move ORDER BY opportunity_id, id DESC
)
"""
# Where the cycle of each pipeline starts: the stage marked so, else its first.
CYCLE = """
cycle AS (
    SELECT pipeline_id, coalesce(min(position) FILTER (WHERE starts_cycle), min(position)) AS position
    FROM opportunities_pipelinestage WHERE outcome = 'open' GROUP BY pipeline_id
), cycle_start AS (
    SELECT DISTINCT ON (stage_move.opportunity_id) stage_move.opportunity_id, stage_move.occurred_at
    FROM stage_move
    JOIN opportunities_pipelinestage stage ON stage.id = stage_move.to_stage_id
    JOIN cycle ON cycle.pipeline_id = stage.pipeline_id AND stage.position >= cycle.position
    WHERE stage.outcome = 'open'
    ORDER BY stage_move.opportunity_id, stage_move.id
)
"""
JOINS = sql.SQL("""
LEFT JOIN opportunities_pipeline pipeline ON pipeline.id = counted.pipeline_id
LEFT JOIN accounts_product product ON product.id = counted.product_id
LEFT JOIN accounts_account account ON account.id = counted.account_id
LEFT JOIN leads_leadsource source ON source.id = counted.source_id
LEFT JOIN leads_campaign campaign ON campaign.id = counted.campaign_id
""")
IN_PERIOD = sql.SQL(
    "((%(start)s::timestamptz IS NULL OR {moment} >= %(start)s) AND (%(end)s::timestamptz IS NULL OR {moment} < %(end)s))"
)


def in_period(moment: str) -> sql.Composable:
    """Condition: the moment lies in the period asked for. An unknown moment lies in no period, and in none asked for."""
    return IN_PERIOD.format(moment=sql.SQL(moment))


def standing(asked: Asked) -> sql.Composable:
    """`stage_move`, and `standing`: where each deal stands."""
    return sql.SQL(STANDING).format(among=among(asked, "change.opportunity_id", "deal"))


def deals_at(asked: Asked) -> sql.Composable:
    """`deal`: the deals of the reader as they stood, without those whose conversion was undone by then."""
    where = sql.SQL("{} AND {}").format(asked.scope.of_deals(), sql.SQL(NOT_UNDONE))
    return fields_at(asked, "deal", "opportunities_opportunity", "opportunities_opportunityhistory", FIELDS, where)


def deal_ctes(asked: Asked, *more: str) -> sql.Composable:
    """`deal`, who held it, and the CTEs named in `more`, as texts."""
    changes = "opportunities_opportunityownerchange"
    held = held_by(changes, "opportunity_id", among(asked, f"{changes}.opportunity_id", "deal"))
    return sql.SQL(", ").join([deals_at(asked), sql.SQL(PEOPLE), held, standing(asked), *map(sql.SQL, more)])
