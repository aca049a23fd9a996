"""A representative opens a checklist and finds the fourteen or seventeen questions of domain.md 3."""

from fractions import Fraction

import pytest

from scoring import engine
from scoring.facts import kinds
from scoring.models import BuyerRole, Choice, Policy, Question, QuestionSet
from users.models import Workspace

B, A, N, T = "budget", "authority", "need", "timeline"

# Written down from domain.md 3 and decisions.md 1, 2 and 10, not read from the pack: criterion, code, kind, key, role.
DIRECT = [
    (B, "budget", "budget", True, ""),
    (B, "budget_spent", "text", False, ""),
    (B, "budget_drawn_up", "text", False, ""),
    (A, "budget_author", "contact", False, ""),
    (A, "evaluator", "contact", False, "influencer"),
    (A, "procurement", "contact", False, "buyer"),
    (A, "decision_maker", "contact", True, "decision_maker"),
    (N, "pain", "pain", True, ""),
    (N, "pain_felt_by", "contacts", False, "user"),
    (N, "tried", "text", False, ""),
    (T, "decision_date", "decision_date", True, ""),
    (T, "order_date", "date", False, ""),
    (T, "go_live_date", "date", False, ""),
    (T, "acceptance_date", "date", False, ""),
]
CHANNEL = [
    (B, "expected_sales", "amount", True, ""),
    (B, "target_path", "text", False, ""),
    (B, "target_counting", "text", False, ""),
    (A, "sells_to_users", "contact", False, ""),
    (A, "portfolio_evaluator", "contact", False, "influencer"),
    (A, "order_placer", "contact", False, "buyer"),
    (A, "decision_maker", "contact", True, "decision_maker"),
    (N, "specification_gap", "text", True, ""),
    (N, "service_gap", "text", False, ""),
    (N, "promotion_gap", "text", False, ""),
    (N, "pain_felt_by", "contacts", False, ""),
    (N, "tried", "text", False, ""),
    (T, "signing_date", "date", True, ""),
    (T, "briefing_date", "date", False, ""),
    (T, "training_date", "date", False, ""),
    (T, "test_machine_date", "date", False, ""),
    (T, "first_order_date", "date", False, ""),
]
# Each criterion weighs a quarter; the key question weighs 2 in it, each other 1. By hand: budget 2+1+1, authority and
# timeline 2+1+1+1, need 2+1+1; channel: budget 2+1+1, authority 2+1+1+1, need and timeline 2+1+1+1+1.
DIRECT_SHARES = {
    B: (Fraction(1, 8), Fraction(1, 16)),
    A: (Fraction(1, 10), Fraction(1, 20)),
    N: (Fraction(1, 8), Fraction(1, 16)),
    T: (Fraction(1, 10), Fraction(1, 20)),
}
CHANNEL_SHARES = {
    B: (Fraction(1, 8), Fraction(1, 16)),
    A: (Fraction(1, 10), Fraction(1, 20)),
    N: (Fraction(1, 12), Fraction(1, 24)),
    T: (Fraction(1, 12), Fraction(1, 24)),
}


def questions_of(context: str) -> list[Question]:
    return list(QuestionSet.objects.get(context__code=context, version=1).questions.order_by("position"))


@pytest.mark.parametrize(("context", "expected"), [("direct", DIRECT), ("channel", CHANNEL)])
def test_questions_stand_in_the_order_of_the_sales_handbook(
    workspace: Workspace, context: str, expected: list[tuple[str, str, str, bool, str]]
) -> None:
    found = [(q.criterion, q.code, q.kind, q.key, q.role) for q in questions_of(context)]
    assert found == expected
    assert len(found) == {"direct": 14, "channel": 17}[context]
    assert [q.position for q in questions_of(context)] == list(range(1, len(expected) + 1))


@pytest.mark.parametrize(("context", "shares"), [("direct", DIRECT_SHARES), ("channel", CHANNEL_SHARES)])
def test_the_key_question_weighs_double(
    workspace: Workspace, context: str, shares: dict[str, tuple[Fraction, Fraction]]
) -> None:
    questions = questions_of(context)
    total = Fraction(0)
    for question in questions:
        in_criterion = sum(2 if other.key else 1 for other in questions if other.criterion == question.criterion)
        weight = Fraction(1, 4) * Fraction(2 if question.key else 1, in_criterion)
        assert weight == shares[question.criterion][0 if question.key else 1], question.code
        total += weight
    assert total == 1


@pytest.mark.parametrize(("context", "shares"), [("direct", DIRECT_SHARES), ("channel", CHANNEL_SHARES)])
def test_the_engine_weighs_the_shipped_questions_so_too(
    workspace: Workspace, context: str, shares: dict[str, tuple[Fraction, Fraction]]
) -> None:
    definition = engine.parse(Policy.objects.get(context__code=context).definition, kinds())
    questions = questions_of(context)
    weights = engine.weights(
        definition.criteria, [engine.Asked(q.code, frozenset(q.concepts), q.weight) for q in questions]
    )
    whole = sum(weight.points for weight in weights.values())
    assert {code: Fraction(weight.points, whole) for code, weight in weights.items()} == {
        question.code: shares[question.criterion][0 if question.key else 1] for question in questions
    }
    assert {definition.criteria[weights[q.code].criterion].code for q in questions if q.criterion == A} == {A}


def test_only_three_codes_are_shared_between_the_sets(workspace: Workspace) -> None:
    direct, channel = ({q.code for q in questions_of(context)} for context in ("direct", "channel"))
    assert direct & channel == {"decision_maker", "pain_felt_by", "tried"}


def test_every_question_is_asked_in_words_with_a_hint_and_carries_its_criterions_concept(workspace: Workspace) -> None:
    for question in [*questions_of("direct"), *questions_of("channel")]:
        assert question.text.endswith("?"), question.code
        assert question.hint, question.code
        assert question.criterion in question.concepts, question.code
        assert question.role == "" or question.role in BuyerRole.values


def test_the_first_direct_question_has_four_ratings_and_all_others_three(workspace: Workspace) -> None:
    for context in ("direct", "channel"):
        for question in questions_of(context):
            found = [(c.digit, c.code, c.value) for c in Choice.objects.filter(question=question).order_by("digit")]
            rated = [choice for choice in found if choice[2] is not None]
            unrated = [choice for choice in found if choice[2] is None]
            assert unrated == [(0, "not_raised", None), (9, "refused", None)], question.code
            if question.code == "budget":
                assert rated == [(1, "set_aside", 100), (2, "can_be_found", 75), (3, "wants_cannot", 25), (4, "no", 0)]
            else:
                assert rated == [(1, "yes", 100), (2, "partly", 50), (3, "no", 0)], question.code
