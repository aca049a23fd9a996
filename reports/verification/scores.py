"""Scores rebuilt from facts, each row at its own `scored_at`, by statements and Python of their own.

What the writer takes from kept sums is taken from events here; the present answer is found by the chain, not by the
highest id; rules are evaluated in Python (scoring/reasoning.py), from the history of the lead's fields.
"""

import json
from collections.abc import Iterator
from decimal import Decimal
from io import StringIO
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

from leads.judging_parts import TOUCH_DAYS
from scoring import engine, reasoning
from scoring.facts import ANSWER, kinds
from scoring.models import Choice, Pain, Policy, Question
from users.models import Attribute

TABLES = """
CREATE TEMP TABLE policy_weight (policy_id bigint, question_set_id bigint, question_id bigint, criterion int, weight int);
CREATE TEMP TABLE policy_kind (policy_id bigint, kind text, points float8, half_life float8, cap float8, hand_raise bool,
                               once bool);
CREATE TEMP TABLE policy_criterion (policy_id bigint, criterion int, is_need bool, minimum int, required bool);
CREATE TEMP TABLE policy_gate (policy_id bigint, mql_fit int, mql_engagement int, mql_low int, sql_low int, margin int,
                               hand_raise_days int, warm_engagement int, mql_form text, fit_weight int,
                               engagement_weight int, low_weight int, mql_total int, mql_k int, sql_form text, sql_k int);
CREATE TEMP TABLE rebuilt_fit (checklist_id bigint PRIMARY KEY, fit numeric, best_persona text, disqualified bool);
CREATE TEMP TABLE moment AS
SELECT score.checklist_id, checklist.lead_id, checklist.question_set_id, score.scored_at AS at,
       (score.scored_at AT TIME ZONE (SELECT zone FROM users_workspace))::date AS today,
       (SELECT policy.id FROM scoring_policy policy
        WHERE policy.context_id = checklist.context_id AND policy.in_force_from <= score.scored_at
        ORDER BY policy.in_force_from DESC, policy.id DESC LIMIT 1) AS policy_id
FROM leads_score score JOIN leads_checklist checklist ON checklist.id = score.checklist_id;
ANALYZE moment;
"""

REBUILT = """
CREATE TEMP TABLE rebuilt AS
WITH valued AS (
    SELECT moment.checklist_id, weight.criterion, weight.weight::numeric AS weight,
           least(choice.value,
                 CASE WHEN answer.date < moment.today AND answer.happened_on IS NULL THEN 0
                      WHEN answer.date_slipped AND answer.date IS NOT NULL AND answer.happened_on IS NULL THEN 50 END,
                 choice.value * answer.amount / nullif(answer.offer_price, 0))::numeric AS value
    FROM moment
    JOIN leads_answer answer ON answer.checklist_id = moment.checklist_id
     AND answer.known_at <= moment.at AND coalesce(answer.occurred_at, answer.known_at) <= moment.at
    LEFT JOIN leads_answer later ON later.replaces_id = answer.id
     AND later.known_at <= moment.at AND coalesce(later.occurred_at, later.known_at) <= moment.at
    JOIN scoring_choice choice ON choice.id = answer.choice_id
    JOIN policy_weight weight ON weight.policy_id = moment.policy_id AND weight.question_id = answer.question_id
    WHERE later.id IS NULL AND choice.value IS NOT NULL
),
asked AS (
    SELECT moment.checklist_id, criterion.criterion, criterion.is_need, criterion.minimum, criterion.required,
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
           bool_or(is_need AND weight > 0 AND round(points / nullif(weight, 0), 1) >= minimum) AS need_met
    FROM asked GROUP BY checklist_id
),
engaged AS (
    SELECT checklist_id, round(least(100, greatest(0, sum(least(cap, points * units))))::numeric, 1) AS points,
           max(newest) FILTER (WHERE hand_raise) AS hand_raise_at
    FROM (SELECT moment.checklist_id, kind.kind, kind.points, kind.cap, kind.hand_raise, max(event.occurred_at) AS newest,
                 sum(exp(greatest(-690, -ln(2::float8) * extract(epoch FROM moment.at - event.occurred_at)::float8
                                        / 86400 / kind.half_life)))
                     FILTER (WHERE NOT kind.once OR event.id = (
                         SELECT newer.id FROM leads_behaviourevent newer
                         WHERE newer.lead_id = event.lead_id AND newer.kind = event.kind AND newer.known_at <= moment.at
                           AND newer.occurred_at <= moment.at ORDER BY newer.occurred_at DESC, newer.id DESC LIMIT 1))
                     AS units
          FROM moment
          JOIN leads_behaviourevent event ON event.lead_id = moment.lead_id
           AND event.known_at <= moment.at AND event.occurred_at <= moment.at
          JOIN policy_kind kind ON kind.policy_id = moment.policy_id AND kind.kind = event.kind
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
gated AS (
    SELECT moment.*, gate.*, fitted.fit, fitted.best_persona, coalesce(fitted.disqualified, false) AS disqualified,
           coalesce(engaged.points, 0) AS engagement, qualified.qualification, coalesce(qualified.low, 0) AS low,
           coalesce(qualified.high, 100) AS high, coalesce(qualified.completeness, 0) AS completeness,
           coalesce(qualified.lows, '{}') AS lows, coalesce(qualified.highs, '{}') AS highs,
           coalesce(qualified.need_met, false) AS need_met,
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
           coalesce(engagement >= mql_engagement OR hand_raised OR touched, false) AS interest_shown
    FROM measured
)
SELECT checklist_id, policy_id, fit, coalesce(best_persona, '') AS best_persona, engagement, qualification, low, high,
       completeness, lows AS criteria_low, highs AS criteria_high, mql, sql, disqualified, interest_shown,
       (CASE WHEN sql AND interest_shown THEN 2
             WHEN sql OR mql OR need_met OR coalesce(engagement >= warm_engagement, false) THEN 1 ELSE 0 END)::smallint
           AS temperature
FROM mql_gated;
"""

COMPARED = (
    "policy_id",
    "fit",
    "best_persona",
    "engagement",
    "qualification",
    "low",
    "high",
    "completeness",
    "criteria_low",
    "criteria_high",
    "mql",
    "sql",
    "disqualified",
    "interest_shown",
    "temperature",
)

SUBJECTS = """
SELECT moment.checklist_id, moment.policy_id, subject.company, subject.title, subject.seniority, subject.department,
       subject.industry, subject.employees, subject.revenue, subject.country, subject.city, subject.preferred_channel,
       subject.email, subject.attributes, source.code, campaign.code, persona.code, context.code,
       said.answers, said.pains
FROM moment
JOIN leads_lead lead ON lead.id = moment.lead_id
LEFT JOIN LATERAL (
    SELECT was.* FROM leads_leadhistory was WHERE was.pgh_obj_id = lead.id AND was.pgh_created_at > moment.at
    ORDER BY was.pgh_id LIMIT 1
) was ON true
CROSS JOIN LATERAL (
    SELECT lead.company, lead.title, lead.seniority, lead.department, lead.industry, lead.employees, lead.revenue,
           lead.country, lead.city, lead.preferred_channel, lead.email, lead.attributes, lead.source_id,
           lead.campaign_id, lead.persona_id, lead.context_id
    WHERE was.id IS NULL
    UNION ALL
    SELECT was.company, was.title, was.seniority, was.department, was.industry, was.employees, was.revenue,
           was.country, was.city, was.preferred_channel, was.email, was.attributes, was.source_id,
           was.campaign_id, was.persona_id, was.context_id
    WHERE was.id IS NOT NULL
) subject
LEFT JOIN leads_leadsource source ON source.id = subject.source_id
LEFT JOIN leads_campaign campaign ON campaign.id = subject.campaign_id
LEFT JOIN scoring_persona persona ON persona.id = subject.persona_id
LEFT JOIN users_salescontext context ON context.id = subject.context_id
LEFT JOIN LATERAL (
    SELECT jsonb_object_agg(question.code, choice.code) FILTER (WHERE held.context_id = subject.context_id) AS answers,
           jsonb_agg(named.pains) FILTER (WHERE named.pains IS NOT NULL) AS pains
    FROM leads_checklist held
    JOIN LATERAL (
        SELECT DISTINCT ON (answer.question_id) answer.* FROM leads_answer answer
        WHERE answer.checklist_id = held.id AND answer.known_at <= moment.at
          AND coalesce(answer.occurred_at, answer.known_at) <= moment.at
        ORDER BY answer.question_id, answer.id DESC
    ) answer ON true
    JOIN scoring_question question ON question.id = answer.question_id
    JOIN scoring_choice choice ON choice.id = answer.choice_id
    LEFT JOIN LATERAL (
        SELECT jsonb_agg(jsonb_build_array(pain.kind, pain.code)) AS pains FROM leads_answerpain link
        JOIN scoring_pain pain ON pain.id = link.pain_id WHERE link.answer_id = answer.id
    ) named ON true
    WHERE held.lead_id = moment.lead_id
) said ON true
"""
TEXTS = ("company", "title", "seniority", "department", "industry", "country", "city", "preferred_channel")


def rebuild(cursor: CursorWrapper) -> None:
    """Fill the temporary table `rebuilt` with one row for each kept score."""
    cursor.execute(TABLES)
    definitions = {policy.pk: _lay_out(cursor, policy) for policy in Policy.objects.order_by("pk")}
    _fit(cursor, definitions)
    cursor.execute(REBUILT, {"touch_days": TOUCH_DAYS})


def _lay_out(cursor: CursorWrapper, policy: Policy) -> engine.Definition:
    """Write one policy's numbers into the temporary tables."""
    definition = engine.parse(policy.definition, kinds())
    gates = definition.gates
    asked: dict[int, list[Question]] = {}
    for question in Question.objects.filter(question_set__context=policy.context_id).order_by("position"):
        asked.setdefault(question.question_set_id, []).append(question)
    for question_set_id, questions in asked.items():
        weights = engine.weights(
            definition.criteria, [engine.Asked(q.code, frozenset(q.concepts), q.weight) for q in questions]
        )
        for question in questions:
            if weight := weights.get(question.code):
                cursor.execute(
                    "INSERT INTO policy_weight VALUES (%s, %s, %s, %s, %s)",
                    [policy.pk, question_set_id, question.pk, weight.criterion + 1, weight.points],
                )
    for index, criterion in enumerate(definition.criteria):
        is_need = index == definition.about(engine.NEED)
        row: list[Any] = [policy.pk, index + 1, is_need, definition.minimum(criterion), criterion.required]
        cursor.execute("INSERT INTO policy_criterion VALUES (%s, %s, %s, %s, %s)", row)
    for rule in definition.engagement:
        raises = rule.kind in definition.hand_raises
        row = [policy.pk, rule.kind, rule.points, rule.half_life_days, rule.cap, raises, rule.once]
        cursor.execute("INSERT INTO policy_kind VALUES (%s, %s, %s, %s, %s, %s, %s)", row)
    cursor.execute(
        "INSERT INTO policy_gate VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [
            policy.pk,
            gates.mql_fit,
            gates.mql_engagement,
            gates.mql_low,
            gates.sql_low,
            gates.margin,
            definition.hand_raise_days,
            definition.warm_engagement,
            gates.mql_form.value,
            *gates.mql_weights,
            gates.mql_total,
            gates.mql_k,
            gates.sql_form.value,
            gates.sql_k,
        ],
    )
    return definition


def _fit(cursor: CursorWrapper, definitions: dict[int, engine.Definition]) -> None:
    attributes = {a.code: Attribute.Kind(a.kind) for a in Attribute.objects.filter(of=Attribute.Of.LEAD)}
    buffer = StringIO()
    for row in _rows(SUBJECTS):
        checklist_id, policy_id = row[0], row[1]
        if policy_id is None:
            continue
        facts = _facts(row, attributes)
        fit, persona = reasoning.fit(definitions[policy_id], facts)
        refused = reasoning.disqualified(definitions[policy_id], facts)
        buffer.write(f"{checklist_id}\t{'' if fit is None else fit}\t{persona}\t{'t' if refused else 'f'}\n")
    buffer.seek(0)
    cursor.cursor.copy_expert(
        "COPY rebuilt_fit FROM STDIN WITH (FORMAT text, NULL '')",
        buffer,
    )
    cursor.execute("UPDATE rebuilt_fit SET best_persona = '' WHERE best_persona IS NULL")


def _rows(statement: str) -> Iterator[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        while rows := cursor.fetchmany(5000):
            yield from rows


def _facts(row: tuple[Any, ...], attributes: dict[str, Attribute.Kind]) -> dict[str, engine.Operand]:
    (company, title, seniority, department, industry, employees, revenue, country, city, channel) = row[2:12]
    email, values, source, campaign, persona, context, answers, named = row[12:20]
    attributes_held = json.loads(values)
    texts = (company, title, seniority, department, industry, country, city, channel)
    facts: dict[str, engine.Operand] = {name: text.lower() or None for name, text in zip(TEXTS, texts, strict=True)}
    facts |= {
        "employees": None if employees is None else Decimal(employees),
        "revenue": revenue,
        "email_domain": (email.split("@") + [""])[1].lower() or None,
        "source": source and source.lower(),
        "campaign": campaign and campaign.lower(),
        "persona": persona and persona.lower(),
        "context": context and context.lower(),
    }
    chosen: dict[str, str] = json.loads(answers or "{}")
    facts |= {f"{ANSWER}{code}": None if choice == Choice.NOT_RAISED else choice for code, choice in chosen.items()}
    pains = [pair for listed in json.loads(named or "[]") for pair in listed]
    for of in Pain.Kind:
        facts[f"{of.value}s"] = tuple(code.lower() for kind, code in pains if kind == of) or None
    for code, stored_as in attributes.items():
        value = attributes_held.get(code)
        match stored_as:
            case Attribute.Kind.TEXT:
                facts[f"attribute:{code}"] = str(value).lower() if value not in (None, "") else None
            case Attribute.Kind.NUMBER:
                facts[f"attribute:{code}"] = None if value is None else Decimal(str(value))
            case Attribute.Kind.FLAG:
                facts[f"attribute:{code}"] = value if isinstance(value, bool) else None
            case Attribute.Kind.DATE:
                facts[f"attribute:{code}"] = value or None
            case Attribute.Kind.LIST:
                facts[f"attribute:{code}"] = tuple(str(item).lower() for item in value or []) or None
    return facts
