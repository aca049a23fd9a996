-- Columns of TEMP tables hold what is drawn at random once, so that every table that follows tells the same story.
CREATE TEMP TABLE drawn AS
SELECT g AS n, random() AS trait, random() AS r1, random() AS r2, random() AS r3, random() AS r4, random() AS r5,
       random() AS r6, random() AS r7, %(start)s::timestamptz + random() * interval '530 days' AS created_at
FROM generate_series(1, %(leads)s) g;
CREATE TEMP TABLE rep AS SELECT row_number() OVER (ORDER BY id) - 1 AS n, id, team_id FROM users_user WHERE role = 'representative';
CREATE TEMP TABLE source AS SELECT row_number() OVER (ORDER BY id) - 1 AS n, id FROM leads_leadsource;
CREATE TEMP TABLE context AS
SELECT c.id, c.code, (SELECT id FROM scoring_questionset q WHERE q.context_id = c.id ORDER BY version DESC LIMIT 1) AS question_set_id
FROM users_salescontext c;
ANALYZE drawn;
