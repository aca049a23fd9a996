"""Answers as a test says them: code of the question to code of the rating."""

from collections.abc import Mapping
from typing import Any

from leads.models import Answer, Checklist, Lead
from leads.qualification import Given, record_answer
from scoring.models import Question
from users.models import User

# Every question at its best: 100 in each criterion.
BEST_DIRECT = {
    "budget": "set_aside",
    "budget_spent": "yes",
    "budget_drawn_up": "yes",
    "budget_author": "yes",
    "evaluator": "yes",
    "procurement": "yes",
    "decision_maker": "yes",
    "pain": "yes",
    "pain_felt_by": "yes",
    "tried": "yes",
    "decision_date": "yes",
    "order_date": "yes",
    "go_live_date": "yes",
    "acceptance_date": "yes",
}


def checklist_of(lead: Lead) -> Checklist:
    return Checklist.objects.get(lead=lead, context=lead.context)


def answer(checklist: Checklist, code: str, rating: str, *, by: User | None = None, **evidence: Any) -> Answer:
    """Answer one question, replacing whatever stands."""
    question = Question.objects.get(question_set=checklist.question_set, code=code)
    choice = question.choices.get(code=rating)
    present = Answer.objects.filter(checklist=checklist, question=question).order_by("-id").first()
    return record_answer(
        checklist, question, Given(choice, **evidence), by=by, replaces=present.pk if present else None
    )


def answer_all(checklist: Checklist, answers: Mapping[str, str], *, by: User | None = None) -> None:
    for code, rating in answers.items():
        answer(checklist, code, rating, by=by)
