"""Explains one checklist's judgement, now or as of any past moment: the scoring statement's own row, with the rules,
answers and events that made it."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils.translation import gettext as _
from psycopg2 import sql

from leads.judging import PARAMETERS, SOME, Judge, ready_judge
from leads.ledger import engagement_rows, fit_rows, qualification_rows
from leads.lifecycle import Stage
from leads.models import Checklist, Override
from leads.reasons import speaking_against, speaking_for
from leads.scores import sitting
from leads.sheet import Criterion, NextQuestion, Sheet
from leads.shortest_way import Asked, shortest_way
from scoring import sql as scoring_sql
from scoring.engine import Definition
from scoring.gates import GateForm
from scoring.models import Choice, Policy
from scoring.wording import worded
from users.facts import database_now
from users.models import Workspace
from users.prepared import execute_prepared

EXPLAINED = """
SELECT judged.checklist_id, to_jsonb(judged)::text,
       (SELECT {rules} FROM subject WHERE subject.id = judged.lead_id)::text,
       (SELECT {values} FROM subject WHERE subject.id = judged.lead_id)::text,
       (SELECT jsonb_agg(to_jsonb(fading) ORDER BY kind) FROM fading WHERE fading.lead_id = judged.lead_id)::text,
       (SELECT jsonb_agg(jsonb_build_object(
                   'code', question.code, 'text', question.text, 'wording', question.wording,
                   'position', question.position,
                   'criterion', weighing.criterion, 'weight', weighing.weight, 'value', valued.value,
                   'choice', choice.code, 'label', choice.label, 'label_wording', choice.wording, 'at', answer.occurred_at, 'by', person.name,
                   'passed', coalesce(answer.happened_on IS NULL AND answer.date < (%(moment)s AT TIME ZONE %(zone)s)::date, false))
               ORDER BY question.position)
        FROM weighing
        JOIN scoring_question question ON question.id = weighing.question_id
        LEFT JOIN current_answer answer
          ON answer.checklist_id = judged.checklist_id AND answer.question_id = weighing.question_id
        LEFT JOIN scoring_choice choice ON choice.id = answer.choice_id
        LEFT JOIN valued ON valued.answer_id = answer.id
        LEFT JOIN users_user person ON person.id = answer.by_id
        WHERE weighing.question_set_id = judged.question_set_id)::text,
       (SELECT jsonb_agg(jsonb_build_array(move.to_stage, move.occurred_at) ORDER BY move.id)
        FROM leads_lifecyclechange move
        WHERE move.lead_id = judged.lead_id AND move.known_at <= %(moment)s
          AND (move.occurred_at IS NULL OR move.occurred_at <= %(moment)s))::text,
       (SELECT count(*) FROM current_answer answer WHERE answer.checklist_id = judged.checklist_id),
       coalesce((SELECT name FROM scoring_persona WHERE code = judged.best_persona), ''),
       EXISTS (SELECT FROM leads_override override WHERE override.checklist_id = judged.checklist_id)
FROM judged
"""


def explain(checklist: Checklist, *, at: datetime | None = None, policy: Policy | None = None) -> Sheet:
    """The checklist's whole judgement as of `at` (default: now) under `policy` (default: the one then in force).

    A past moment is judged from history as it was known then. A policy that was not in force then is judged without
    the gates' margin (decisions.md 7).
    """
    return explain_all([checklist], at=at, policy=policy)[checklist.pk]


def explain_all(
    checklists: Sequence[Checklist], *, at: datetime | None = None, policy: Policy | None = None
) -> dict[int, Sheet]:
    """As `explain`, of checklists of one sales context by their ids: one statement however many there are, and one
    more where anything is overridden."""
    judge, zone, moment = sitting(checklists[0].context_id, at)
    with_margin = policy is None or (judge.policy is not None and judge.policy.pk == policy.pk)
    if not with_margin:
        judge = ready_judge(policy, checklists[0].context_id, summed=False)
    ids = [checklist.pk for checklist in checklists]
    values = {"ids": ids, "moment": moment, "zone": zone, "with_margin": with_margin}
    with connection.cursor() as cursor:
        execute_prepared(cursor, _statement(judge, at is not None), PARAMETERS, values)
        rows = cursor.fetchall()
    return _sheets(checklists, judge, moment, zone, rows, past=at is not None)


def explain_draft(checklist: Checklist, judge: Judge) -> Sheet:
    """The checklist's judgement now under a text that nobody published, without the gates' margin.

    The statement is not prepared: a text is tried once, and the connection would keep each of them.
    """
    moment, zone = database_now(), Workspace.get().zone
    statement = (judge.statement(selection=SOME, past=False) + _tail(judge)).as_string(connection.connection)
    with connection.cursor() as cursor:
        cursor.execute(statement, {"ids": [checklist.pk], "moment": moment, "zone": zone, "with_margin": False})
        rows = cursor.fetchall()
    return _sheets([checklist], judge, moment, zone, rows, past=False)[checklist.pk]


def _sheets(
    checklists: Sequence[Checklist],
    judge: Judge,
    moment: datetime,
    zone: str,
    found: Sequence[Sequence[Any]],
    *,
    past: bool,
) -> dict[int, Sheet]:
    """What the statement told, by the ids of the checklists."""
    rows = {row[0]: row[1:] for row in found}
    today = moment.astimezone(ZoneInfo(zone)).date()
    overrides = _overrides([pk for pk, row in rows.items() if row[-1]], moment, today)
    sheets = {}
    for checklist in checklists:
        *texts, answered, persona, _overridden = rows[checklist.pk]
        judged, rules, facts, fading, questions, moves = (_read(text) for text in texts)
        sheets[checklist.pk] = _sheet(
            checklist,
            judge,
            moment,
            judged,
            rules,
            facts,
            fading or [],
            questions or [],
            moves=[(Stage(to), datetime.fromisoformat(on) if on else None) for to, on in moves or []],
            answered=answered,
            persona=persona,
            override=overrides.get(checklist.pk),
            past=past,
        )
    return sheets


@lru_cache(maxsize=64)
def _statement(judge: Judge, past: bool) -> str:
    return str((judge.statement(selection=SOME, past=past) + _tail(judge)).as_string(connection.connection))


def _read(text: str | None) -> Any:
    return json.loads(text, parse_float=Decimal) if text else None


def _tail(judge: Judge) -> sql.Composable:
    d = judge.definition
    rules = [*d.fit, *(rule for persona in d.personas for rule in persona.rules), *d.disqualifiers]
    held = scoring_sql.join(", ", (scoring_sql.holds(rule, judge.facts) for rule in rules), sql.SQL(""))
    values = scoring_sql.join(
        ", ",
        (sql.SQL("{}::text, {}").format(sql.Literal(name), judge.facts[name].expression) for name in sorted(d.facts)),
        sql.SQL(""),
    )
    return sql.SQL(EXPLAINED).format(
        rules=sql.SQL("jsonb_build_array({})").format(held), values=sql.SQL("jsonb_build_object({})").format(values)
    )


def _sheet(
    checklist: Checklist,
    judge: Judge,
    moment: datetime,
    judged: dict[str, Any],
    rules: Sequence[bool] | None,
    values: dict[str, Any] | None,
    fading: list[dict[str, Any]],
    questions: list[dict[str, Any]],
    *,
    moves: list[tuple[Stage, datetime | None]],
    answered: int,
    persona: str,
    override: dict[str, Any] | None,
    past: bool,
) -> Sheet:
    d = judge.definition
    criteria = _criteria(judge, judged)
    fit = _decimal(judged["fit"])
    names = {name: str(fact.label) for name, fact in judge.facts.items()}
    held = iter(rules or [])
    icp = [(rule, next(held, False)) for rule in d.fit]
    personas = {persona.code: [(rule, next(held, False)) for rule in persona.rules] for persona in d.personas}
    # Where no persona matches, fit is measured against the one that could give least: none of its rules holds.
    unmatched = min(
        (rules for rules in personas.values() if rules),
        key=lambda rules: sum(rule.points for rule, _held in rules),
        default=[],
    )
    refusing = [rule.text for rule in d.disqualifiers if next(held, False)]
    ledger = [
        *fit_rows(fit, icp, personas.get(judged["best_persona"], unmatched), values or {}, names),
        *engagement_rows(_decimal(judged["engagement"]) or Decimal(0), d.engagement, fading),
        *qualification_rows(_decimal(judged["qualification"]), _decimal(judged["low"]) or Decimal(0), questions),
    ]
    said = [
        (
            worded(q["text"], q["wording"], "text"),
            worded(q["label"], q["label_wording"]) if q["label"] else "",
            q["weight"],
            _decimal(q["value"]),
        )
        for q in questions
    ]
    return Sheet(
        checklist_id=checklist.pk,
        lead_id=checklist.lead_id,
        as_of=moment,
        policy=judge.policy,
        fit=fit,
        engagement=_decimal(judged["engagement"]) or Decimal(0),
        qualification=_decimal(judged["qualification"]),
        low=_decimal(judged["low"]) or Decimal(0),
        high=_decimal(judged["high"]) or Decimal(0),
        completeness=_decimal(judged["completeness"]) or Decimal(0),
        criteria=criteria,
        mql=judged["mql"],
        sql=judged["sql"],
        override=override,
        temperature=judged["temperature"],
        interest_shown=judged["interest_shown"],
        route=judged["route"],
        stage=judged["stage"] if not past else moves[-1][0].value if moves else Stage.LEAD.value,
        moves=moves,
        missing_for_sql=_missing(judge, judged, criteria, refusing),
        next_question=_next_question(judged, criteria, questions),
        ledger=ledger,
        best_persona=judged["best_persona"],
        best_persona_name=persona,
        answered=answered,
        weights={question["code"]: question["weight"] for question in questions},
        speaking_for=speaking_for(ledger),
        speaking_against=speaking_against(
            ledger, [*icp, *personas.get(judged["best_persona"], [])], values or {}, said, refusing
        ),
        shortest_way=None if judge.policy is None or refusing else _shortest_way(d, judged, questions),
        missing_facts=sorted(names[name] for name, value in (values or {}).items() if value is None),
        disqualified_by=refusing,
    )


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(value)


def _criteria(judge: Judge, judged: dict[str, Any]) -> list[Criterion]:
    listed = []
    for index, criterion in enumerate(judge.definition.criteria):
        asked = bool((judged["criterion_weights"] or [])[index : index + 1] and judged["criterion_weights"][index])
        low = _decimal(judged["lows"][index]) or Decimal(0)
        high = _decimal(judged["highs"][index])
        minimum = judge.definition.minimum(criterion)
        listed.append(
            Criterion(
                code=criterion.code,
                name=_(criterion.name),
                letter=criterion.letter,
                score=_decimal(judged["scores"][index]),
                completeness=_decimal(judged["completenesses"][index]) or Decimal(0),
                low=low,
                high=Decimal(100) if high is None else high,
                met=asked and low >= minimum,
                asked=asked,
                minimum=minimum,
            )
        )
    return listed


def _missing(judge: Judge, judged: dict[str, Any], criteria: list[Criterion], refusing: list[str]) -> list[str]:
    """What stands between the lead and the SQL gate, each as half a sentence; empty when the gate holds."""
    if judged["sql"]:
        return []
    if judge.policy is None:
        return [_("no policy was in force then")]
    if refusing:
        return [_("disqualified: %(rule)s") % {"rule": rule} for rule in refusing]
    gates = judge.definition.gates
    missing = [
        _("%(criterion)s at %(low)s of %(minimum)s")
        % {"criterion": criterion.name, "low": criterion.low, "minimum": criterion.minimum}
        for criterion, own in zip(criteria, judge.definition.criteria, strict=True)
        if own.required and criterion.asked and not criterion.met and gates.sql_form is not GateForm.WEIGHTED
    ]
    met = sum(criterion.met for criterion in criteria)
    if gates.sql_form is GateForm.K_OF_N and met < gates.sql_k:
        missing.append(_("%(met)s of %(needed)s criteria met") % {"met": met, "needed": gates.sql_k})
    low = Decimal(judged["low"])
    if criteria and low < gates.sql_low:
        missing.append(_("%(points)s more points in all") % {"points": gates.sql_low - low})
    return missing


def _next_question(
    judged: dict[str, Any], criteria: list[Criterion], questions: list[dict[str, Any]]
) -> NextQuestion | None:
    """The open question that can move the decision most: of a criterion that is not met, and with the greatest gain.

    What they would not say is not asked again on the call.
    """
    total = judged["total_weight"]
    open_ones = [q for q in questions if q["value"] is None and q["choice"] != Choice.REFUSED]
    if not open_ones or not total:
        return None
    best = min(open_ones, key=lambda q: (criteria[q["criterion"] - 1].met, -q["weight"], q["position"]))
    gain = (Decimal(100) * best["weight"] / Decimal(total)).quantize(Decimal("0.1"))
    return NextQuestion(best["code"], worded(best["text"], best["wording"], "text"), gain)


def _shortest_way(
    definition: Definition, judged: dict[str, Any], questions: list[dict[str, Any]]
) -> list[NextQuestion] | None:
    if judged["sql"]:
        return []
    asked = [
        Asked(
            q["code"],
            worded(q["text"], q["wording"], "text"),
            q["criterion"] - 1,
            q["weight"],
            _decimal(q["value"]),
            q["choice"] == Choice.REFUSED,
        )
        for q in questions
    ]
    way = shortest_way(definition, asked)
    if way is None:
        return None
    whole = sum(each.weight for each in asked)
    gains = [Decimal(each.gain.numerator) / Decimal(each.gain.denominator * whole) for each in way]
    return [
        NextQuestion(each.code, each.text, gain.quantize(Decimal("0.1"))) for each, gain in zip(way, gains, strict=True)
    ]


def _overrides(checklist_ids: Sequence[int], moment: datetime, today: date) -> dict[int, dict[str, Any]]:
    """The newest override in effect on each of these checklists, if there is one."""
    newest: dict[int, dict[str, Any]] = {}
    if not checklist_ids:
        return newest
    overrides = Override.objects.filter(checklist__in=checklist_ids)
    for override in overrides.in_effect(moment, today).select_related("by"):
        newest.setdefault(
            override.checklist_id,
            {
                "gate": override.gate,
                "direction": override.direction,
                "by": override.by.name if override.by else None,
                "until": override.until.isoformat() if override.until else None,
                "reason": override.reason,
            },
        )
    return newest
