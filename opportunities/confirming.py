"""A further deal takes over what its lead has told already: it counts there by a new answer (decisions.md 18)."""

from leads.confirming import NothingToConfirm, said_again
from leads.models import Answer
from leads.qualification import record_answer
from opportunities.conversion import answers_to_confirm
from opportunities.models import Opportunity
from scoring.models import Question
from users.models import User


def confirm_of_lead(deal: Opportunity, question: Question, said: int, *, by: User, replaces: int | None) -> Answer:
    """Record the lead's answer number `said` as the deal's own. `deal` has its checklist.

    Raises Forbidden; NothingToConfirm if it is not offered or not asked here; AnswerConflict if somebody answered.
    """
    found = next((each for each in answers_to_confirm(deal) if each.pk == said), None)
    choice = question.choices.filter(code=found.choice.code).first() if found is not None else None
    if deal.checklist is None or found is None or choice is None or found.question.code != question.code:
        raise NothingToConfirm
    return record_answer(deal.checklist, question, said_again(found, choice), by=by, replaces=replaces)
