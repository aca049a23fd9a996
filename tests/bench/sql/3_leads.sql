INSERT INTO leads_lead (name, company, email, phone, title, seniority, department, industry, employees, revenue, currency, country, city,
    website, preferred_channel, attributes, context_id, source_id, campaign_id, owner_id, team_id, stage, external_id,
    created_at, recorded_at, known_at, stage_since, version)
SELECT (ARRAY['Anna', 'Boris', 'Carla', 'David', 'Elena', 'Farid', 'Grace', 'Henry', 'Irina', 'James'])[1 + floor(d.r1 * 10)::int]
           || ' ' || initcap(left(md5(d.n::text), 7)),
       initcap(left(md5('c' || (d.n / 3)), 8)) || ' ' || (ARRAY['Industries', 'Holdings', 'Software', 'Logistics', 'Foods'])[1 + d.n %% 5],
       'lead' || d.n || '@' || left(md5((d.n / 3)::text), 8) || '.example.com', '+1555' || lpad((d.n %% 10000000)::text, 7, '0'),
       (ARRAY['CEO', 'CTO', 'Plant manager', 'Engineer', 'Buyer', 'CFO', 'Analyst'])[1 + floor(d.r2 * 7)::int],
       (ARRAY['Director', 'Manager', 'Specialist', 'Executive', ''])[1 + floor((1 - d.trait * d.r3) * 4.99)::int],
       (ARRAY['Operations', 'Finance', 'IT', 'Production', 'Purchasing', ''])[1 + floor(d.r4 * 6)::int],
       (ARRAY['Manufacturing', 'Logistics', 'Healthcare', 'Retail', 'Finance', 'Education', 'Public sector'])[1 + floor((1 - d.trait) * d.r5 * 7)::int],
       CASE WHEN d.r6 < 0.85 THEN (10 * exp(d.r6 * 8))::int END, CASE WHEN d.r7 < 0.7 THEN (1e5 * exp(d.trait * 6))::numeric(16, 2) END, 'EUR',
       (ARRAY['US', 'GB', 'DE', 'FR', 'JP', 'IN', 'BR'])[1 + floor(d.r2 * d.r3 * 7)::int], '', '', '', '{}',
       context.id, source.id, (SELECT id FROM leads_campaign WHERE source_id = source.id AND d.r4 < 0.5),
       rep.id, rep.team_id, 'lead', 'bench-' || d.n, d.created_at, d.created_at, d.created_at, d.created_at, 1
FROM drawn d
JOIN context ON context.code = CASE WHEN d.r1 < 0.8 THEN 'direct' ELSE 'channel' END
JOIN source ON source.n = floor(power(d.r3, 1.6) * 7.99)
LEFT JOIN rep ON rep.n = floor(d.r5 * 42)
ORDER BY d.n;
CREATE TEMP TABLE made AS
SELECT lead.id AS lead_id, lead.context_id, lead.owner_id, lead.team_id, lead.source_id, d.*
FROM drawn d JOIN leads_lead lead ON lead.external_id = 'bench-' || d.n;
ANALYZE leads_lead;
CREATE UNIQUE INDEX ON made (n); ANALYZE made;
INSERT INTO leads_checklist (lead_id, context_id, question_set_id, created_at)
SELECT made.lead_id, made.context_id, context.question_set_id, made.created_at FROM made JOIN context ON context.id = made.context_id ORDER BY made.n;
INSERT INTO leads_ownerchange (lead_id, owner_id, team_id, occurred_at, recorded_at, known_at)
SELECT lead_id, owner_id, team_id, created_at, created_at, created_at FROM made ORDER BY n;
