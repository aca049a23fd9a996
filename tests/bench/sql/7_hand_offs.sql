INSERT INTO leads_handoff (lead_id, checklist_id, team_id, state, because, offered_at, accept_due, decided_at, decided_by_id, reason_id,
    note, frozen, version)
SELECT life.lead_id, checklist.id, life.team_id, ended.state, 'Fit and engagement reached the threshold.', offered.at,
       offered.at + interval '1 day', CASE WHEN ended.state <> 'offered' THEN offered.at + life.r6 * interval '2 days' END, life.owner_id,
       CASE WHEN ended.state = 'rejected' THEN (SELECT id FROM leads_rejectionreason ORDER BY id OFFSET floor(life.r1 * 6)::int LIMIT 1) END, '', '{}', 1
FROM life JOIN leads_checklist checklist ON checklist.lead_id = life.lead_id
CROSS JOIN LATERAL (SELECT least(life.created_at + life.pace, %(now)s::timestamptz - interval '1 hour') AS at) offered
CROSS JOIN LATERAL (SELECT CASE WHEN life.far > 2 THEN 'accepted' WHEN life.r2 < 0.9 THEN 'rejected' ELSE 'offered' END AS state) ended
WHERE life.far >= 2 AND life.owner_id IS NOT NULL ORDER BY offered.at;
INSERT INTO leads_handoffchange (handoff_id, from_state, to_state, team_id, note, occurred_at, recorded_at, known_at)
SELECT id, '', 'offered', team_id, '', offered_at, offered_at, offered_at FROM leads_handoff ORDER BY offered_at;
INSERT INTO leads_handoffchange (handoff_id, from_state, to_state, team_id, reason_id, note, by_id, occurred_at, recorded_at, known_at)
SELECT id, 'offered', state, team_id, reason_id, '', decided_by_id, decided_at, decided_at, decided_at FROM leads_handoff
WHERE decided_at IS NOT NULL ORDER BY decided_at;
