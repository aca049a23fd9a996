"""An administrator publishes a question set or a policy; what is published stays as it was."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import ProgrammingError, connection, transaction

from scoring import engine
from scoring.engine import InvalidPolicy
from scoring.facts import kinds
from scoring.frameworks import AM, ANUM, BANT, Framework
from scoring.models import Choice, Policy, Question, QuestionSet
from scoring.packs import direct, policies
from scoring.packs.shape import QuestionSetData
from scoring.publishing import PublishingRefused, digest, publish_policy, publish_question_set
from users.facts import database_now
from users.models import SalesContext, Workspace


def the_direct_context() -> SalesContext:
    return SalesContext.objects.get(code="direct")


def test_a_new_version_leaves_the_old_one_as_it_was(workspace: Workspace) -> None:
    before = list(Question.objects.order_by("id").values())
    shorter = QuestionSetData("Shorter", tuple(q for q in direct.QUESTION_SET.questions if q.key))
    published = publish_question_set(the_direct_context(), shorter)
    assert published.version == 2
    assert [q.code for q in published.questions.all()] == ["budget", "decision_maker", "pain", "decision_date"]
    assert list(Question.objects.exclude(question_set=published).order_by("id").values()) == before


def test_a_wrong_set_is_refused_with_what_to_change(workspace: Workspace) -> None:
    first, second = direct.QUESTION_SET.questions[:2]
    wrong = QuestionSetData(
        "Wrong", (first, replace(second, code="budget", key=True, concepts=("weather",), choices=second.choices[1:]))
    )
    with pytest.raises(PublishingRefused) as refused:
        publish_question_set(the_direct_context(), wrong)
    assert {"criteria.budget", "questions.0.code", "questions.1.concepts", "questions.1.choices"} <= set(
        refused.value.problems
    )
    said = str(refused.value)
    assert "The code budget is used 2 times" in said
    assert "budget has 2 key questions" in said
    assert "weather is no known concept" in said
    assert "from 0 to 100" in said
    assert QuestionSet.objects.filter(context__code="direct").count() == 1


def test_the_policy_in_force_is_the_one_of_the_moment(workspace: Workspace) -> None:
    context = the_direct_context()
    shipped = Policy.objects.get(context=context)
    stricter = publish_policy(context, {**policies.DIRECT, "hand_raise_days": 10})
    assert stricter.version == 2
    assert Policy.objects.in_force(context, stricter.in_force_from) == stricter
    assert Policy.objects.in_force(context, shipped.in_force_from) == shipped
    assert Policy.objects.in_force(context, datetime(2000, 1, 1, tzinfo=UTC)) is None


def test_a_wrong_policy_is_refused_field_by_field(workspace: Workspace) -> None:
    wrong = {
        **policies.DIRECT,
        "warm_engagement": 500,
        "fit": [{"code": "moon", "text": "Full moon", "points": 5, "when": [{"fact": "moon", "op": "known"}]}],
    }
    with pytest.raises(InvalidPolicy) as refused:
        publish_policy(the_direct_context(), wrong)
    assert set(refused.value.problems) == {"warm_engagement", "fit.0.when.0.fact"}
    assert Policy.objects.filter(context__code="direct").count() == 1


def test_what_is_not_asked_cannot_be_required(workspace: Workspace) -> None:
    budget_only = QuestionSetData(
        "Budget only", tuple(q for q in direct.QUESTION_SET.questions if q.criterion == "budget")
    )
    renewal = SalesContext.objects.create(code="renewal", name="Renewal")
    publish_question_set(renewal, budget_only)
    with pytest.raises(InvalidPolicy) as refused:
        publish_policy(renewal, policies.DIRECT)
    assert set(refused.value.problems) == {"criteria.1.required", "criteria.2.required", "criteria.3.required"}


def test_what_a_policy_requires_stays_asked(workspace: Workspace) -> None:
    """Also for a policy that will only be in force later."""
    context, untimed = the_direct_context(), [c for c in BANT.criteria_json() if c["code"] != "timeline"]
    publish_policy(context, {**policies.DIRECT, "criteria": untimed}, name="Without dates")
    no_timeline, no_need = (
        QuestionSetData("Shorter", tuple(q for q in direct.QUESTION_SET.questions if q.criterion != left_out))
        for left_out in ("timeline", "need")
    )
    with pytest.raises(PublishingRefused, match="Need, which the policy Without dates v2 requires"):
        publish_question_set(context, no_need)
    publish_question_set(context, no_timeline)
    publish_question_set(context, direct.QUESTION_SET)
    publish_policy(context, policies.DIRECT, name="With dates", at=database_now() + timedelta(days=2))
    with pytest.raises(PublishingRefused, match="Timeline, which the policy With dates v3 requires"):
        publish_question_set(context, no_timeline)


def test_a_question_weighs_what_the_set_says_and_else_what_a_key_question_does(workspace: Workspace) -> None:
    first, *others = direct.QUESTION_SET.questions
    heavy = QuestionSetData("Heavy", (replace(first, weight=7), *others))
    published = publish_question_set(the_direct_context(), heavy)
    assert dict(published.questions.filter(criterion="budget").values_list("code", "weight")) == {
        "budget": 7,
        "budget_spent": 1,
        "budget_drawn_up": 1,
    }
    shipped = QuestionSet.objects.get(context__code="direct", version=1)
    assert {(q.key, q.weight) for q in shipped.questions.all()} == {(True, 2), (False, 1)}
    definition = engine.parse(policies.DIRECT, kinds())
    asked = [engine.Asked(q.code, frozenset(q.concepts), q.weight) for q in published.questions.all()]
    weights = engine.weights(definition.criteria, asked)
    budget = [weights[code].points for code in ("budget", "budget_spent", "budget_drawn_up")]
    assert budget == [7 * budget[1], budget[1], budget[1]]
    # Four criteria weigh alike, so budget has a quarter of everything.
    assert 4 * sum(budget) == sum(weight.points for weight in weights.values())


@pytest.mark.parametrize("weight", [0, 11])
def test_a_weight_is_a_whole_number_from_1_to_10(workspace: Workspace, weight: int) -> None:
    first, *others = direct.QUESTION_SET.questions
    with pytest.raises(PublishingRefused) as refused:
        publish_question_set(the_direct_context(), QuestionSetData("Odd", (replace(first, weight=weight), *others)))
    assert set(refused.value.problems) == {"questions.0.weight"}


@pytest.mark.parametrize("framework", [BANT, ANUM, AM])
def test_every_framework_serves_both_question_sets(workspace: Workspace, framework: Framework) -> None:
    for context in SalesContext.objects.all():
        publish_policy(context, {**policies.DIRECT, "framework": framework.code, "criteria": framework.criteria_json()})
    required = {criterion.code for criterion in framework.criteria if criterion.required}
    assert (
        required
        == {
            "bant": {"budget", "authority", "need", "timeline"},
            "anum": {"authority", "need"},
            "am": {"authority", "money"},
        }[framework.code]
    )


def test_a_policy_of_a_history_counts_as_known_since_then(workspace: Workspace) -> None:
    then = datetime(2024, 3, 1, tzinfo=UTC)
    policy = publish_policy(SalesContext.objects.get(code="channel"), policies.CHANNEL, at=then)
    assert policy.in_force_from == policy.known_at == policy.occurred_at == then


def test_the_shipped_policy_is_shown_as_unsigned(workspace: Workspace) -> None:
    assert [policy.shipped_unsigned for policy in Policy.objects.all()] == [True, True]


def test_the_digest_is_of_the_content_and_not_of_its_order() -> None:
    assert digest({"a": 1, "b": [2]}) == digest({"b": [2], "a": 1})
    # printf '{"a":1,"b":"Ж"}' | sha256sum
    assert digest({"b": "Ж", "a": 1}) == "8078f50e7fc6b6ca2eb57f5a3d6e877cd72555e8270a375114611c1b90f291a1"
    assert digest({"a": 1}) != digest({"a": 2})


@pytest.mark.parametrize("table", ["scoring_questionset", "scoring_question", "scoring_choice", "scoring_policy"])
@pytest.mark.parametrize("act", ["UPDATE {} SET recorded_at = now()", "DELETE FROM {}"])
def test_nobody_can_edit_what_is_published(workspace: Workspace, table: str, act: str) -> None:
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(act.format(table))
    assert Choice.objects.exists()
