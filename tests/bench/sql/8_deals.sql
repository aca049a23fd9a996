CREATE TEMP TABLE open_stage AS
SELECT pipeline_id, id AS stage_id, row_number() OVER (PARTITION BY pipeline_id ORDER BY position) AS step, count(*) OVER (PARTITION BY pipeline_id) AS steps
FROM opportunities_pipelinestage WHERE outcome = 'open';
CREATE TEMP TABLE deal AS
SELECT row_number() OVER (ORDER BY created_at) AS n, d.* FROM (
    SELECT life.lead_id, checklist.id AS checklist_id, life.owner_id, life.team_id, life.source_id, pipeline.id AS pipeline_id,
           least(life.created_at + 4 * life.pace, %(now)s) AS created_at, random() AS r1, random() AS r2, random() AS r3, life.far = 6 AS won, life.far = 6 OR random() < 0.5 AS closed
    FROM life JOIN leads_checklist checklist ON checklist.lead_id = life.lead_id JOIN opportunities_pipeline pipeline ON pipeline.context_id = life.context_id WHERE far >= 5
    UNION ALL
    SELECT NULL, NULL, rep.id, rep.team_id, source.id, (SELECT min(id) FROM opportunities_pipeline),
           %(start)s::timestamptz + g.r1 * interval '500 days', g.r2, g.r3, g.r4, g.r5 < 0.35, g.r5 < 0.75
    FROM (SELECT random() AS r1, random() AS r2, random() AS r3, random() AS r4, random() AS r5, random() AS r6 FROM generate_series(1, %(loose)s)) g
    JOIN rep ON rep.n = floor(g.r6 * 40) JOIN source ON source.n = floor(g.r2 * 7.99)
) d;
ANALYZE deal;
ANALYZE open_stage;
ANALYZE accounts_account;
INSERT INTO opportunities_opportunity (name, account_id, lead_id, checklist_id, pipeline_id, stage_id, owner_id, team_id, source_id, amount, currency, won_currency,
    created_at, recorded_at, known_at, external_id, version)
SELECT 'Deal ' || n, (SELECT min(id) FROM accounts_account) + floor(r1 * (%(accounts)s - 1))::int, lead_id, checklist_id, pipeline_id,
       (SELECT stage_id FROM open_stage s WHERE s.pipeline_id = deal.pipeline_id AND step = 1), owner_id, team_id, source_id, (500 + r2 * 90000)::numeric(14, 2), 'EUR', '',
       created_at, created_at, created_at, 'bench-' || n, 1
FROM deal ORDER BY n;
ANALYZE opportunities_opportunity;
CREATE TEMP TABLE moves AS
SELECT o.id AS opportunity_id, s.stage_id, s.step, least(deal.created_at + (s.step - 1) * (deal.r3 * 20 + 2) * interval '1 day', %(now)s::timestamptz) AS at, deal.owner_id
FROM deal JOIN opportunities_opportunity o ON o.external_id = 'bench-' || deal.n JOIN open_stage s ON s.pipeline_id = deal.pipeline_id
WHERE s.step <= CASE WHEN deal.won THEN s.steps ELSE 1 + floor(deal.r1 * (s.steps - 1)) END
UNION ALL
SELECT o.id, p.id, 100, least(deal.created_at + (deal.r3 * 130 + 10) * interval '1 day', %(now)s::timestamptz), deal.owner_id
FROM deal JOIN opportunities_opportunity o ON o.external_id = 'bench-' || deal.n
JOIN opportunities_pipelinestage p ON p.pipeline_id = deal.pipeline_id AND p.outcome = CASE WHEN deal.won THEN 'won' ELSE 'lost' END WHERE deal.closed;
INSERT INTO opportunities_stagechange (opportunity_id, from_stage_id, to_stage_id, note, by_id, occurred_at, recorded_at, known_at)
SELECT opportunity_id, lag(stage_id) OVER (PARTITION BY opportunity_id ORDER BY step), stage_id, '', owner_id, at, at, at FROM moves ORDER BY at, opportunity_id, step;
ANALYZE opportunities_stagechange;
UPDATE opportunities_opportunity o SET stage_id = newest.to_stage_id, stage_since = newest.occurred_at,
    closed_at = CASE WHEN p.outcome <> 'open' THEN newest.occurred_at END,
    won_amount = CASE WHEN p.outcome = 'won' THEN o.amount END,
    won_currency = CASE WHEN p.outcome = 'won' THEN o.currency ELSE '' END,
    loss_reason_id = CASE WHEN p.outcome = 'lost' THEN (SELECT min(id) FROM opportunities_lossreason) + o.id %% 5 END
FROM (SELECT DISTINCT ON (opportunity_id) opportunity_id, to_stage_id, occurred_at FROM opportunities_stagechange ORDER BY opportunity_id, id DESC) newest
JOIN opportunities_pipelinestage p ON p.id = newest.to_stage_id WHERE newest.opportunity_id = o.id;
INSERT INTO opportunities_opportunityownerchange (opportunity_id, owner_id, team_id, occurred_at, recorded_at, known_at)
SELECT id, owner_id, team_id, created_at, created_at, created_at FROM opportunities_opportunity ORDER BY id;
