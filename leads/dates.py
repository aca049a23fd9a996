"""The dates that a checklist was told (domain.md 3): those that passed without happening, and those out of their order."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, QuerySet

from leads.lifecycle import Stage
from leads.models import Answer, Score
from scoring.models import Question
from users.models import User

# The questions that ask for a day.
DATED = (Question.Kind.DATE, Question.Kind.DECISION_DATE)
# Whose dates nobody waits for any more.
DONE = (Stage.CUSTOMER, Stage.DISQUALIFIED)


@dataclass(frozen=True, slots=True)
class Step:
    """A question that asks for a date, and the day that was told or on which it happened."""

    code: str
    day: date


@dataclass(frozen=True, slots=True)
class OutOfOrder:
    """A later step is dated before an earlier one."""

    earlier: Step
    later: Step


def out_of_order(steps: Sequence[Step]) -> Iterator[OutOfOrder]:
    """Each step that is dated before an earlier one, with the first such; `steps` are in the order of the questions."""
    for place, later in enumerate(steps):
        earlier = next((each for each in steps[:place] if each.day > later.day), None)
        if earlier is not None:
            yield OutOfOrder(earlier, later)


def is_passed(answer: Answer, today: date) -> bool:
    """The day came and went, and nobody has said that it happened."""
    return answer.date is not None and answer.happened_on is None and answer.date < today


def passed(today: date) -> QuerySet[Answer]:
    """The standing answers whose day has passed, as is_passed says it."""
    return Answer.objects.current().asked_now().filter(date__lt=today, happened_on__isnull=True)


def with_a_passed_date(scores: QuerySet[Score], today: date) -> QuerySet[Score]:
    """The scores of checklists in which a day has passed, of leads that are not done."""
    return scores.exclude(stage__in=DONE).filter(Exists(passed(today).filter(checklist=OuterRef("checklist_id"))))


def passed_of(user: User, today: date) -> QuerySet[Answer]:
    """The passed days of the user's own leads, in the checklist that each is worked by, longest ago first."""
    own = Score.objects.visible_to(user).listed().filter(owner=user).exclude(stage__in=DONE)
    rows = passed(today).filter(checklist__in=own.values("checklist"))
    return rows.select_related("question", "checklist__lead").order_by("date", "id")
