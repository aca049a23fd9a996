"""The statement that judges every kept score anew, each at its own moment, from facts alone.

It shares no text with leads/judging_sql.py: two statements that say the same, written apart, do not err together.
"""

REBUILT = """
CREATE TEMP TABLE rebuilt AS
WITH valued AS (
    SELECT moment.checklist_id, weight.criterion, weight.weight::numeric AS weight,
           least(choice.value,
                 CASE WHEN answer.date < moment.today AND answer.happened_on IS NULL THEN 0
                      WHEN answer.date_slipped AND answer.date IS NOT NULL AND answer.happened_on IS NULL THEN 50 END,
                 choice.value * answer.amount / nullif(answer.offer_price, 0))::numeric AS value,
           CASE WHEN answer.happened_on IS NULL AND answer.date >= moment.today THEN answer.date END AS date_ahead
    FROM moment
    JOIN leads_answer answer ON answer.checklist_id = moment.checklist_id
     AND answer.known_at <= moment.at AND coalesce(answer.occurred_at, answer.known_at) <= moment.at
    LEFT JOIN leads_answer later ON later.replaces_id = answer.id
     AND later.known_at <= moment.at AND coalesce(later.occurred_at, later.known_at) <= moment.at
    JOIN scoring_choice choice ON choice.id = answer.choice_id
    JOIN policy_weight weight ON weight.policy_id = moment.policy_id AND weight.question_id = answer.question_id
     AND weight.question_set_id = moment.question_set_id
    WHERE later.id IS NULL AND choice.value IS NOT NULL
),
asked AS (
    SELECT moment.checklist_id, criterion.criterion, criterion.is_need, criterion.is_authority, criterion.minimum, criterion.required,
           coalesce(whole.weight, 0) AS weight, coalesce(own.weight, 0) AS answered, coalesce(own.points, 0) AS points,
           -- Points are tenths: what still holds a gate that held is a tenth above the margin's end.
           greatest(gate.margin - 0.1, 0) AS slack
    FROM moment
    JOIN policy_criterion criterion ON criterion.policy_id = moment.policy_id
    JOIN policy_gate gate ON gate.policy_id = moment.policy_id
    LEFT JOIN (SELECT policy_id, question_set_id, criterion, sum(weight)::numeric AS weight
               FROM policy_weight GROUP BY 1, 2, 3) whole
      ON whole.policy_id = moment.policy_id AND whole.question_set_id = moment.question_set_id
     AND whole.criterion = criterion.criterion
    LEFT JOIN (SELECT checklist_id, criterion, sum(weight) AS weight, sum(weight * value) AS points
               FROM valued GROUP BY 1, 2) own
      ON own.checklist_id = moment.checklist_id AND own.criterion = criterion.criterion
),
qualified AS (
    SELECT checklist_id, round(sum(points) / nullif(sum(answered), 0), 1) AS qualification,
           round(sum(points) / nullif(sum(weight), 0), 1) AS low,
           round((sum(points) + 100 * (sum(weight) - sum(answered))) / nullif(sum(weight), 0), 1) AS high,
           round(100 * sum(answered) / nullif(sum(weight), 0), 1) AS completeness,
           array_agg(round(points / nullif(weight, 0), 1) ORDER BY criterion) AS lows,
           array_agg(round((points + 100 * (weight - answered)) / nullif(weight, 0), 1) ORDER BY criterion) AS highs,
           bool_and(NOT required OR weight = 0 OR round(points / weight, 1) >= minimum) AS all_met,
           bool_and(NOT required OR weight = 0 OR round(points / weight, 1) >= minimum - slack) AS all_kept,
           count(*) FILTER (WHERE weight > 0 AND round(points / nullif(weight, 0), 1) >= minimum) AS met,
           count(*) FILTER (WHERE weight > 0 AND round(points / nullif(weight, 0), 1) >= minimum - slack) AS kept,
           bool_or(is_need AND weight > 0 AND round(points / nullif(weight, 0), 1) >= minimum) AS need_met,
           bool_or(is_authority AND weight > 0 AND round(points / nullif(weight, 0), 1) >= minimum) AS authority_met,
           bool_or(is_need AND round((points + 100 * (weight - answered)) / nullif(weight, 0), 1) >= 50) AS need_possible
    FROM asked GROUP BY checklist_id
),
engaged AS (
    SELECT checklist_id, round(least(100, greatest(0, sum(least(cap, points * units))))::numeric, 1) AS points,
           round(least(100, greatest(0, sum(least(cap, points * units_later))))::numeric, 1) AS points_later,
           bool_or(points < 0) AS has_negative, max(newest) FILTER (WHERE hand_raise) AS hand_raise_at
    FROM (SELECT moment.checklist_id, kind.kind, kind.points, kind.cap, kind.hand_raise, max(event.occurred_at) AS newest,
                 sum(exp(greatest(-690, -ln(2::float8) * extract(epoch FROM moment.at - event.occurred_at)::float8
                                        / 86400 / kind.half_life))) FILTER (WHERE told.counts) AS units,
                 sum(exp(greatest(-690, -ln(2::float8) * extract(epoch FROM moment.later - event.occurred_at)::float8
                                        / 86400 / kind.half_life))) FILTER (WHERE told.counts) AS units_later
          FROM moment
          JOIN leads_behaviourevent event ON event.lead_id = moment.lead_id
           AND event.known_at <= moment.at AND event.occurred_at <= moment.at
          JOIN policy_kind kind ON kind.policy_id = moment.policy_id AND kind.kind = event.kind
          CROSS JOIN LATERAL (SELECT NOT kind.once OR event.id = (
              SELECT newer.id FROM leads_behaviourevent newer
              WHERE newer.lead_id = event.lead_id AND newer.kind = event.kind AND newer.known_at <= moment.at
                AND newer.occurred_at <= moment.at ORDER BY newer.occurred_at DESC, newer.id DESC LIMIT 1) AS counts) told
          GROUP BY 1, 2, 3, 4, 5) faded
    GROUP BY checklist_id
),
touched AS (
    SELECT moment.checklist_id, max(activity.occurred_at) AS at
    FROM moment JOIN leads_checklist other ON other.lead_id = moment.lead_id
    JOIN leads_activity activity ON activity.checklist_id = other.id AND activity.two_way
     AND activity.known_at <= moment.at AND activity.occurred_at <= moment.at
    GROUP BY moment.checklist_id
),
ahead AS (SELECT checklist_id, min(date_ahead) AS date FROM valued GROUP BY checklist_id),
overridden AS (
    SELECT moment.checklist_id, min(override.until) AS until
    FROM moment JOIN leads_override override ON override.checklist_id = moment.checklist_id
     AND override.revokes_id IS NULL AND override.until >= moment.today AND override.known_at <= moment.at
    LEFT JOIN leads_override revoking ON revoking.revokes_id = override.id AND revoking.known_at <= moment.at
    WHERE revoking.id IS NULL GROUP BY moment.checklist_id
),
championed AS (
    SELECT DISTINCT moment.checklist_id
    FROM moment
    JOIN leads_answer answer ON answer.checklist_id = moment.checklist_id
     AND answer.known_at <= moment.at AND coalesce(answer.occurred_at, answer.known_at) <= moment.at
    JOIN scoring_question question ON question.id = answer.question_id
     AND question.question_set_id = moment.question_set_id
    JOIN leads_answercontact named ON named.answer_id = answer.id AND named.champion
    LEFT JOIN leads_answer later ON later.replaces_id = answer.id
     AND later.known_at <= moment.at AND coalesce(later.occurred_at, later.known_at) <= moment.at
    WHERE later.id IS NULL
),
gated AS (
    SELECT moment.*, gate.*, fitted.fit, fitted.best_persona, coalesce(fitted.disqualified, false) AS disqualified,
           coalesce(engaged.points, 0) AS engagement, qualified.qualification, coalesce(qualified.low, 0) AS low,
           coalesce(qualified.high, 100) AS high, coalesce(qualified.completeness, 0) AS completeness,
           coalesce(qualified.lows, '{}') AS lows, coalesce(qualified.highs, '{}') AS highs,
           coalesce(qualified.need_met, false) AS need_met, coalesce(qualified.authority_met, false) AS authority_met,
           coalesce(qualified.need_possible, false) AS need_possible, championed.checklist_id IS NOT NULL AS has_champion,
           coalesce(engaged.points_later, 0) AS engagement_later, coalesce(engaged.has_negative, false) AS has_negative,
           engaged.hand_raise_at, touched.at AS touched_at, ahead.date AS date_ahead, overridden.until AS overridden_until,
           coalesce(engaged.hand_raise_at > moment.at - make_interval(days => gate.hand_raise_days), false) AS hand_raised,
           coalesce(touched.at > moment.at - make_interval(days => %(touch_days)s), false) AS touched,
           coalesce((SELECT holds FROM leads_gatechange turn WHERE turn.checklist_id = moment.checklist_id
                     AND turn.gate = 'mql' AND turn.known_at <= moment.at ORDER BY turn.id DESC LIMIT 1), false) AS had_mql,
           coalesce((SELECT holds FROM leads_gatechange turn WHERE turn.checklist_id = moment.checklist_id
                     AND turn.gate = 'sql' AND turn.known_at <= moment.at ORDER BY turn.id DESC LIMIT 1), false) AS had_sql,
           qualified.all_met, qualified.all_kept, qualified.met, qualified.kept
    FROM moment
    LEFT JOIN policy_gate gate (gate_policy_id) ON gate.gate_policy_id = moment.policy_id
    LEFT JOIN rebuilt_fit fitted ON fitted.checklist_id = moment.checklist_id
    LEFT JOIN qualified ON qualified.checklist_id = moment.checklist_id
    LEFT JOIN engaged ON engaged.checklist_id = moment.checklist_id
    LEFT JOIN touched ON touched.checklist_id = moment.checklist_id
    LEFT JOIN ahead ON ahead.checklist_id = moment.checklist_id
    LEFT JOIN overridden ON overridden.checklist_id = moment.checklist_id
    LEFT JOIN championed ON championed.checklist_id = moment.checklist_id
),
sql_gated AS (
    SELECT gated.*, coalesce(NOT disqualified AND (lows = '{}' OR (
               low >= sql_low - CASE WHEN had_sql THEN greatest(margin - 0.1, 0) ELSE 0 END
               AND (sql_form = 'weighted' OR CASE WHEN had_sql THEN all_kept ELSE all_met END)
               AND (sql_form <> 'k_of_n' OR CASE WHEN had_sql THEN kept ELSE met END >= sql_k))), false)
               AND policy_id IS NOT NULL AS sql,
           CASE WHEN had_mql THEN greatest(margin - 0.1, 0) ELSE 0 END AS slack
    FROM gated
),
measured AS (
    SELECT sql_gated.*, coalesce(fit >= mql_fit - slack, false) AS fits, engagement >= mql_engagement - slack AS engages,
           lows <> '{}' AND low >= mql_low - slack AS told
    FROM sql_gated
),
mql_gated AS (
    SELECT measured.*, coalesce(NOT disqualified AND (hand_raised OR sql OR CASE mql_form
               WHEN 'minimums' THEN (fits OR mql_fit = 0) AND (engages OR mql_engagement = 0) AND (told OR mql_low = 0)
               WHEN 'weighted' THEN round((fit_weight * coalesce(fit, 0) + engagement_weight * engagement
                                           + low_weight * low) / (fit_weight + engagement_weight + low_weight), 1)
                                    >= mql_total - slack
               WHEN 'k_of_n' THEN fits::int + engages::int + told::int >= mql_k
               ELSE fits AND (engages OR told) END), false) AND policy_id IS NOT NULL AS mql,
           coalesce(engagement >= mql_engagement OR hand_raised OR touched, false) AS interest_shown,
           -- Every test that reads engagement, with the margin and without, at the moment and just before it comes due.
           ARRAY[engagement >= mql_engagement, engagement >= mql_engagement - greatest(margin - 0.1, 0), engagement >= warm_engagement,
                 mql_form = 'weighted' AND round((fit_weight * coalesce(fit, 0) + engagement_weight * engagement + low_weight * low)
                       / nullif(fit_weight + engagement_weight + low_weight, 0), 1) >= mql_total,
                 mql_form = 'weighted' AND round((fit_weight * coalesce(fit, 0) + engagement_weight * engagement + low_weight * low)
                       / nullif(fit_weight + engagement_weight + low_weight, 0), 1)
                     >= mql_total - greatest(margin - 0.1, 0)] AS said,
           ARRAY[engagement_later >= mql_engagement, engagement_later >= mql_engagement - greatest(margin - 0.1, 0), engagement_later >= warm_engagement,
                 mql_form = 'weighted' AND round((fit_weight * coalesce(fit, 0) + engagement_weight * engagement_later + low_weight * low)
                       / nullif(fit_weight + engagement_weight + low_weight, 0), 1) >= mql_total,
                 mql_form = 'weighted' AND round((fit_weight * coalesce(fit, 0) + engagement_weight * engagement_later + low_weight * low)
                       / nullif(fit_weight + engagement_weight + low_weight, 0), 1)
                     >= mql_total - greatest(margin - 0.1, 0)] AS said_later
    FROM measured
)
SELECT checklist_id, policy_id, fit, coalesce(best_persona, '') AS best_persona, engagement, qualification, low, high,
       completeness, lows AS criteria_low, highs AS criteria_high, mql, sql, disqualified, interest_shown,
       (CASE WHEN sql AND interest_shown THEN 2
             WHEN sql OR mql OR need_met OR coalesce(engagement >= warm_engagement, false) THEN 1 ELSE 0 END)::smallint
           AS temperature,
       CASE WHEN sql OR policy_id IS NULL THEN ''
            WHEN disqualified THEN 'disqualify'
            WHEN completeness < 50 AND lows <> '{}' THEN 'ask'
            WHEN need_met AND NOT authority_met AND has_champion THEN 'champion'
            WHEN fit >= 50 AND need_possible THEN 'diagnose'
            ELSE 'nurture' END AS route,
       least(CASE WHEN hand_raised THEN hand_raise_at + make_interval(days => hand_raise_days) END,
             CASE WHEN touched THEN touched_at + make_interval(days => %(touch_days)s) END,
             (date_ahead + 1)::timestamp AT TIME ZONE (SELECT zone FROM users_workspace),
             (overridden_until + 1)::timestamp AT TIME ZONE (SELECT zone FROM users_workspace),
             CASE WHEN has_negative THEN at + interval '1 day' END) AS due_latest,
       NOT has_negative AND said IS DISTINCT FROM said_later AS turns_early
FROM mql_gated;
"""
