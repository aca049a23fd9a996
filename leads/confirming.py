"""Confirming in one sales context what was answered in the other (decisions.md 10): it counts there by a new row."""

from leads.models import Answer, Checklist
from leads.qualification import Given, Named, record_answer
from scoring.models import Choice, Question
from users.models import User


class NothingToConfirm(Exception):
    """The answer does not belong to another checklist of the same lead, or its question is not asked here."""


def confirm(checklist: Checklist, question: Question, said: Answer, *, by: User, replaces: int | None) -> Answer:
    """Take over what was said in the other set as an answer of this one, naming the answer that it confirms.

    Raises NothingToConfirm, and AnswerConflict when somebody answered here meanwhile.
    """
    elsewhere = said.checklist.lead_id == checklist.lead_id and said.checklist_id != checklist.pk
    choice = question.choices.filter(code=said.choice.code).first()
    if not elsewhere or said.question.code != question.code or choice is None:
        raise NothingToConfirm
    return record_answer(checklist, question, said_again(said, choice), by=by, replaces=replaces)


def said_again(said: Answer, choice: Choice) -> Given:
    """The same answer for another checklist, naming the one that it confirms."""
    return Given(
        choice=choice,
        amount=said.amount,
        currency=said.currency,
        offer=said.offer,
        willing_to_pay=said.willing_to_pay,
        can_solve=said.can_solve,
        date=said.date,
        happened_on=said.happened_on,
        decision_days=said.decision_days,
        cause=said.cause,
        words=said.words,
        pains=list(said.pains.all()),
        contacts=[
            Named(each.contact, each.role, each.department, each.feels_the_pain, each.champion)
            for each in said.named.select_related("contact")
        ],
        note=said.note,
        confirms=said,
    )
