"""What is missing or contradicts itself in the records: real, kept, and listed so that somebody can mend it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from psycopg2 import sql

from reports.asked import Asked
from reports.queries.deals import CYCLE, deals_at, standing
from reports.queries.history import fields_at
from reports.queries.leads import FIELDS as LEAD_FIELDS
from reports.queries.leads import lifecycle
from reports.queries.statement import Statement
from users.models import Role


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that can be wrong: which records, and how it shows."""

    code: str
    record: str  # lead, deal or account
    label: str | Promise
    records: str  # SELECT of their ids


# A date is in contradiction where it lies before that of a move recorded earlier.
CHECKS = (
    Check("won_before_contact", "lead", _("Won before the first contact"), """
        SELECT DISTINCT lead.id FROM lead JOIN reached ON reached.lead_id = lead.id AND reached.step = 6
        WHERE reached.occurred_at < lead.created_at"""),
    Check("lead_dates", "lead", _("Moves of a lead whose dates contradict each other"), """
        SELECT DISTINCT lead_id FROM (
            SELECT lead_move.lead_id, lead_move.occurred_at < max(lead_move.occurred_at) OVER (
                PARTITION BY lead_move.lead_id ORDER BY lead_move.id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ) AS backwards
            FROM lead_move JOIN lead ON lead.id = lead_move.lead_id
        ) move WHERE backwards"""),
    Check("deal_dates", "deal", _("Moves of a deal whose dates contradict each other"), """
        SELECT DISTINCT opportunity_id FROM (
            SELECT stage_move.opportunity_id, stage_move.occurred_at < max(stage_move.occurred_at) OVER (
                PARTITION BY stage_move.opportunity_id ORDER BY stage_move.id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ) AS backwards
            FROM stage_move JOIN deal ON deal.id = stage_move.opportunity_id
        ) move WHERE backwards"""),
    Check("closed_before_created", "deal", _("Deals closed before they were created or began"), """
        SELECT deal.id FROM deal JOIN standing ON standing.opportunity_id = deal.id
        LEFT JOIN cycle_start ON cycle_start.opportunity_id = deal.id
        WHERE standing.outcome <> 'open'
            AND (standing.occurred_at < deal.created_at OR standing.occurred_at < cycle_start.occurred_at)"""),
    Check("won_without_amount", "deal", _("Won deals without an amount"), """
        SELECT deal.id FROM deal JOIN standing ON standing.opportunity_id = deal.id
        WHERE standing.outcome = 'won' AND deal.won_amount IS NULL"""),
    Check("deals_without_account", "deal", _("Deals without an account"), "SELECT id FROM deal WHERE account_id IS NULL"),
    Check("accounts_without_manager", "account", _("Prospects and customers without an account manager"), """
        SELECT account.id FROM accounts_account account JOIN accounts_accounttype type ON type.id = account.type_id
        WHERE type.kind IN ('prospect', 'customer') AND account.manager_id IS NULL AND account.archived_at IS NULL
            AND account.recorded_at <= %(as_of)s"""),
    Check("told_dates", "lead", _("Leads whose later step is dated before an earlier one"), """
        SELECT DISTINCT lead_id FROM (
            SELECT lead_id, day < max(day) OVER (
                PARTITION BY checklist_id ORDER BY position ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ) AS backwards
            FROM (
                SELECT DISTINCT ON (answer.checklist_id, answer.question_id) answer.checklist_id, checklist.lead_id,
                    question.position, coalesce(answer.happened_on, answer.date) AS day
                FROM leads_answer answer
                JOIN scoring_question question ON question.id = answer.question_id AND question.kind IN ('date', 'decision_date')
                JOIN leads_checklist checklist ON checklist.id = answer.checklist_id
                JOIN lead ON lead.id = checklist.lead_id
                -- Of the version of the questions that the checklist had then.
                LEFT JOIN LATERAL (
                    SELECT from_set_id FROM leads_setchange change
                    WHERE change.checklist_id = checklist.id AND change.known_at > %(as_of)s ORDER BY change.id LIMIT 1
                ) later ON true
                WHERE question.question_set_id = coalesce(later.from_set_id, checklist.question_set_id)
                    AND answer.known_at <= %(as_of)s AND (answer.occurred_at IS NULL OR answer.occurred_at <= %(as_of)s)
                ORDER BY answer.checklist_id, answer.question_id, answer.id DESC
            ) told
        ) step WHERE backwards"""),
    Check("leads_without_team", "lead", _("Leads without a team"), "SELECT id FROM lead WHERE team_id IS NULL"),
    Check("leads_without_owner", "lead", _("Leads without an owner"), "SELECT id FROM lead WHERE owner_id IS NULL"),
    Check("leads_without_source", "lead", _("Leads without a source"), "SELECT id FROM lead WHERE source_id IS NULL"),
    Check("lead_dates_unknown", "lead", _("Leads created or moved on an unknown date"), """
        SELECT id FROM lead WHERE created_at IS NULL
            OR id IN (SELECT lead_id FROM lead_move WHERE occurred_at IS NULL)"""),
    Check("deal_dates_unknown", "deal", _("Deals created or moved on an unknown date"), """
        SELECT id FROM deal WHERE created_at IS NULL
            OR id IN (SELECT opportunity_id FROM stage_move WHERE occurred_at IS NULL)"""),
)  # fmt: skip
BY_CODE = {check.code: check for check in CHECKS}


@dataclass(frozen=True, slots=True)
class Quality:
    """One check and how many records fail it."""

    check: str
    what: str
    records: int

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Self:
        return cls(row["check"], str(BY_CODE[row["check"]].label), row["records"])


def data_quality(asked: Asked) -> Statement:
    """The records that fail each check, as of the moment. Accounts have no team: representatives do not see their check."""
    user = asked.scope.user
    shown = [
        check
        for check in CHECKS
        if user is None
        or (
            check.record == "account"
            if user.role == Role.CUSTOMER_SUCCESS
            else check.record != "account" or user.role == Role.MANAGER
        )
    ]
    found = sql.SQL(" UNION ALL ").join(
        sql.SQL(
            "SELECT {position} AS check_position, {code}::text AS check, found.id AS record_id"
            " FROM (SELECT 1) once LEFT JOIN ({records}) found (id) ON TRUE"
        ).format(position=sql.Literal(position), code=sql.Literal(check.code), records=sql.SQL(check.records))
        for position, check in enumerate(shown)
    )
    return Statement(
        ctes=sql.SQL(", ").join(
            [
                fields_at(asked, "lead", "leads_lead", "leads_leadhistory", LEAD_FIELDS, asked.scope.of_leads()),
                deals_at(asked),
                lifecycle(asked),
                standing(asked),
                sql.SQL(CYCLE),
            ]
        ),
        counted=found,
        joins=sql.SQL(""),
        dimensions={},
        split=("check_position", "check"),
        figures={"records": sql.SQL("count(record_id)")},
        conditions={"records": sql.SQL("record_id IS NOT NULL")},
    )
