"""What is compared: each check is one SELECT of rows that differ, and one that counts the rows compared."""

from dataclasses import dataclass

from psycopg2 import sql

from reports.verification.scores import COMPARED


@dataclass(frozen=True, slots=True)
class Check:
    """`differing` yields (key, sentence) a row; `counted` yields one number."""

    table: str
    counted: str
    differing: str | sql.Composable


def _differing_scores() -> sql.Composable:
    """Names the columns that differ of each score; engagement may differ by its rounding."""
    tests = [
        sql.SQL(
            "CASE WHEN abs(score.{column} - rebuilt.{column}) > 0.1 THEN {name} END"
            if name == "engagement"
            else "CASE WHEN score.{column} IS DISTINCT FROM rebuilt.{column} THEN {name} END"
        ).format(column=sql.Identifier(name), name=sql.Literal(name))
        for name in COMPARED
    ]
    return sql.SQL(
        "SELECT checklist_id, 'differs in ' || names FROM (SELECT score.checklist_id, concat_ws(', ', {tests}) AS names"
        " FROM leads_score score JOIN rebuilt USING (checklist_id)) compared WHERE names <> ''"
    ).format(tests=sql.SQL(", ").join(tests))


CHECKS = (
    Check(
        "leads_score",
        "SELECT count(*) FROM leads_score JOIN rebuilt USING (checklist_id)",
        _differing_scores(),
    ),
    Check(
        "leads_score (one for each checklist)",
        "SELECT count(*) FROM leads_checklist",
        """SELECT checklist.id, 'has no score' FROM leads_checklist checklist
           LEFT JOIN leads_score score ON score.checklist_id = checklist.id WHERE score.checklist_id IS NULL""",
    ),
    Check(
        "leads_score (columns copied from the lead)",
        "SELECT count(*) FROM leads_score WHERE lead_id IS NOT NULL",
        """SELECT score.checklist_id, 'owner, team, stage, source, campaign, persona, context or listing is not the lead''s'
           FROM leads_score score JOIN leads_checklist checklist ON checklist.id = score.checklist_id
           JOIN leads_lead lead ON lead.id = checklist.lead_id
           WHERE (score.lead_id, score.context_id, score.owner_id, score.team_id, score.stage, score.source_id,
                  score.campaign_id, score.persona_id, score.listed)
                 IS DISTINCT FROM
                 (lead.id, checklist.context_id, lead.owner_id, lead.team_id, lead.stage, lead.source_id,
                  lead.campaign_id, lead.persona_id, lead.context_id = checklist.context_id AND lead.archived_at IS NULL)""",
    ),
    Check(
        "leads_score.due_at",
        "SELECT count(*) FROM leads_score JOIN rebuilt USING (checklist_id)",
        """SELECT checklist_id, 'comes due after time has turned something' FROM leads_score score
           JOIN rebuilt USING (checklist_id)
           WHERE coalesce(score.due_at, 'infinity') > coalesce(rebuilt.due_latest, 'infinity') OR rebuilt.turns_early""",
    ),
    Check(
        "leads_score (facts that are newer than the score)",
        "SELECT count(*) FROM leads_score",
        """SELECT score.checklist_id, newer.fact || ' came in after it was scored' FROM leads_score score
           CROSS JOIN LATERAL (
               SELECT 'an answer' AS fact FROM leads_answer fact
               WHERE fact.checklist_id = score.checklist_id AND fact.recorded_at > score.scored_at
               UNION ALL
               SELECT 'an override' FROM leads_override fact
               WHERE fact.checklist_id = score.checklist_id AND fact.recorded_at > score.scored_at
               UNION ALL
               SELECT 'another version of its questions' FROM leads_setchange fact
               WHERE fact.checklist_id = score.checklist_id AND fact.recorded_at > score.scored_at
               UNION ALL
               SELECT 'behaviour' FROM leads_behaviourevent fact
               WHERE fact.lead_id = score.lead_id AND fact.recorded_at > score.scored_at
               UNION ALL
               -- Of what rules may ask: a lead's account or wake date changes no score.
               SELECT 'an edit of the lead' FROM leads_leadhistory fact JOIN leads_lead lead ON lead.id = fact.pgh_obj_id
               WHERE fact.pgh_obj_id = score.lead_id AND fact.pgh_created_at > score.scored_at
                 AND (fact.company, fact.title, fact.seniority, fact.department, fact.industry, fact.employees,
                      fact.revenue, fact.country, fact.city, fact.preferred_channel, fact.email, fact.attributes,
                      fact.source_id, fact.campaign_id, fact.persona_id, fact.context_id)
                     IS DISTINCT FROM
                     (lead.company, lead.title, lead.seniority, lead.department, lead.industry, lead.employees,
                      lead.revenue, lead.country, lead.city, lead.preferred_channel, lead.email, lead.attributes,
                      lead.source_id, lead.campaign_id, lead.persona_id, lead.context_id)
               UNION ALL
               SELECT 'a two-way touch' FROM leads_checklist other
               JOIN leads_activity fact ON fact.checklist_id = other.id AND fact.two_way
               WHERE other.lead_id = score.lead_id AND fact.recorded_at > score.scored_at
               LIMIT 1) newer""",
    ),
    Check(
        "leads_checklist.question_set",
        "SELECT count(*) FROM leads_checklist",
        """SELECT checklist.id, 'its question set is not its newest change''s' FROM leads_checklist checklist
           JOIN LATERAL (SELECT to_set_id FROM leads_setchange change WHERE change.checklist_id = checklist.id
                         ORDER BY change.id DESC LIMIT 1) newest ON true
           WHERE checklist.question_set_id <> newest.to_set_id""",
    ),
    Check(
        "leads_engagementsum",
        "SELECT count(*) FROM leads_engagementsum",
        """WITH newest AS (
               SELECT lead_id, kind, max(occurred_at) AS at FROM leads_behaviourevent GROUP BY lead_id, kind
           ),
           summed AS (
               SELECT kept.id, newest.at,
                      -- Below exp(-745) PostgreSQL says "underflow"; nothing is left there either way.
                      sum(exp(greatest(-690, -ln(2::float8) * extract(epoch FROM newest.at - event.occurred_at)::float8
                                             / 86400 / kept.half_life_days))) AS units
               FROM leads_engagementsum kept
               JOIN newest ON newest.lead_id = kept.lead_id AND newest.kind = kept.kind
               JOIN leads_behaviourevent event ON event.lead_id = kept.lead_id AND event.kind = kept.kind
               GROUP BY kept.id, newest.at
           )
           SELECT kept.id, 'is not the sum over the events' FROM leads_engagementsum kept
           LEFT JOIN summed ON summed.id = kept.id
           WHERE summed.id IS NULL OR kept.anchor <> summed.at
              OR abs(kept.units - summed.units) > 1e-9 * greatest(1, summed.units)""",
    ),
    Check(
        "leads_engagementsum (one for each lead, kind and half-life)",
        """SELECT count(*) FROM (SELECT DISTINCT lead_id, kind FROM leads_behaviourevent) told""",
        """SELECT told.lead_id, 'has no kept sum of ' || told.kind
           FROM (SELECT DISTINCT lead_id, kind FROM leads_behaviourevent) told
           JOIN (SELECT DISTINCT kind.kind, kind.half_life FROM policy_kind kind
                 JOIN (SELECT DISTINCT ON (context_id) id FROM scoring_policy WHERE in_force_from <= clock_timestamp()
                       ORDER BY context_id, in_force_from DESC, id DESC) policy ON policy.id = kind.policy_id) kind
             ON kind.kind = told.kind
           LEFT JOIN leads_engagementsum kept
             ON kept.lead_id = told.lead_id AND kept.kind = told.kind AND kept.half_life_days = kind.half_life
           WHERE kept.id IS NULL
             AND NOT EXISTS (SELECT FROM users_dirty WHERE kind = 'sums')  -- still being made; pending rows say so
           """,
    ),
    Check(
        "leads_lead.stage",
        "SELECT count(*) FROM leads_lead",
        """SELECT lead.id, 'stage ' || lead.stage || ' is not its newest move''s' FROM leads_lead lead
           LEFT JOIN LATERAL (SELECT to_stage, occurred_at FROM leads_lifecyclechange change
                              WHERE change.lead_id = lead.id ORDER BY id DESC LIMIT 1) newest ON true
           WHERE (lead.stage, lead.stage_since) IS DISTINCT FROM (newest.to_stage, newest.occurred_at)""",
    ),
    Check(
        "leads_lead.nurture_until",
        "SELECT count(*) FROM leads_lead WHERE stage = 'nurture'",
        """SELECT lead.id, 'wake date is not its newest move''s' FROM leads_lead lead
           LEFT JOIN LATERAL (SELECT nurture_until FROM leads_lifecyclechange change
                              WHERE change.lead_id = lead.id ORDER BY id DESC LIMIT 1) newest ON true
           WHERE lead.stage = 'nurture' AND lead.nurture_until IS DISTINCT FROM newest.nurture_until""",
    ),
    Check(
        "leads_lead.owner",
        "SELECT count(*) FROM leads_lead",
        """SELECT lead.id, 'owner or team is not its newest change''s' FROM leads_lead lead
           LEFT JOIN LATERAL (SELECT owner_id, team_id FROM leads_ownerchange change
                              WHERE change.lead_id = lead.id ORDER BY id DESC LIMIT 1) newest ON true
           WHERE (lead.owner_id, lead.team_id) IS DISTINCT FROM (newest.owner_id, newest.team_id)""",
    ),
    Check(
        "leads_handoff.state",
        "SELECT count(*) FROM leads_handoff",
        """SELECT handoff.id, 'state ' || handoff.state || ' is not its newest change''s' FROM leads_handoff handoff
           LEFT JOIN LATERAL (SELECT to_state FROM leads_handoffchange change
                              WHERE change.handoff_id = handoff.id ORDER BY id DESC LIMIT 1) newest ON true
           WHERE handoff.state IS DISTINCT FROM newest.to_state""",
    ),
    Check(
        "leads_handoff.team",
        "SELECT count(*) FROM leads_handoff",
        """SELECT handoff.id, 'team is not its newest change''s' FROM leads_handoff handoff
           LEFT JOIN LATERAL (SELECT team_id FROM leads_handoffchange change
                              WHERE change.handoff_id = handoff.id ORDER BY id DESC LIMIT 1) newest ON true
           WHERE handoff.team_id IS DISTINCT FROM newest.team_id""",
    ),
    Check(
        "leads_handoff.offered_at",
        "SELECT count(*) FROM leads_handoff",
        """SELECT handoff.id, 'was not offered when its first change says' FROM leads_handoff handoff
           LEFT JOIN LATERAL (SELECT occurred_at FROM leads_handoffchange change
                              WHERE change.handoff_id = handoff.id ORDER BY id LIMIT 1) oldest ON true
           WHERE handoff.offered_at IS DISTINCT FROM oldest.occurred_at""",
    ),
    Check(
        "leads_handoff (its decision)",
        "SELECT count(*) FROM leads_handoff WHERE decided_at IS NOT NULL",
        """SELECT handoff.id, 'when, who, reason or note is not its decision''s' FROM leads_handoff handoff
           LEFT JOIN LATERAL (SELECT occurred_at, by_id, reason_id, note FROM leads_handoffchange change
                              WHERE change.handoff_id = handoff.id AND from_state <> to_state
                                AND to_state NOT IN ('review', 'offered') ORDER BY id DESC LIMIT 1) decision ON true
           WHERE (handoff.decided_at, handoff.decided_by_id, handoff.reason_id, handoff.note)
                 IS DISTINCT FROM
                 (decision.occurred_at, decision.by_id, decision.reason_id, coalesce(decision.note, ''))""",
    ),
    Check(
        "leads_handoff.recycle_until",
        "SELECT count(*) FROM leads_handoff WHERE state = 'recycled'",
        """SELECT handoff.id, 'wakes the lead on another day than its move says' FROM leads_handoff handoff
           JOIN leads_lifecyclechange change ON change.lead_id = handoff.lead_id AND change.from_stage = 'mql'
            AND change.to_stage = 'nurture' AND change.occurred_at = handoff.decided_at
           WHERE handoff.state = 'recycled' AND change.nurture_until IS DISTINCT FROM handoff.recycle_until
              OR handoff.state <> 'recycled' AND handoff.recycle_until IS NOT NULL""",
    ),
    Check(
        "opportunities_opportunity.stage",
        "SELECT count(*) FROM opportunities_opportunity",
        """SELECT deal.id, 'stage or its date is not the newest move''s' FROM opportunities_opportunity deal
           LEFT JOIN LATERAL (SELECT to_stage_id, occurred_at FROM opportunities_stagechange change
                              WHERE change.opportunity_id = deal.id ORDER BY id DESC LIMIT 1) newest ON true
           WHERE (deal.stage_id, deal.stage_since) IS DISTINCT FROM (newest.to_stage_id, newest.occurred_at)""",
    ),
    Check(
        "opportunities_opportunity.closed_at",
        "SELECT count(*) FROM opportunities_opportunity",
        """SELECT deal.id, 'was not closed when its newest move says' FROM opportunities_opportunity deal
           LEFT JOIN LATERAL (SELECT CASE WHEN stage.outcome <> 'open' THEN change.occurred_at END AS at
                              FROM opportunities_stagechange change
                              JOIN opportunities_pipelinestage stage ON stage.id = change.to_stage_id
                              WHERE change.opportunity_id = deal.id ORDER BY change.id DESC LIMIT 1) newest ON true
           WHERE deal.closed_at IS DISTINCT FROM newest.at""",
    ),
    Check(
        "opportunities_opportunity.owner",
        "SELECT count(*) FROM opportunities_opportunity",
        """SELECT deal.id, 'owner or team is not its newest change''s' FROM opportunities_opportunity deal
           LEFT JOIN LATERAL (SELECT owner_id, team_id FROM opportunities_opportunityownerchange change
                              WHERE change.opportunity_id = deal.id ORDER BY id DESC LIMIT 1) newest ON true
           WHERE (deal.owner_id, deal.team_id) IS DISTINCT FROM (newest.owner_id, newest.team_id)""",
    ),
    Check(
        "users_user.team",
        "SELECT count(*) FROM users_user",
        """SELECT person.id, 'team is not the newest membership''s' FROM users_user person
           LEFT JOIN LATERAL (SELECT team_id FROM users_membership membership WHERE membership.user_id = person.id
                              AND (occurred_at IS NULL OR occurred_at <= clock_timestamp())
                              ORDER BY occurred_at DESC NULLS LAST, id DESC LIMIT 1) newest ON true
           WHERE person.team_id IS DISTINCT FROM newest.team_id""",
    ),
    Check(
        "users_team.manager",
        "SELECT count(*) FROM users_team",
        """SELECT team.id, 'manager is not the newest management''s' FROM users_team team
           LEFT JOIN LATERAL (SELECT manager_id FROM users_management management WHERE management.team_id = team.id
                              AND (occurred_at IS NULL OR occurred_at <= clock_timestamp())
                              ORDER BY occurred_at DESC NULLS LAST, id DESC LIMIT 1) newest ON true
           WHERE team.manager_id IS DISTINCT FROM newest.manager_id""",
    ),
)

# Left to the workers: fine for a while, a difference after this long.
PATIENCE_SECONDS = 60
PENDING = """
SELECT 'users_dirty', id, kind || ' ' || key || ' waits'
       || CASE WHEN attempts >= 5 THEN ', given up: ' || error ELSE '' END,
       extract(epoch FROM clock_timestamp() - since)::float8
FROM users_dirty
UNION ALL
SELECT 'leads_score', checklist_id, 'was due ' || due_at, extract(epoch FROM clock_timestamp() - due_at)::float8
FROM leads_score WHERE due_at <= clock_timestamp()
UNION ALL
SELECT 'leads_lead', id, 'should have been woken', extract(epoch FROM clock_timestamp() - nurture_until)::float8 - 86400
FROM leads_lead
WHERE stage = 'nurture' AND archived_at IS NULL
  AND nurture_until < (clock_timestamp() AT TIME ZONE (SELECT zone FROM users_workspace))::date
"""
