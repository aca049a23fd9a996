"""Moving open checklists to a new version of their question set.

Questions are found again by their code. An answer whose question (with the same kind of answer) and choice the new
version has too is carried over by a new row that replaces it: same value, same evidence, same person and day. What
cannot be carried stays where it was given, for the past to read, and its question is open again.

A person orders it; workers do it block by block, each in a transaction of its own. A block that was done finds nothing
left to do.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db import connection
from django.db.models import Count, Max, Min, Q, QuerySet
from django.utils.translation import gettext as _
from psycopg2 import sql

from leads.lifecycle import FOLLOWS_GATES, Stage
from leads.locking import lock_checklists, lock_leads_of
from leads.models import Answer, Checklist, GateChange, MovingOrder, SetChange
from leads.qualification import settle
from scoring.models import Choice, Question, QuestionSet
from users.dirty import mark, work_through
from users.facts import database_now
from users.models import Dirty, User
from users.rights import demand, may_draft_policies, who_may_draft_policies

BLOCK = 100  # ids of checklists a transaction: answers, scores and moves of each are written in it


class MovingRefused(ValueError):
    """The sentence says why, and what to do instead."""


@dataclass(frozen=True, slots=True)
class Lost:
    """Answers of one question that cannot be carried over, on `checklists` checklists, and why."""

    question: Question
    reason: str
    checklists: int


# Deals without a lead have checklists too; leads do not know which deals are open, so opportunities says it.
_open_above: list[Callable[[], Q]] = []


def register_open(condition: Callable[[], Q]) -> None:
    """`condition` says which checklists without a lead are open."""
    _open_above.append(condition)


def to_be_moved(target: QuestionSet) -> QuerySet[Checklist]:
    """Open checklists of the set's context on an earlier version: of leads that are not archived, disqualified or
    customers, and of open deals."""
    of_leads = Q(lead__archived_at=None, lead__stage__in=[*FOLLOWS_GATES, Stage.OPPORTUNITY])
    still_open = reduce(or_, (condition() for condition in _open_above), of_leads)
    return Checklist.objects.filter(still_open, context=target.context_id, question_set__version__lt=target.version)


def what_is_lost(target: QuestionSet) -> list[Lost]:
    """What a move to the set could not carry over, by question, in the order asked. Four queries."""
    counted = (
        Answer.objects.filter(checklist__in=to_be_moved(target))
        .current()
        .asked_now()
        .values("question", "choice")
        .annotate(checklists=Count("checklist", distinct=True))
    )
    found = [(row["question"], row["choice"], row["checklists"]) for row in counted]
    questions = Question.objects.in_bulk([question for question, _choice, _n in found])
    choices = Choice.objects.in_bulk([choice for _question, choice, _n in found])
    new = {q.code: (q.kind, {c.code for c in q.choices.all()}) for q in target.questions.prefetch_related("choices")}
    lost: dict[tuple[str, str], Lost] = {}
    for question_id, choice_id, checklists in found:
        question, choice = questions[question_id], choices[choice_id]
        reason = _why_lost(question, choice, new)
        if reason:
            before = lost.get((question.code, reason))
            sum_so_far = before.checklists if before else 0
            lost[question.code, reason] = Lost(question, reason, sum_so_far + checklists)
    return sorted(lost.values(), key=lambda each: (each.question.position, each.reason))


def _why_lost(question: Question, choice: Choice, new: dict[str, tuple[str, set[str]]]) -> str:
    if question.code not in new:
        return _("the new version does not ask it")
    kind, codes = new[question.code]
    if kind != question.kind:
        return _("the new version asks for another kind of answer")
    if choice.code not in codes:
        return _("the new version has no choice “%(choice)s”") % {"choice": choice.label_to_read}
    return ""


def order_move(target: QuestionSet, *, by: User) -> int:
    """Leave the move of all open checklists to the workers; returns how many there are; of none, nothing is ordered.

    Call it in a transaction, and wake a worker. Raises Forbidden, and MovingRefused if the set is not the newest.
    """
    demand(may_draft_policies(by), who_may_draft_policies())
    newest = QuestionSet.objects.filter(context=target.context_id).aggregate(newest=Max("version"))["newest"]
    if newest != target.version:
        raise MovingRefused(
            _("Version %(newest)d is newer: open it, and move the checklists to it.") % {"newest": newest}
        )
    moved = to_be_moved(target)
    reach = moved.aggregate(first=Min("pk"), last=Max("pk"), found=Count("pk"))
    if reach["found"]:
        MovingOrder.objects.create(question_set=target, by=by, occurred_at=database_now())
        mark(Dirty.Kind.MOVE, range(reach["first"] // BLOCK, reach["last"] // BLOCK + 1))
    return int(reach["found"])


def move_marked_block() -> int:
    """Move the open checklists of one block that an order marked; returns how many blocks were taken."""

    def move_them(blocks: list[int]) -> None:
        for block in blocks:
            for order in _standing_orders():
                _move_block(order, block)

    return work_through(Dirty.Kind.MOVE, move_them, limit=1)


def _standing_orders() -> Iterator[MovingOrder]:
    """The newest order of each sales context."""
    orders = MovingOrder.objects.select_related("question_set").order_by(
        "question_set__context_id", "-question_set__version", "id"
    )
    yield from orders.distinct("question_set__context_id")


def _move_block(order: MovingOrder, block: int) -> None:
    target = order.question_set
    asked = to_be_moved(target).filter(pk__range=(block * BLOCK, (block + 1) * BLOCK - 1))
    ids = list(asked.values_list("pk", flat=True))
    if not ids:
        return
    lock_leads_of(ids)
    lock_checklists(ids)
    # Read again behind the locks: a lead may have been closed, or another worker have been here.
    moving = dict(asked.filter(pk__in=ids).values_list("pk", "question_set"))
    if not moving:
        return
    _carry_answers(list(moving), target)
    now = database_now()
    SetChange.objects.bulk_create(
        SetChange(checklist_id=pk, from_set_id=before, to_set=target, order=order, occurred_at=now)
        for pk, before in moving.items()
    )
    Checklist.objects.filter(pk__in=moving).update(question_set=target)
    settle(list(moving), cause=GateChange.Cause.QUESTIONS)


CARRY = """
WITH carried AS (
    INSERT INTO leads_answer (question_id, choice_id, replaces_id, carried, {columns})
    SELECT question.id, choice.id, answer.id, true, {values}
    FROM leads_answer answer
    JOIN leads_checklist checklist ON checklist.id = answer.checklist_id
    JOIN scoring_question asked ON asked.id = answer.question_id AND asked.question_set_id = checklist.question_set_id
    JOIN scoring_choice chosen ON chosen.id = answer.choice_id
    JOIN scoring_question question ON question.question_set_id = %(target)s AND question.code = asked.code
                                  AND question.kind = asked.kind
    JOIN scoring_choice choice ON choice.question_id = question.id AND choice.code = chosen.code
    WHERE answer.checklist_id = ANY(%(ids)s)
      AND NOT EXISTS (SELECT FROM leads_answer later
                      WHERE later.checklist_id = answer.checklist_id AND later.replaces_id = answer.id)
    RETURNING id, replaces_id
),
contacts AS (
    INSERT INTO leads_answercontact (answer_id, {contact_columns})
    SELECT carried.id, {contact_values} FROM carried JOIN leads_answercontact named ON named.answer_id = carried.replaces_id
)
INSERT INTO leads_answerpain (answer_id, pain_id, occurred_at)
SELECT carried.id, named.pain_id, named.occurred_at
FROM carried JOIN leads_answerpain named ON named.answer_id = carried.replaces_id
"""
GIVEN_ANEW = frozenset({"id", "question_id", "choice_id", "replaces_id", "carried", "recorded_at", "known_at"})
CONTACT = ("contact_id", "role", "department", "feels_the_pain", "champion", "occurred_at")


def _carry_answers(checklist_ids: list[int], target: QuestionSet) -> None:
    """Append the standing answers to the questions of the new set, with the contacts and pains that they name."""
    columns = [str(f.column) for f in Answer._meta.concrete_fields if f.column not in GIVEN_ANEW]

    def listed(names: list[str] | tuple[str, ...], of: str = "") -> sql.Composable:
        prefix = sql.SQL("{}.").format(sql.Identifier(of)) if of else sql.SQL("")
        return sql.SQL(", ").join(prefix + sql.Identifier(name) for name in names)

    statement = sql.SQL(CARRY).format(
        columns=listed(columns),
        values=listed(columns, "answer"),
        contact_columns=listed(CONTACT),
        contact_values=listed(CONTACT, "named"),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement.as_string(connection.connection), {"ids": checklist_ids, "target": target.pk})
