CREATE TEMP TABLE kind AS
SELECT row_number() OVER () - 1 AS n, rule ->> 'kind' AS kind
FROM jsonb_array_elements((SELECT definition -> 'engagement' FROM scoring_policy ORDER BY id LIMIT 1)) rule;
ANALYZE kind;
INSERT INTO leads_behaviourevent (lead_id, kind, occurred_at, odd_time, properties, recorded_at, known_at)
SELECT made.lead_id, kind.kind, moment.at, false, '{}', moment.at, moment.at
FROM (SELECT g, 1 + floor(power(random(), 2) * (%(leads)s - 0.001))::int AS n, floor(power(random(), 1.5) * (SELECT count(*) FROM kind))::int AS k
      FROM generate_series(1, %(events)s) g) draw
JOIN made ON made.n = draw.n JOIN kind ON kind.n = draw.k
CROSS JOIN LATERAL (SELECT %(start)s::timestamptz + power(draw.g::float8 / %(events)s, 0.8) * (%(now)s::timestamptz - %(start)s::timestamptz) AS at) moment
ORDER BY draw.g;
