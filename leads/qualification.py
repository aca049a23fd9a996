"""Recording what a lead told us, and what follows from it: the score, the gates, the lifecycle."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.db import IntegrityError, transaction

from accounts.models import Contact, Product
from leads.advancing import advance_held
from leads.locking import lock_checklists, lock_leads_of
from leads.models import Answer, AnswerContact, AnswerPain, Checklist, GateChange, Lead
from leads.rights import demand_answer
from leads.scores import Rescored, rescore_held
from scoring.models import Choice, Pain, Question
from users.facts import database_now
from users.models import User, Workspace

REPLACES_ONCE = "answer_replaces_once"  # the constraint by which two people cannot replace the same answer


class AnswerConflict(Exception):
    """Somebody answered meanwhile; `theirs` is the present answer. Both values are shown, and a person chooses."""

    def __init__(self, theirs: Answer | None) -> None:
        self.theirs = theirs
        super().__init__("the question was answered by somebody else meanwhile")


@dataclass(frozen=True, slots=True)
class Named:
    """A contact named in an answer, with the part they play."""

    contact: Contact
    role: str = ""
    department: str = ""
    feels_the_pain: bool = False
    champion: bool = False


@dataclass(frozen=True, slots=True)
class Given:
    """An answer as given: a rating, and the evidence beside it."""

    choice: Choice
    amount: Decimal | None = None
    currency: str = ""
    offer: Product | None = None
    willing_to_pay: bool | None = None
    can_solve: str = ""
    date: dt.date | None = None
    happened_on: dt.date | None = None
    decision_days: int | None = None
    cause: str = ""
    words: str = ""
    pains: Sequence[Pain] = ()
    contacts: Sequence[Named] = ()
    note: str = ""
    confirms: Answer | None = None
    restores: Answer | None = None  # an earlier answer of the chain, whose price and slipped date count again


def record_answer(
    checklist: Checklist, question: Question, given: Given, *, by: User | None, replaces: int | None
) -> Answer:
    """Append the answer, rescore the checklist and move the lead on: one transaction.

    `replaces` is the id of the answer that the person saw, None if the question was open. The same value given twice
    is no conflict and appends nothing. `by` None is the machine. Raises Forbidden, and AnswerConflict when somebody
    else answered in between.
    """
    return _record(checklist, question, given, by=by, replaces=replaces, over_oneself=False)


def record_press(checklist: Checklist, question: Question, given: Given, *, by: User, replaces: int | None) -> Answer:
    """Record what a person answers on the qualify page.

    As `record_answer`; but a key pressed twice, or a note saved while a rating is on its way, is no conflict with
    oneself. Raises AnswerConflict when somebody else answered in between.
    """
    return _record(checklist, question, given, by=by, replaces=replaces, over_oneself=True)


def _record(
    checklist: Checklist,
    question: Question,
    given: Given,
    *,
    by: User | None,
    replaces: int | None,
    over_oneself: bool,
) -> Answer:
    """`over_oneself`: what the same person answered meanwhile is replaced, whichever answer they saw."""
    try:
        with transaction.atomic():
            lead = None
            if checklist.lead_id is not None:
                rows = Lead.objects.select_for_update(no_key=True).only("owner", "team", "context")
                lead = rows.get(pk=checklist.lead_id)
            if by is not None:
                demand_answer(by, checklist, lead)
            checklists = lock_checklists([checklist.pk])
            question, given = _as_asked_now(checklist, question, given)
            present = _present_answer(checklist, question)
            if present is not None and _same(present, given):
                return present
            if not _seen(present, replaces):
                own = by is not None and present is not None and present.by_id == by.pk
                if not (over_oneself and own and present is not None and (replaces or 0) < present.pk):
                    raise AnswerConflict(present)
            answer = _append(checklist, question, given, by=by, present=present)
            leads = {} if lead is None else {lead.context_id: [lead.pk]}
            _follow(checklists, leads, cause=GateChange.Cause.ANSWER)
    except IntegrityError as error:
        if REPLACES_ONCE not in str(error):
            raise
        # The constraint is the last word, whatever was locked.
        raise AnswerConflict(_present_answer(checklist, question)) from error
    return answer


def settle(checklist_ids: Sequence[int], *, cause: GateChange.Cause) -> Rescored:
    """Rescore these checklists and make the moves that follow: to be called after any change of a lead's facts."""
    # Inside an answer's transaction this takes part in it: nobody goes on after half of it has failed.
    with transaction.atomic(savepoint=False):
        leads = lock_leads_of(checklist_ids)
        return _follow(lock_checklists(checklist_ids), leads, cause=cause)


def _follow(
    checklists: Mapping[int, Sequence[int]], leads: Mapping[int, Sequence[int]], *, cause: GateChange.Cause
) -> Rescored:
    """What follows once these are locked, by sales context."""
    done = rescore_held(checklists, cause=cause)
    advance_held(leads)
    return done


def _seen(present: Answer | None, replaces: int | None) -> bool:
    """Whether the person saw the present answer: itself, or the one that it carries over unchanged."""
    if present is None:
        return replaces is None
    return replaces in ({present.pk, present.replaces_id} if present.carried else {present.pk})


def _as_asked_now(checklist: Checklist, question: Question, given: Given) -> tuple[Question, Given]:
    """The question and the choice in the version that the locked checklist has, if it went over to another meanwhile.

    Raises AnswerConflict where that version does not ask so.
    """
    now = Checklist.objects.values_list("question_set", flat=True).get(pk=checklist.pk)
    if question.question_set_id == now:
        return question, given
    choice = (
        Choice.objects.select_related("question")
        .filter(question__question_set=now, question__code=question.code, code=given.choice.code)
        .first()
    )
    if choice is None:
        raise AnswerConflict(_present_answer(checklist, question))
    return choice.question, replace(given, choice=choice)


def _present_answer(checklist: Checklist, question: Question) -> Answer | None:
    return Answer.objects.filter(checklist=checklist, question=question).order_by("-id").first()


def _append(
    checklist: Checklist, question: Question, given: Given, *, by: User | None, present: Answer | None
) -> Answer:
    moment = database_now()
    answer = Answer.objects.create(
        checklist=checklist,
        question=question,
        choice=given.choice,
        replaces=present,
        confirms=given.confirms,
        amount=given.amount,
        currency=given.currency,
        offer=given.offer,
        offer_price=_price(given),
        willing_to_pay=given.willing_to_pay,
        can_solve=given.can_solve,
        date=given.date,
        happened_on=given.happened_on,
        date_slipped=_slipped(given, present, moment),
        decision_days=given.decision_days,
        cause=given.cause,
        words=given.words,
        note=given.note,
        by=by,
        occurred_at=moment,
    )
    AnswerContact.objects.bulk_create(
        AnswerContact(
            answer=answer,
            contact=named.contact,
            role=named.role,
            department=named.department,
            feels_the_pain=named.feels_the_pain,
            champion=named.champion,
            occurred_at=moment,
        )
        for named in given.contacts
    )
    AnswerPain.objects.bulk_create(AnswerPain(answer=answer, pain=pain, occurred_at=moment) for pain in given.pains)
    return answer


def _price(given: Given) -> Decimal | None:
    """The price that the amount is rated against: of the offer named, and only in the same currency (decisions.md 1)."""
    if given.restores is not None:
        return given.restores.offer_price
    if given.offer is None or given.amount is None or given.offer.currency != given.currency:
        return None
    return given.offer.price


def _slipped(given: Given, present: Answer | None, moment: dt.datetime) -> bool:
    """Whether a date of this chain passed without happening before it was replaced; an answer without a date, in
    between, does not make it forgotten."""
    if given.restores is not None:
        return given.restores.date_slipped
    if present is None:
        return False
    today = Workspace.get().day_of(moment)
    passed = present.date is not None and present.happened_on is None and present.date < today
    return passed or present.date_slipped


def _same(present: Answer, given: Given) -> bool:
    plain = (
        "amount",
        "currency",
        "willing_to_pay",
        "can_solve",
        "date",
        "happened_on",
        "decision_days",
        "cause",
        "words",
        "note",
    )
    if present.choice_id != given.choice.pk or present.offer_id != (given.offer.pk if given.offer else None):
        return False
    if any(getattr(present, field) != getattr(given, field) for field in plain):
        return False
    named = {(n.contact_id, n.role, n.department, n.feels_the_pain, n.champion) for n in present.named.all()}
    return named == {
        (n.contact.pk, n.role, n.department, n.feels_the_pain, n.champion) for n in given.contacts
    } and set(present.named_pains.values_list("pain_id", flat=True)) == {pain.pk for pain in given.pains}
