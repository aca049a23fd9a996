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
from reports.verification.rebuilding_sql import REBUILT
from scoring import engine, reasoning
from scoring.facts import ANSWER, kinds
from scoring.models import Choice, Pain, Policy, Question
from users.models import Attribute

TABLES = """
CREATE TEMP TABLE policy_weight (policy_id bigint, question_set_id bigint, question_id bigint, criterion int, weight int);
CREATE TEMP TABLE policy_kind (policy_id bigint, kind text, points float8, half_life float8, cap float8, hand_raise bool,
                               once bool);
CREATE TEMP TABLE policy_criterion (policy_id bigint, criterion int, is_need bool, is_authority bool, minimum int,
                               required bool);
CREATE TEMP TABLE policy_gate (policy_id bigint, mql_fit int, mql_engagement int, mql_low int, sql_low int, margin int,
                               hand_raise_days int, warm_engagement int, mql_form text, fit_weight int,
                               engagement_weight int, low_weight int, mql_total int, mql_k int, sql_form text, sql_k int);
CREATE TEMP TABLE rebuilt_fit (checklist_id bigint PRIMARY KEY, fit numeric, best_persona text, disqualified bool);
CREATE TEMP TABLE moment AS
SELECT score.checklist_id, checklist.lead_id,
       coalesce((SELECT change.to_set_id FROM leads_setchange change
                 WHERE change.checklist_id = checklist.id AND change.known_at <= score.scored_at
                 ORDER BY change.id DESC LIMIT 1),
                (SELECT change.from_set_id FROM leads_setchange change
                 WHERE change.checklist_id = checklist.id ORDER BY change.id LIMIT 1),
                checklist.question_set_id) AS question_set_id, score.scored_at AS at,
       (score.scored_at AT TIME ZONE (SELECT zone FROM users_workspace))::date AS today,
       -- Just before the score comes due, or, where it never does, when everything has faded: what a gate says then it
       -- has said all the time. The minute is the least that the sweep waits.
       greatest(score.scored_at, coalesce(score.due_at - interval '61 seconds', score.scored_at + interval '200 years')) AS later,
       (SELECT policy.id FROM scoring_policy policy
        WHERE policy.context_id = checklist.context_id AND policy.in_force_from <= score.scored_at
        ORDER BY policy.in_force_from DESC, policy.id DESC LIMIT 1) AS policy_id
FROM leads_score score JOIN leads_checklist checklist ON checklist.id = score.checklist_id;
ANALYZE moment;
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
    "route",
)

SUBJECTS = """
SELECT moment.checklist_id, moment.policy_id, subject.company, subject.title, subject.seniority, subject.department,
       subject.industry, subject.employees, subject.revenue, subject.country, subject.city, subject.preferred_channel,
       subject.email, subject.attributes, source.code, campaign.code, persona.code, context.code,
       said.answers, said.pains, done.kinds
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
    SELECT jsonb_object_agg(question.code, choice.code ORDER BY answer.id) FILTER (WHERE held.context_id = subject.context_id) AS answers,
           jsonb_agg(named.pains) FILTER (WHERE named.pains IS NOT NULL) AS pains
    FROM leads_checklist held
    JOIN LATERAL (
        SELECT DISTINCT ON (answer.question_id) answer.* FROM leads_answer answer
        WHERE answer.checklist_id = held.id AND answer.known_at <= moment.at
          AND coalesce(answer.occurred_at, answer.known_at) <= moment.at
          AND NOT EXISTS (SELECT FROM leads_answer carried
                          WHERE carried.checklist_id = held.id AND carried.carried AND carried.replaces_id = answer.id
                            AND carried.known_at <= moment.at)
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
LEFT JOIN LATERAL (
    SELECT array_agg(DISTINCT event.kind) AS kinds FROM leads_behaviourevent event
    WHERE event.lead_id = moment.lead_id AND event.known_at <= moment.at AND event.occurred_at <= moment.at
) done ON true
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
        is_authority = index == definition.about(engine.AUTHORITY)
        row: list[Any] = [
            policy.pk,
            index + 1,
            is_need,
            is_authority,
            definition.minimum(criterion),
            criterion.required,
        ]
        cursor.execute("INSERT INTO policy_criterion VALUES (%s, %s, %s, %s, %s, %s)", row)
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
    email, values, source, campaign, persona, context, answers, named, done = row[12:21]
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
    facts |= {f"did:{kind}": True for kind in done or []}
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
