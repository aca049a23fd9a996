INSERT INTO leads_campaign (code, name, source_id, currency, version)
SELECT 'bench-' || n, 'Campaign ' || n, id, '', 1 FROM source;
INSERT INTO accounts_account (name, type_id, industry, employees, currency, country, city, domain, phone, attributes, version, created_at)
SELECT initcap(left(md5('a' || g), 8)) || ' ' || (ARRAY['Industries', 'Holdings', 'Software', 'Logistics', 'Foods', 'Energy'])[1 + floor(random() * 6)::int],
       (SELECT id FROM accounts_accounttype WHERE code = 'prospect'),
       (ARRAY['Manufacturing', 'Logistics', 'Healthcare', 'Retail', 'Finance', 'Education'])[1 + floor(random() * 6)::int],
       (10 * exp(random() * 7))::int, '', (ARRAY['US', 'GB', 'DE', 'FR', 'JP'])[1 + floor(random() * 5)::int], '', '', '', '{}', 1, %(start)s::timestamptz
FROM generate_series(1, %(accounts)s) g;
