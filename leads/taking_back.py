"""Undo of an answer: what stood before it stands again, by a new row, since answers are only appended."""

from dataclasses import replace

from leads.confirming import said_again
from leads.models import Answer
from leads.qualification import Given, record_answer
from scoring.models import Choice
from users.models import User


def before(answer: Answer) -> Given:
    """What stood before this answer. A question that was open did not come up: that has no value and is asked again."""
    earlier = answer.replaces
    if answer.carried and earlier is not None:  # it says the same, in an earlier version of the questions
        return replace(said_again(answer, answer.choice), confirms=answer.confirms, restores=answer)
    if earlier is None:
        return Given(choice=answer.question.choices.get(code=Choice.NOT_RAISED))
    return replace(said_again(earlier, earlier.choice), confirms=earlier.confirms, restores=earlier)


def take_back(answer: Answer, *, by: User) -> Answer:
    """Append what stood before the answer, rescore and move the lead on. Pressed twice, it does it once.

    Raises Forbidden, and AnswerConflict when somebody answered the question since.
    """
    return record_answer(answer.checklist, answer.question, before(answer), by=by, replaces=answer.pk)
