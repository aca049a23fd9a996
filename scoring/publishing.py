"""Publishing: a question set or a policy becomes a frozen version. Nothing published is ever edited."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from scoring import engine
from scoring.facts import kinds
from scoring.frameworks import CONCEPTS, CRITERIA
from scoring.models import Choice, Policy, Question, QuestionSet
from scoring.packs.shape import QuestionData, QuestionSetData
from users.facts import database_now
from users.models import SalesContext, User


class PublishingRefused(ValueError):
    """What is wrong with the draft, one sentence a problem; nothing was published."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = list(problems)
        super().__init__(" ".join(self.problems))


@transaction.atomic
def publish_question_set(context: SalesContext, data: QuestionSetData) -> QuestionSet:
    """Append the next version of the context's question set, with its questions and choices.

    Answers keep the version they were given to. Raises PublishingRefused.
    """
    if problems := problems_of(data):
        raise PublishingRefused(problems)
    at = _locked(context)
    question_set = QuestionSet.objects.create(
        context=context, version=_next_version(QuestionSet, context), name=data.name, occurred_at=at
    )
    questions = Question.objects.bulk_create(
        Question(
            question_set=question_set,
            code=question.code,
            criterion=question.criterion,
            concepts=question.all_concepts(),
            position=position,
            key=question.key,
            text=question.text,
            hint=question.hint,
            kind=question.kind,
            role=question.role,
            occurred_at=at,
        )
        for position, question in enumerate(data.questions, start=1)
    )
    Choice.objects.bulk_create(
        Choice(
            question=row, code=choice.code, label=choice.label, value=choice.value, digit=choice.digit, occurred_at=at
        )
        for row, question in zip(questions, data.questions, strict=True)
        for choice in question.choices
    )
    return question_set


def problems_of(data: QuestionSetData) -> list[str]:
    """What keeps a question set from being published, as sentences that say what to change."""
    problems = [] if data.questions else [_("A question set needs at least one question.")]
    problems += [
        _("The code %(code)s is used %(times)d times; give each question its own.") % {"code": code, "times": times}
        for code, times in Counter(question.code for question in data.questions).items()
        if times > 1
    ]
    keys = Counter(question.criterion for question in data.questions if question.key)
    for criterion in dict.fromkeys(question.criterion for question in data.questions):
        if keys[criterion] != 1:
            problems.append(
                _("%(criterion)s has %(keys)d key questions; mark exactly one.")
                % {"criterion": criterion, "keys": keys[criterion]}
            )
    for question in data.questions:
        problems += _problems_of_question(question)
    return problems


def _problems_of_question(question: QuestionData) -> list[str]:
    problems = []
    if question.criterion not in CRITERIA:
        problems.append(
            _("%(code)s: %(criterion)s is no criterion; choose one of %(known)s.")
            % {"code": question.code, "criterion": question.criterion, "known": ", ".join(CRITERIA)}
        )
    problems += [
        _("%(code)s: %(concept)s is no known concept.") % {"code": question.code, "concept": concept}
        for concept in question.concepts
        if concept not in CONCEPTS
    ]
    if len({choice.digit for choice in question.choices}) != len(question.choices):
        problems.append(_("%(code)s: two choices share a key.") % {"code": question.code})
    if len({choice.code for choice in question.choices}) != len(question.choices):
        problems.append(_("%(code)s: two choices share a code.") % {"code": question.code})
    values = [choice.value for choice in question.choices if choice.value is not None]
    if not values or min(values) != 0 or max(values) != 100:
        problems.append(_("%(code)s: the choices must reach from 0 to 100.") % {"code": question.code})
    if {Choice.NOT_RAISED, Choice.REFUSED} - {choice.code for choice in question.choices if choice.value is None}:
        problems.append(
            _("%(code)s: “did not come up” and “would not say” must be among the choices, without a value.")
            % {"code": question.code}
        )
    return problems


@transaction.atomic
def publish_policy(
    context: SalesContext,
    definition: dict[str, Any],
    *,
    name: str = "",
    at: datetime | None = None,
    by_marketing: User | None = None,
    by_sales: User | None = None,
) -> Policy:
    """Append the next version of the context's policy, in force from now on.

    `at` is for histories (imports, demo data): the policy then counts as known and in force since that moment.
    Without signatures it is a shipped policy, and shown as unsigned. The caller has the leads of the context scored
    again. Raises engine.InvalidPolicy, with a sentence per field.
    """
    now = _locked(context)
    _check_policy(context, engine.parse(definition, kinds()))
    moment = at or now
    return Policy.objects.create(
        context=context,
        version=_next_version(Policy, context),
        name=name or context.name,
        definition=definition,
        digest=digest(definition),
        in_force_from=moment,
        occurred_at=moment,
        known_at=min(moment, now),
        signed_for_marketing=by_marketing,
        signed_for_sales=by_sales,
    )


def _check_policy(context: SalesContext, definition: engine.Definition) -> None:
    """A criterion that no question of the context serves is “not asked”, and cannot be required (decisions.md 10)."""
    newest = QuestionSet.objects.filter(context=context).order_by("-version").first()
    asked = [engine.Asked(q.code, frozenset(q.concepts), q.key) for q in newest.questions.all()] if newest else []
    served = {weight.criterion for weight in engine.weights(definition.criteria, asked).values()}
    unasked = {
        f"criteria.{index}.required": _(
            "No question of %(context)s asks about %(criterion)s, so it cannot be required."
        )
        % {"context": context, "criterion": criterion.name}
        for index, criterion in enumerate(definition.criteria)
        if criterion.required and index not in served
    }
    if unasked:
        raise engine.InvalidPolicy(unasked)


def digest(definition: dict[str, Any]) -> str:
    """SHA-256, in hexadecimal, of the definition as canonical JSON: keys sorted, no blanks, UTF-8."""
    canonical = json.dumps(definition, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _locked(context: SalesContext) -> datetime:
    """Let one publisher at a time number the versions of a context; the moment after the lock."""
    SalesContext.objects.select_for_update(no_key=True).get(pk=context.pk)
    return database_now()


def _next_version(model: type[QuestionSet] | type[Policy], context: SalesContext) -> int:
    newest = (
        model._default_manager.filter(context=context).order_by("-version").values_list("version", flat=True).first()
    )
    return (newest or 0) + 1
