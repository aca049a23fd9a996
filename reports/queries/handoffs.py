"""Hand-offs: what sales did with the leads that marketing offered, how fast, and why some came back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from django.utils.translation import gettext_lazy as _
from psycopg2 import sql

from reports.asked import Asked, View
from reports.queries.deals import in_period
from reports.queries.dimensions import CAMPAIGN, MONTH, PEOPLE, QUARTER, SOURCE, WHO, dimension, held_by, keyed
from reports.queries.history import fields_at
from reports.queries.leads import FIELDS as LEAD_FIELDS
from reports.queries.leads import JOINS as LEAD_JOINS
from reports.queries.statement import Statement
from reports.queries.wins import spread, spread_figures
from reports.rates import Rate, Spread

# A hand-off stands where its newest known move took it. Comments are moves from a state to itself.
STATES = """
handoff_move AS (
    SELECT id, handoff_id, occurred_at, from_state, to_state, team_id, reason_id, by_id FROM leads_handoffchange
    WHERE known_at <= %(as_of)s AND (occurred_at IS NULL OR occurred_at <= %(as_of)s)
), stood AS (
    SELECT DISTINCT ON (handoff_id) handoff_id, to_state AS state FROM handoff_move ORDER BY handoff_id, id DESC
), decided AS (
    SELECT DISTINCT ON (handoff_id) handoff_id, occurred_at, reason_id, by_id
    FROM handoff_move WHERE from_state <> to_state AND to_state NOT IN ('review', 'offered') ORDER BY handoff_id, id DESC
), queued AS (
    SELECT handoff_id, team_id, CASE WHEN row_number() OVER in_order = 1 THEN '-infinity' ELSE since END AS since,
        coalesce(lead(since) OVER in_order, 'infinity') AS until
    FROM (SELECT id, handoff_id, team_id, coalesce(occurred_at, '-infinity') AS since FROM handoff_move) moved
    WINDOW in_order AS (PARTITION BY handoff_id ORDER BY since, id)
)
"""
JOINS = LEAD_JOINS + sql.SQL("""
LEFT JOIN leads_rejectionreason reason ON reason.id = counted.reason_id
LEFT JOIN users_user decider ON decider.id = counted.decided_by_id
""")
# The team is the one whose queue the hand-off stood in at the moment, not the owner's.
PEOPLE_JOINS = sql.SQL("""
LEFT JOIN held ON held.subject_id = counted.subject_id
    AND held.since <= counted.attributed_at AND counted.attributed_at < held.until
CROSS JOIN LATERAL (SELECT CASE WHEN held.subject_id IS NULL THEN counted.owner_id ELSE held.owner_id END AS owner_id) holder
LEFT JOIN users_user person ON person.id = holder.owner_id
CROSS JOIN LATERAL (SELECT counted.queued_team_id AS team_id) at_work
LEFT JOIN users_team team ON team.id = at_work.team_id
LEFT JOIN management ON management.team_id = at_work.team_id
    AND management.since <= counted.attributed_at AND counted.attributed_at < management.until
LEFT JOIN users_user boss ON boss.id = management.manager_id
LEFT JOIN region ON region.team_id = at_work.team_id
""")
OF_HANDOFFS = keyed(
    SOURCE,
    CAMPAIGN,
    dimension("persona", _("Persona"), "persona.code", "persona.name"),
    *WHO,
    dimension("context", _("Sales context"), "context.code", "context.name"),
    dimension("sector", _("Sector"), "counted.industry"),
    dimension("reason", _("Rejection reason"), "reason.code", "reason.label"),
    dimension("decider", _("Decided by"), "counted.decided_by_id::text", "decider.name"),
    MONTH,
    QUARTER,
)

OFFER = sql.SQL("part = 'offer' AND state NOT IN ('review', 'returned')")
DECISION = sql.SQL("part = 'decision' AND state IN ('accepted', 'rejected', 'recycled')")
ON_TIME = sql.SQL("{} AND decided_at <= accept_due").format(DECISION)
# Decided with a clock running, or let run out undecided.
TIMED = sql.SQL(
    "((part = 'decision' AND state IN ('accepted', 'rejected', 'recycled') AND accept_due IS NOT NULL)"
    " OR (part = 'offer' AND state = 'offered' AND accept_due < %(as_of)s))"
)


def in_state(part: str, state: str) -> sql.Composable:
    return sql.SQL("part = {} AND state = {}").format(sql.Literal(part), sql.Literal(state))


CONDITIONS = {
    "offered": OFFER,
    "waiting": in_state("offer", "offered"),
    "accepted": in_state("decision", "accepted"),
    "rejected": in_state("decision", "rejected"),
    "recycled": in_state("decision", "recycled"),
    "withdrawn": in_state("decision", "withdrawn"),
    "in_review": in_state("offer", "review"),
    "returned": in_state("decision", "returned"),
    "decided": DECISION,
    "on_time": ON_TIME,
    "timed": TIMED,
}


@dataclass(frozen=True, slots=True)
class Handoffs:
    """Hand-offs by what became of them."""

    offered: int
    accepted: int
    rejected: int
    recycled: int
    withdrawn: int
    waiting: int
    in_review: int
    returned: int
    acceptance: Rate
    sla_kept: Rate
    hours_to_decision: Spread

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Self:
        counts = ("offered", "accepted", "rejected", "recycled", "withdrawn", "waiting", "in_review", "returned")
        return cls(
            **{name: row[name] for name in counts},
            acceptance=Rate(row["accepted"], row["decided"]),
            sla_kept=Rate(row["on_time"], row["timed"]),
            hours_to_decision=spread(row, "hours_to_decision"),
        )


def handoff(asked: Asked) -> Statement:
    """What became of hand-offs; acceptance = accepted / decided, and decided is accepted, rejected or recycled.

    A withdrawn one counts as neither, a returned one is in no rate (decisions.md 14, 15). Cohort: those offered in the
    period. Period: offers and decisions, each by its own date.
    """
    cohort = asked.view is View.COHORT
    held = held_by("leads_ownerchange", "lead_id", sql.SQL("TRUE"))
    # Whose lead it is decides nothing here: the hand-off's own scope does.
    lead = fields_at(asked, "lead", "leads_lead", "leads_leadhistory", LEAD_FIELDS, sql.SQL("TRUE"))
    offer_moment = sql.SQL("record.offered_at")
    decision_moment = offer_moment if cohort else sql.SQL("decided.occurred_at")
    rows = [
        sql.SQL(
            "SELECT lead.*, record.id AS record_id, record.lead_id AS subject_id, queued.team_id AS queued_team_id, record.accept_due,"
            " {part} AS part, stood.state, decided.occurred_at AS decided_at, decided.reason_id, decided.by_id AS decided_by_id,"
            " (extract(epoch FROM decided.occurred_at - record.offered_at) / 3600)::float8 AS hours,"
            " {moment} AS moment, coalesce({moment}, %(as_of)s) AS attributed_at"
            " FROM leads_handoff record JOIN stood ON stood.handoff_id = record.id JOIN lead ON lead.id = record.lead_id"
            " LEFT JOIN decided ON decided.handoff_id = record.id AND stood.state NOT IN ('review', 'offered')"
            " JOIN queued ON queued.handoff_id = record.id AND queued.since <= coalesce({moment}, %(as_of)s)"
            " AND coalesce({moment}, %(as_of)s) < queued.until"
            " WHERE {scope} AND {in_period} AND {known}"
        ).format(
            part=sql.Literal(part),
            moment=moment,
            scope=asked.scope.of_handoffs(),
            in_period=in_period("record.offered_at" if moment is offer_moment else "decided.occurred_at"),
            known=sql.SQL("TRUE" if part == "offer" else "stood.state NOT IN ('review', 'offered')"),
        )
        for part, moment in (("offer", offer_moment), ("decision", decision_moment))
    ]
    return Statement(
        ctes=sql.SQL(", ").join([lead, sql.SQL(PEOPLE), held, sql.SQL(STATES)]),
        counted=sql.SQL(" UNION ALL ").join(rows),
        joins=JOINS,
        people=PEOPLE_JOINS,
        dimensions=OF_HANDOFFS,
        figures={
            **{name: sql.SQL("count(*) FILTER (WHERE {})").format(condition) for name, condition in CONDITIONS.items()},
            **spread_figures("hours_to_decision", "hours", DECISION),
        },
        conditions=CONDITIONS,
    )
