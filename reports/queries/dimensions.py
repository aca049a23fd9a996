"""By what a report can be divided and filtered: each dimension with its key and its label.

A number belongs to the owner, team, manager and region at the moment of the move it counts (`attributed_at`), never
to those of today (decisions.md 21).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from psycopg2 import sql

from reports.asked import Asked


@dataclass(frozen=True, slots=True)
class Dimension:
    code: str
    title: str | Promise
    key: sql.Composable  # text; NULL or '' is the empty group
    label: sql.Composable
    # What its groups are ordered by, where they have an order of their own: months, stages.
    position: sql.Composable | None = None


def dimension(
    code: str, title: str | Promise, key: str, label: str | None = None, *, position: str | None = None
) -> Dimension:
    """A dimension from the constant texts of its expressions; the label is the key where none is given."""
    return Dimension(code, title, sql.SQL(key), sql.SQL(label or key), sql.SQL(position) if position else None)


def in_time(code: str, title: str | Promise, key: str) -> Dimension:
    """A dimension whose groups stand in order of time."""
    return dimension(code, title, key, position=key)


def keyed(*dimensions: Dimension) -> Mapping[str, Dimension]:
    return {one.code: one for one in dimensions}


MONTH = in_time("month", _("Month"), "to_char(counted.moment AT TIME ZONE %(zone)s, 'YYYY-MM')")
QUARTER = in_time("quarter", _("Quarter"), "to_char(counted.moment AT TIME ZONE %(zone)s, 'YYYY\"Q\"Q')")
OWNER = dimension("owner", _("Owner"), "holder.owner_id::text", "person.name")
TEAM = dimension("team", _("Team"), "at_work.team_id::text", "team.name")
MANAGER = dimension("manager", _("Manager"), "management.manager_id::text", "boss.name")
REGION = dimension("region", _("Region"), "region.root_id::text", "region.name")
WHO = (OWNER, TEAM, MANAGER, REGION)
SOURCE = dimension("source", _("Source"), "source.code", "source.name")
CAMPAIGN = dimension("campaign", _("Campaign"), "campaign.code", "campaign.name")

OF_LEADS = keyed(
    SOURCE,
    CAMPAIGN,
    dimension("persona", _("Persona"), "persona.code", "persona.name"),
    *WHO,
    dimension("context", _("Sales context"), "context.code", "context.name"),
    dimension("sector", _("Sector"), "counted.industry"),
    dimension("country", _("Country"), "counted.country"),
    MONTH,
    QUARTER,
)
OF_DEALS = keyed(
    *WHO,
    dimension("pipeline", _("Pipeline"), "pipeline.code", "pipeline.name"),
    dimension("product", _("Product"), "product.code", "product.name"),
    dimension("series", _("Product series"), "product.series"),
    dimension("sector", _("Sector"), "account.industry"),
    dimension("country", _("Country"), "account.country"),
    SOURCE,
    CAMPAIGN,
    dimension("account", _("Account"), "counted.account_id::text", "account.name"),
    # Of what it was won with, else of what is expected.
    dimension("currency", _("Currency"), "coalesce(NULLIF(counted.won_currency, ''), counted.currency)"),
    MONTH,
    QUARTER,
)

# Who held a record at a moment. `owner_change` is the room's own table, put in below as `held`.
PEOPLE = """
membership AS (
    SELECT user_id, team_id, since, coalesce(lead(since) OVER in_order, 'infinity') AS until
    FROM (
        SELECT id, user_id, team_id, coalesce(occurred_at, '-infinity') AS since FROM users_membership
        WHERE known_at <= %(as_of)s AND (occurred_at IS NULL OR occurred_at <= %(as_of)s)
    ) known
    WINDOW in_order AS (PARTITION BY user_id ORDER BY since, id)
), management AS (
    SELECT team_id, manager_id, since, coalesce(lead(since) OVER in_order, 'infinity') AS until
    FROM (
        SELECT id, team_id, manager_id, coalesce(occurred_at, '-infinity') AS since FROM users_management
        WHERE known_at <= %(as_of)s AND (occurred_at IS NULL OR occurred_at <= %(as_of)s)
    ) known
    WINDOW in_order AS (PARTITION BY team_id ORDER BY since, id)
), region AS (
    SELECT id AS team_id, id AS root_id, name FROM users_team WHERE parent_id IS NULL
    UNION ALL
    SELECT child.id, region.root_id, region.name FROM users_team child JOIN region ON child.parent_id = region.team_id
)
"""
# The first known owner holds from the beginning; without any known change, the record's own owner does.
HELD = """
held AS (
    SELECT subject_id, owner_id, team_id,
        CASE WHEN row_number() OVER in_order = 1 THEN '-infinity' ELSE since END AS since,
        coalesce(lead(since) OVER in_order, 'infinity') AS until
    FROM (
        SELECT id, {subject} AS subject_id, owner_id, team_id, coalesce(occurred_at, '-infinity') AS since FROM {changes}
        WHERE known_at <= %(as_of)s AND (occurred_at IS NULL OR occurred_at <= %(as_of)s) AND {among}
    ) known
    WINDOW in_order AS (PARTITION BY subject_id ORDER BY since, id)
)
"""


def held_by(changes: str, subject: str, condition: sql.Composable) -> sql.Composable:
    """The CTE `held`: who held each record from when to when, from the room's table of owner changes."""
    return sql.SQL(HELD).format(subject=sql.Identifier(subject), changes=sql.Identifier(changes), among=condition)


def among(asked: Asked, column: str, records: str) -> sql.Composable:
    """Condition that keeps the facts of the reader's own records, so that a representative's report reads no others.

    Whoever sees everything needs no such look-up.
    """
    if asked.scope.user is None:
        return sql.SQL("TRUE")
    return sql.SQL("{} IN (SELECT id FROM {})").format(sql.Identifier(*column.split(".")), sql.Identifier(records))


JOIN_PEOPLE = sql.SQL("""
LEFT JOIN held ON held.subject_id = counted.subject_id
    AND held.since <= counted.attributed_at AND counted.attributed_at < held.until
CROSS JOIN LATERAL (SELECT
    CASE WHEN held.subject_id IS NULL THEN counted.owner_id ELSE held.owner_id END AS owner_id,
    CASE WHEN held.subject_id IS NULL THEN counted.team_id ELSE held.team_id END AS team_id
) holder
LEFT JOIN users_user person ON person.id = holder.owner_id
LEFT JOIN membership ON membership.user_id = holder.owner_id
    AND membership.since <= counted.attributed_at AND counted.attributed_at < membership.until
CROSS JOIN LATERAL (
    SELECT CASE WHEN membership.user_id IS NULL THEN holder.team_id ELSE membership.team_id END AS team_id
) at_work
LEFT JOIN users_team team ON team.id = at_work.team_id
LEFT JOIN management ON management.team_id = at_work.team_id
    AND management.since <= counted.attributed_at AND counted.attributed_at < management.until
LEFT JOIN users_user boss ON boss.id = management.manager_id
LEFT JOIN region ON region.team_id = at_work.team_id
""")
