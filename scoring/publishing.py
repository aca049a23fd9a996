"""Publishing: a question set or a policy becomes a frozen version. Nothing published is ever edited."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from scoring import engine
from scoring.facts import ANSWER, kinds
from scoring.frameworks import CONCEPTS, CRITERIA
from scoring.models import Choice, Policy, Question, QuestionSet
from scoring.packs.shape import ChoiceData, QuestionData, QuestionSetData
from users.facts import database_now
from users.models import SalesContext, User

LARGEST_WEIGHT = 10
LONGEST_TEXT, LONGEST_LABEL = 300, 100  # as wide as the columns


class PublishingRefused(ValueError):
    """What is wrong with a question set: `problems` maps the path of a field, such as "questions.3.choices", to a
    sentence that says what to change. Nothing was published."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = dict(problems)
        super().__init__(" ".join(self.problems.values()))


@transaction.atomic
def publish_question_set(context: SalesContext, data: QuestionSetData) -> QuestionSet:
    """Append the next version of the context's question set, with its questions and choices.

    Answers keep the version they were given to. Raises PublishingRefused.
    """
    at = _locked(context)
    if problems := problems_in(context, data, at):
        raise PublishingRefused(problems)
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
            weight=question.weighs,
            text=question.text,
            hint=question.hint,
            leading=list(question.leading),
            wording=dict(question.wording),
            kind=question.kind,
            role=question.role,
            occurred_at=at,
        )
        for position, question in enumerate(data.questions, start=1)
    )
    Choice.objects.bulk_create(
        Choice(
            question=row,
            code=choice.code,
            label=choice.label,
            wording=dict(choice.wording),
            value=choice.value,
            digit=choice.digit,
            occurred_at=at,
        )
        for row, question in zip(questions, data.questions, strict=True)
        for choice in question.choices
    )
    return question_set


def problems_in(context: SalesContext, data: QuestionSetData, at: datetime) -> dict[str, str]:
    """What keeps a question set from being published: the path of a field, and a sentence that says what to change."""
    return _problems_of(data) | _unserved(context, data, at)


def _problems_of(data: QuestionSetData) -> dict[str, str]:
    problems = {} if data.questions else {"questions": _("A question set needs at least one question.")}
    codes = Counter(question.code for question in data.questions)
    keys = Counter(question.criterion for question in data.questions if question.key)
    for criterion in dict.fromkeys(question.criterion for question in data.questions):
        if keys[criterion] != 1:
            problems[f"criteria.{criterion}"] = _("%(criterion)s has %(keys)d key questions; mark exactly one.") % {
                "criterion": criterion,
                "keys": keys[criterion],
            }
    for index, question in enumerate(data.questions):
        found = problems_of_question(question)
        if codes[question.code] > 1:
            found["code"] = _("The code %(code)s is used %(times)d times; give each question its own.") % {
                "code": question.code,
                "times": codes[question.code],
            }
        problems |= {f"questions.{index}.{field}": sentence for field, sentence in found.items()}
    return problems


def problems_of_question(question: QuestionData) -> dict[str, str]:
    """What is wrong with one question, by its fields."""
    problems = {}
    if question.criterion not in CRITERIA:
        problems["criterion"] = _("%(code)s: %(criterion)s is no criterion; choose one of %(known)s.") % {
            "code": question.code,
            "criterion": question.criterion,
            "known": ", ".join(CRITERIA),
        }
    if strangers := [concept for concept in question.concepts if concept not in CONCEPTS]:
        problems["concepts"] = _("%(code)s: %(concept)s is no known concept.") % {
            "code": question.code,
            "concept": ", ".join(strangers),
        }
    if not 1 <= question.weighs <= LARGEST_WEIGHT:
        problems["weight"] = _("%(code)s: give a weight from 1 to %(most)d.") % {
            "code": question.code,
            "most": LARGEST_WEIGHT,
        }
    if not question.text.strip():
        problems["text"] = _("%(code)s: write down what is asked.") % {"code": question.code}
    texts: Mapping[str, Iterable[str]] = {
        part: [*base, *chain.from_iterable(_texts(words.get(part)) for words in question.wording.values())]
        for part, base in (("text", [question.text]), ("hint", [question.hint]), ("leading", question.leading))
    }
    for part, found in texts.items():
        if any(len(text) > LONGEST_TEXT for text in found):
            problems[part] = _("%(code)s: shorten this to %(most)d characters.") % {
                "code": question.code,
                "most": LONGEST_TEXT,
            }
    if sentences := list(_problems_of_choices(question.choices)):
        problems["choices"] = " ".join(f"{question.code}: {sentence}" for sentence in sentences)
    return problems


def _texts(value: str | Sequence[str] | None) -> Sequence[str]:
    return [value] if isinstance(value, str) else value or []


def _problems_of_choices(choices: Sequence[ChoiceData]) -> Iterator[str]:
    if len({choice.digit for choice in choices}) != len(choices):
        yield _("two choices share a key.")
    if len({choice.code for choice in choices}) != len(choices):
        yield _("two choices share a code.")
    if any(not choice.label.strip() for choice in choices):
        yield _("every choice needs its words.")
    if any(len(text) > LONGEST_LABEL for choice in choices for text in (choice.label, *choice.wording.values())):
        yield _("shorten the words of a choice to %(most)d characters.") % {"most": LONGEST_LABEL}
    if any(not 0 <= choice.digit <= 9 for choice in choices):
        yield _("a key is a digit from 0 to 9.")
    values = [choice.value for choice in choices if choice.value is not None]
    if not values or min(values) != 0 or max(values) != 100:
        yield _("the choices must reach from 0 to 100.")
    if {Choice.NOT_RAISED, Choice.REFUSED} - {choice.code for choice in choices if choice.value is None}:
        yield _("“did not come up” and “would not say” must be among the choices, without a value.")


def _unserved(context: SalesContext, data: QuestionSetData, at: datetime) -> dict[str, str]:
    """What the policy in force, or one that will be, requires and no question of the set would ask about."""
    in_force = Policy.objects.in_force(context, at)
    ahead = Policy.objects.filter(context=context, in_force_from__gt=at).order_by("in_force_from", "id")
    asked = [
        engine.Asked(question.code, frozenset(question.all_concepts()), question.weighs) for question in data.questions
    ]
    problems = {}
    for policy in [*([in_force] if in_force else []), *ahead]:
        criteria = engine.parse(policy.definition, kinds()).criteria
        if missing := [criteria[index].name for index in _required_in_vain(criteria, asked)]:
            problems[f"policies.{policy.pk}"] = _(
                "No question serves %(criteria)s, which the policy %(policy)s requires. Keep a question about it, or "
                "publish a policy that does not require it first."
            ) % {"criteria": ", ".join(missing), "policy": policy}
    return problems


def _required_in_vain(criteria: Sequence[engine.Criterion], asked: Sequence[engine.Asked]) -> list[int]:
    """Places of the required criteria that no question serves."""
    served = _served(criteria, asked)
    return [index for index, criterion in enumerate(criteria) if criterion.required and index not in served]


def _served(criteria: Sequence[engine.Criterion], asked: Sequence[engine.Asked]) -> set[int]:
    """Places of the criteria that some question serves."""
    return {weight.criterion for weight in engine.weights(criteria, asked).values()}


_when_published: list[Callable[[Policy], object]] = []


def when_a_policy_is_published(function: Callable[[Policy], object]) -> None:
    """Have `function` called with each new policy, in the same transaction. Rooms above register theirs when ready."""
    if function not in _when_published:
        _when_published.append(function)


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
    """Append the next version of the context's policy, in force from now on, or from `at`.

    A moment ahead is a policy that begins then. One in the past is for histories (imports, demo data): the policy then
    counts as known and in force since that moment. Without signatures it is a shipped policy, and shown as unsigned;
    what people drafted comes here through scoring/signing.py. Raises engine.InvalidPolicy, with a sentence per field.
    """
    now = _locked(context)
    _check_policy(context, engine.parse(definition, kinds()))
    moment = at or now
    policy = Policy.objects.create(
        context=context,
        version=_next_version(Policy, context),
        name=name or context.name,
        definition=definition,
        digest=digest(definition),
        in_force_from=moment,
        occurred_at=min(moment, now),
        known_at=min(moment, now),
        signed_for_marketing=by_marketing,
        signed_for_sales=by_sales,
    )
    for function in _when_published:
        function(policy)
    return policy


def problems_of_policy(context: SalesContext, definition: dict[str, Any]) -> dict[str, str]:
    """What keeps the definition from being published in the context: the path of a field, and what to do about it."""
    try:
        _check_policy(context, engine.parse(definition, kinds()))
    except engine.InvalidPolicy as invalid:
        return invalid.problems
    return {}


def _check_policy(context: SalesContext, definition: engine.Definition) -> None:
    """What only the context's newest questions show: a criterion that none of them serves is “not asked” and cannot be
    required (decisions.md 10), and a rule can only read the answers of questions that the set has."""
    newest = QuestionSet.objects.filter(context=context).order_by("-version").first()
    asked = [engine.Asked(q.code, frozenset(q.concepts), q.weight) for q in newest.questions.all()] if newest else []
    says = _("No question of %(context)s asks about %(criterion)s, so it cannot be required.")
    problems = {
        f"criteria.{index}.required": says % {"context": context, "criterion": definition.criteria[index].name}
        for index in _required_in_vain(definition.criteria, asked)
    }
    for index, criterion in enumerate(definition.criteria):
        if strangers := criterion.concepts - set(CONCEPTS):
            says = _("There is no concept %(concepts)s. Choose among those listed.")
            problems[f"criteria.{index}.concepts"] = says % {"concepts": ", ".join(sorted(strangers))}
            problems.pop(f"criteria.{index}.required", None)
    served = len(_served(definition.criteria, asked))
    if definition.gates.sql_k > served:
        says = _("The questions of %(context)s ask about %(served)s of the criteria: give at most that.")
        problems["gates.sql.k"] = says % {"context": context, "served": served}
    says = _("%(context)s has no question “%(code)s”. Choose one of its questions.")
    codes = {question.code for question in asked}
    problems |= {
        f"{path}fact": says % {"context": context, "code": condition.fact.removeprefix(ANSWER)}
        for path, condition in definition.conditions.items()
        if condition.fact.startswith(ANSWER) and condition.fact.removeprefix(ANSWER) not in codes
    }
    if problems:
        raise engine.InvalidPolicy(problems)


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
