ANALYZE leads_checklist;
INSERT INTO leads_answer (checklist_id, question_id, choice_id, currency, can_solve, cause, words, note, date_slipped, by_id, occurred_at, recorded_at, known_at)
SELECT checklist.id, question.id, choice.id, '', '', '', '', CASE WHEN draw.b < 0.1 THEN 'As they told us on the phone.' ELSE '' END,
       false, coalesce(made.owner_id, (SELECT min(id) FROM rep)), draw.at, draw.at, draw.at
FROM made JOIN leads_checklist checklist ON checklist.lead_id = made.lead_id
JOIN scoring_question question ON question.question_set_id = checklist.question_set_id
CROSS JOIN LATERAL (SELECT random() + 0 * question.id AS a, random() + 0 * question.id AS b,
                           least(made.created_at + (random() + 0 * question.id) * interval '20 days', %(now)s) AS at) draw
JOIN LATERAL (SELECT id FROM scoring_choice c WHERE c.question_id = question.id
              ORDER BY c.value DESC NULLS LAST OFFSET floor(least(0.999, draw.b * (1.6 - made.trait)) * 4)::int LIMIT 1) choice ON true
WHERE made.trait > 0.6 AND draw.a < 0.42
ORDER BY draw.at;
