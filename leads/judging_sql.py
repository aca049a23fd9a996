"""The text of the judging statement. Braces are filled with composed SQL by leads/judging.py; values are parameters.

Times: a fact counts when it was known at the moment and had happened by then, or nobody knows when it happened
(decisions.md 19). All points are exact (numeric) except engagement, which fades continuously (float8).
"""

# The bounds let a block of checklists read its leads by their index instead of reading all leads.
LEADS_AS_THEY_ARE = """
    SELECT lead.*, %(moment)s AS moment FROM leads_lead lead JOIN asked ON asked.lead_id = lead.id
    WHERE lead.id BETWEEN (SELECT min(lead_id) FROM asked) AND (SELECT max(lead_id) FROM asked)
"""

# The oldest history row later than the moment holds the values of then; without one, the present row does.
LEADS_AS_THEY_WERE = """
    SELECT DISTINCT ON (version.id) version.*, %(moment)s AS moment
    FROM (
        SELECT lead.id, lead.company, lead.title, lead.seniority, lead.department, lead.industry, lead.employees,
               lead.revenue, lead.country, lead.city, lead.preferred_channel, lead.email, lead.attributes,
               lead.source_id, lead.campaign_id, lead.persona_id, lead.context_id, lead.owner_id, lead.team_id,
               lead.archived_at, lead.stage, NULL::bigint AS history_id
        FROM leads_lead lead JOIN asked ON asked.lead_id = lead.id
        UNION ALL
        SELECT was.id, was.company, was.title, was.seniority, was.department, was.industry, was.employees,
               was.revenue, was.country, was.city, was.preferred_channel, was.email, was.attributes,
               was.source_id, was.campaign_id, was.persona_id, was.context_id, was.owner_id, was.team_id,
               was.archived_at, lead.stage, was.pgh_id
        FROM leads_leadhistory was JOIN asked ON asked.lead_id = was.pgh_obj_id
        JOIN leads_lead lead ON lead.id = was.pgh_obj_id
        WHERE was.pgh_created_at > %(moment)s
    ) version
    ORDER BY version.id, version.history_id NULLS LAST
"""

SET_AS_IT_IS = "checklist.question_set_id"
# The oldest change later than the moment names the version that the checklist had then.
SET_AS_IT_WAS = """
    coalesce((SELECT later.from_set_id FROM leads_setchange later
              WHERE later.checklist_id = checklist.id AND later.known_at > %(moment)s ORDER BY later.id LIMIT 1),
             checklist.question_set_id)"""

ENGAGEMENT_FROM_SUMS = """
    -- Of a kind that counts once, the newest event does, and the anchor is its time.
    SELECT kept.lead_id, kind.*, kept.anchor AS latest,
           CASE WHEN kind.once THEN 1 ELSE kept.units END * {left} AS units
    FROM leads_engagementsum kept
    JOIN kinds kind ON kind.kind = kept.kind AND kind.half_life = kept.half_life_days
    WHERE kept.lead_id IN (SELECT lead_id FROM asked)
"""

ENGAGEMENT_FROM_EVENTS = """
    SELECT event.lead_id, kind.*, max(event.occurred_at) AS latest,
           CASE WHEN kind.once THEN max({left}) ELSE sum({left}) END AS units
    FROM leads_behaviourevent event
    JOIN kinds kind ON kind.kind = event.kind
    WHERE event.lead_id IN (SELECT lead_id FROM asked)
      AND event.known_at <= %(moment)s AND event.occurred_at <= %(moment)s
    GROUP BY event.lead_id, kind.kind, kind.points, kind.half_life, kind.cap, kind.hand_raise, kind.once
"""

JUDGED = """
WITH asked AS (
    SELECT checklist.id AS checklist_id, checklist.lead_id, {question_set} AS question_set_id, checklist.context_id
    FROM leads_checklist checklist
    WHERE checklist.context_id = {context} AND {selection}
),
subject AS ({leads}),
rated AS MATERIALIZED (
    SELECT subject.id, {disqualified} AS disqualified, {fit_points} FROM subject
),
weighing (question_set_id, question_id, criterion, weight) AS (VALUES {weighings}),
total (question_set_id, weight, {whole_weights}) AS (VALUES {totals}),
kinds (kind, points, half_life, cap, hand_raise, once) AS (VALUES {kinds}),
current_answer AS (
    -- Of the version that the checklist has: what was said in an earlier one counts by what was carried over from it.
    SELECT DISTINCT ON (answer.checklist_id, answer.question_id)
           answer.id, answer.checklist_id, answer.question_id, answer.choice_id, answer.date, answer.happened_on,
           answer.date_slipped, answer.amount, answer.offer_price, answer.occurred_at, answer.by_id
    FROM leads_answer answer
    JOIN asked ON asked.checklist_id = answer.checklist_id
    JOIN scoring_question question ON question.id = answer.question_id AND question.question_set_id = asked.question_set_id
    WHERE answer.known_at <= %(moment)s AND (answer.occurred_at IS NULL OR answer.occurred_at <= %(moment)s)
    ORDER BY answer.checklist_id, answer.question_id, answer.id DESC
),
valued AS (
    -- Value of an answer: the least of its rating, the date rule, and the rating x amount / price.
    SELECT answer.checklist_id, answer.id AS answer_id, answer.question_id, weighing.criterion, weighing.weight,
           least(
               choice.value,
               CASE
                   WHEN answer.date IS NULL OR answer.happened_on IS NOT NULL THEN 100
                   WHEN answer.date < (%(moment)s AT TIME ZONE %(zone)s)::date THEN 0
                   WHEN answer.date_slipped THEN 50
                   ELSE 100
               END,
               CASE WHEN answer.offer_price > 0 AND answer.amount IS NOT NULL
                    THEN choice.value * least(1, answer.amount / answer.offer_price) END
           )::numeric AS value,
           CASE WHEN answer.happened_on IS NULL
                 AND answer.date >= (%(moment)s AT TIME ZONE %(zone)s)::date THEN answer.date END AS date_ahead
    FROM current_answer answer
    JOIN scoring_choice choice ON choice.id = answer.choice_id
    JOIN weighing ON weighing.question_id = answer.question_id
    WHERE choice.value IS NOT NULL
),
qualified AS (
    SELECT checklist_id, sum(weight) AS weight, sum(weight * value) AS points, min(date_ahead) AS date_ahead,
           {own_sums}
    FROM valued GROUP BY checklist_id
),
fading AS ({engagement}),
engaged AS (
    SELECT lead_id, sum(least(cap, points * units)) AS points,
           min(half_life) AS half_life, bool_or(points < 0) AS has_negative,
           max(latest) FILTER (WHERE hand_raise) AS hand_raise_at
    FROM fading GROUP BY lead_id
),
touched AS (
    SELECT asked.lead_id, max(activity.occurred_at) AS at
    FROM leads_activity activity
    JOIN leads_checklist other ON other.id = activity.checklist_id
    JOIN asked ON asked.lead_id = other.lead_id
    WHERE activity.two_way AND activity.known_at <= %(moment)s AND activity.occurred_at <= %(moment)s
    GROUP BY asked.lead_id
),
champion AS (
    SELECT DISTINCT answer.checklist_id
    FROM current_answer answer JOIN leads_answercontact named ON named.answer_id = answer.id
    WHERE named.champion
),
overridden AS (
    -- The day after an override's last one the lifecycle follows the policy again.
    SELECT override.checklist_id, min(override.until) AS until
    FROM leads_override override
    WHERE override.checklist_id IN (SELECT checklist_id FROM asked) AND override.revokes_id IS NULL
      AND override.until >= (%(moment)s AT TIME ZONE %(zone)s)::date
      AND NOT EXISTS (SELECT FROM leads_override revoking WHERE revoking.revokes_id = override.id)
    GROUP BY override.checklist_id
),
prior AS (
    SELECT checklist_id, bool_or(holds) FILTER (WHERE gate = 'mql') AS mql, bool_or(holds) FILTER (WHERE gate = 'sql') AS sql
    FROM (
        SELECT DISTINCT ON (turn.checklist_id, turn.gate) turn.checklist_id, turn.gate, turn.holds
        FROM leads_gatechange turn
        WHERE %(with_margin)s AND turn.checklist_id IN (SELECT checklist_id FROM asked)
          AND turn.known_at <= %(moment)s AND turn.occurred_at <= %(moment)s
        ORDER BY turn.checklist_id, turn.gate, turn.id DESC
    ) newest
    GROUP BY checklist_id
),
measured AS MATERIALIZED (
    SELECT asked.checklist_id, asked.lead_id, asked.context_id, asked.question_set_id,
           coalesce(subject.context_id = asked.context_id AND subject.archived_at IS NULL, false) AS listed,
           subject.owner_id, subject.team_id, coalesce(subject.stage, 'lead') AS stage,
           subject.source_id, subject.campaign_id, subject.persona_id,
           round({fit}, 1) AS fit, CASE WHEN rated.id IS NULL THEN '' ELSE {best_persona} END AS best_persona,
           coalesce(rated.disqualified, false) AS disqualified,
           coalesce(engaged.points, 0) AS engagement_exact,
           round(least(100, greatest(0, coalesce(engaged.points, 0)))::numeric, 1) AS engagement,
           engaged.half_life, coalesce(engaged.has_negative, false) AS has_negative,
           engaged.hand_raise_at, touched.at AS touched_at, champion.checklist_id IS NOT NULL AS has_champion,
           round(qualified.points / nullif(qualified.weight, 0), 1) AS qualification,
           coalesce(round(coalesce(qualified.points, 0) / nullif(total.weight, 0), 1), 0) AS low,
           coalesce(round((coalesce(qualified.points, 0) + 100 * (total.weight - coalesce(qualified.weight, 0)))
                          / nullif(total.weight, 0), 1), 100) AS high,
           coalesce(round(100.0 * coalesce(qualified.weight, 0) / nullif(total.weight, 0), 1), 0) AS completeness,
           total.weight AS total_weight, qualified.date_ahead,
           {lows} AS lows, {highs} AS highs, {scores} AS scores, {completenesses} AS completenesses,
           {criterion_weights} AS criterion_weights,
           overridden.until AS overridden_until,
           coalesce(prior.mql, false) AS prior_mql, coalesce(prior.sql, false) AS prior_sql
    FROM asked
    LEFT JOIN subject ON subject.id = asked.lead_id
    LEFT JOIN rated ON rated.id = asked.lead_id
    LEFT JOIN total ON total.question_set_id = asked.question_set_id
    LEFT JOIN qualified ON qualified.checklist_id = asked.checklist_id
    LEFT JOIN engaged ON engaged.lead_id = asked.lead_id
    LEFT JOIN touched ON touched.lead_id = asked.lead_id
    LEFT JOIN champion ON champion.checklist_id = asked.checklist_id
    LEFT JOIN overridden ON overridden.checklist_id = asked.checklist_id
    LEFT JOIN prior ON prior.checklist_id = asked.checklist_id
),
interested AS (
    SELECT measured.*,
           coalesce(hand_raise_at > %(moment)s - make_interval(days => {hand_raise_days}), false) AS hand_raised,
           coalesce(touched_at > %(moment)s - make_interval(days => {touch_days}), false) AS touched_lately
    FROM measured
),
sql_judged AS (
    -- A gate that held falls only when a value is the margin below its threshold.
    SELECT interested.*,
           ({has_policy} AND NOT disqualified AND {sql_holds}) IS TRUE AS sql
    FROM interested
),
mql_judged AS MATERIALIZED (
    SELECT sql_judged.*,
           ({has_policy} AND NOT disqualified AND (hand_raised OR sql OR {mql_holds})) IS TRUE AS mql,
           engagement >= {mql_engagement} OR hand_raised OR touched_lately AS interest_shown,
           coalesce(lows[{need}] >= {need_minimum}, false) AS need_met,
           coalesce(lows[{authority}] >= {authority_minimum}, false) AS authority_met
    FROM sql_judged
),
judged AS MATERIALIZED (
    SELECT mql_judged.*,
           (CASE WHEN sql AND interest_shown THEN 2
                 WHEN sql OR mql OR need_met OR engagement >= {warm_engagement} THEN 1
                 ELSE 0 END)::smallint AS temperature,
           CASE WHEN sql OR NOT {has_policy} THEN ''
                WHEN disqualified THEN 'disqualify'
                WHEN completeness < 50 AND {criteria} > 0 THEN 'ask'
                WHEN need_met AND NOT authority_met AND has_champion THEN 'champion'
                WHEN fit >= 50 AND highs[{need}] >= 50 THEN 'diagnose'
                ELSE 'nurture' END AS route,
           least(
               CASE WHEN hand_raised THEN hand_raise_at + make_interval(days => {hand_raise_days}) END,
               CASE WHEN touched_lately THEN touched_at + make_interval(days => {touch_days}) END,
               ((date_ahead + 1)::timestamp AT TIME ZONE %(zone)s),
               ((overridden_until + 1)::timestamp AT TIME ZONE %(zone)s),
               CASE WHEN has_negative THEN %(moment)s + interval '1 day' END{engagement_turns}
           ) AS due_at
    FROM mql_judged
)
"""
