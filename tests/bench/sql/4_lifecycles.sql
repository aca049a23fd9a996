CREATE TEMP TABLE life AS
SELECT lead_id, owner_id, team_id, context_id, source_id, created_at, n, r1, r2, r6, r7,
       CASE WHEN trait * r4 > 0.60 THEN 5 WHEN trait * r4 > 0.53 THEN 4 WHEN trait * r4 > 0.45 THEN 3
            WHEN trait * r4 > 0.32 THEN 2 ELSE 1 END + CASE WHEN trait * r4 > 0.60 AND r7 < 0.35 THEN 1 ELSE 0 END AS far,
       r4 < 0.06 AND trait < 0.5 AS gone, r7 * interval '12 days' + interval '1 day' AS pace
FROM made;
ANALYZE life;
INSERT INTO leads_lifecyclechange (lead_id, from_stage, to_stage, cause, reason, diagnostic, occurred_at, recorded_at, known_at)
SELECT lead_id, coalesce((ARRAY['lead', 'mql', 'sal', 'sql', 'opportunity', 'customer'])[step - 1], ''),
       (ARRAY['lead', 'mql', 'sal', 'sql', 'opportunity', 'customer'])[step], 'import', '', false, at, at, at
FROM life CROSS JOIN generate_series(1, 6) step CROSS JOIN LATERAL (SELECT least(created_at + (step - 1) * pace, %(now)s) AS at) moment
WHERE step <= far ORDER BY at, lead_id, step;
INSERT INTO leads_lifecyclechange (lead_id, from_stage, to_stage, cause, reason, diagnostic, occurred_at, recorded_at, known_at)
SELECT lead_id, 'lead', CASE WHEN r6 < 0.6 THEN 'nurture' ELSE 'disqualified' END, 'import', '', false, at, at, at
FROM life CROSS JOIN LATERAL (SELECT least(created_at + pace, %(now)s) AS at) moment WHERE far = 1 AND gone;
ANALYZE leads_lifecyclechange, leads_lead;
UPDATE leads_lead SET stage = newest.to_stage, stage_since = newest.occurred_at,
    nurture_until = CASE WHEN newest.to_stage = 'nurture' THEN %(now)s::date + 90 END
FROM (SELECT DISTINCT ON (lead_id) lead_id, to_stage, occurred_at FROM leads_lifecyclechange ORDER BY lead_id, id DESC) newest
WHERE newest.lead_id = leads_lead.id AND newest.to_stage <> 'lead';
