"""One press on a question, whoever's checklist it is: it becomes an answer, or the question comes back with why not."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, Literal

from django.db import transaction
from django.http import Http404, QueryDict
from django.utils.translation import gettext as _

from leads.confirming import NothingToConfirm
from leads.dates import DATED
from leads.explaining import explain
from leads.forms.answers import AnswerForm, typed_again
from leads.models import Answer, AnswerContact
from leads.naming import name_contact
from leads.qualification import AnswerConflict, Given, Named, record_press
from leads.taking_back import take_back
from leads.views.questions import Asked, Desk
from scoring.models import Question
from users.models import User

Act = Literal["answer", "undo", "keep"]
# Take over answer `said` of another checklist, replacing the one that was seen. Raises NothingToConfirm, AnswerConflict.
Confirm = Callable[[Desk, Question, int, int | None, User], None]


@dataclass(frozen=True, slots=True)
class Refused:
    """Why nothing was saved: 422, the form cannot be read; 409, somebody was faster."""

    form: AnswerForm
    status: Literal[422, 409]
    theirs: Answer | None = None


def give(sent: QueryDict, desk: Desk, question: Question, *, by: User, confirm: Confirm) -> Refused | None:
    """Record what was sent, or confirm what was said elsewhere. Raises Http404 where there is nothing to confirm."""
    said = sent.get("confirms", "")
    form = form_of(sent, desk, question)
    readable = form.is_valid()
    try:
        if said:
            if not said.isdecimal() or len(said) > 18:
                raise Http404
            confirm(desk, question, int(said), form.cleaned_data.get("seen"), by)
        elif not readable:
            return Refused(form, 422)
        else:
            _record(desk, question, form, by=by)
    except AnswerConflict as conflict:
        return Refused(form, 409, conflict.theirs)
    except NothingToConfirm:
        raise Http404 from None
    return None


def give_back(taken: Answer, desk: Desk, *, by: User) -> Refused | None:
    """Take the answer back."""
    try:
        take_back(taken, by=by)
    except AnswerConflict as conflict:
        again = typed_again(taken.replaces, taken.question, desk.lists.currency)
        return Refused(form_of(again, desk, taken.question), 409, conflict.theirs)
    return None


def asked_again(desk: Desk, question: Question, refused: Refused) -> Asked:
    """The question with what was typed; where somebody was faster, with their answer beside it."""
    desk.sheet = explain(desk.checklist) if desk.checklist else None
    weights, total = desk.weights()
    answers = desk.answers(question).get(question.pk, [])
    asked = desk.ask(question, answers, form=refused.form, weights=weights, total=total)
    asked.open = True
    if refused.status == 409:
        asked.theirs = answers[0] if answers else refused.theirs
        asked.mine = _typed(refused.form)
    return asked


def answered(desk: Desk, question: Question, act: Act) -> dict[str, Any]:
    """The question as it now stands, judged anew, for templates/leads/_answered.html and its like."""
    desk.sheet = explain(desk.written)
    weights, total = desk.weights()
    asked = desk.ask(question, desk.answers(question).get(question.pk, []), weights=weights, total=total)
    asked.open = act == "undo"
    if question.kind in DATED:
        desk.warn([asked], desk.dates())
    return {
        "asked": asked,
        "undo_url": asked.undo_url if act == "answer" else "",
        "section_low": next((each.low for each in desk.sheet.criteria if each.code == question.criterion), None),
    }


def ticks_of(sheet: Any) -> list[dict[str, Any]]:
    """Where the SQL gate's minimum stands on the meter."""
    if sheet is None or sheet.policy is None:
        return []
    gates = sheet.policy.definition["gates"]
    return [{"value": gates["sql"]["low"], "label": _("SQL %(points)s") % {"points": gates["sql"]["low"]}}]


def form_of(sent: QueryDict, desk: Desk, question: Question) -> AnswerForm:
    return AnswerForm(sent, question=question, choices=list(question.choices.all()), lists=desk.lists, today=desk.today)


def _record(desk: Desk, question: Question, form: AnswerForm, *, by: User) -> None:
    # Somebody new is written with the answer, or not at all.
    with transaction.atomic() if form.cleaned_data.get("new_name") else nullcontext():
        given = _with_people(form, desk, question)
        answer = record_press(desk.written, question, given, by=by, replaces=form.cleaned_data["seen"])
    if answer.replaces_id is None and not given.contacts and not given.pains:
        desk.keep(question, answer)


def _with_people(form: AnswerForm, desk: Desk, question: Question) -> Given:
    """The answer with the contacts that it names; somebody new becomes a contact."""
    typed = form.cleaned_data
    if question.kind not in {Question.Kind.CONTACT, Question.Kind.CONTACTS}:
        return form.given()
    known = {str(contact.pk): contact for contact in form.lists.contacts()}
    seen = AnswerContact.objects.filter(answer=typed["seen"]) if typed["seen"] else ()
    before = {str(each.contact_id): each for each in seen}
    who = typed.get("who") or []
    people = [known[key] for key in ([who] if isinstance(who, str) else who)]
    if typed["new_name"].strip():
        people.append(
            name_contact(
                desk.account,
                typed["new_name"],
                title=typed["new_title"],
                department=typed["department"],
                known=list(known.values()),
            )
        )
    several = question.kind == Question.Kind.CONTACTS
    named = []
    for person in dict.fromkeys(people if several else people[-1:]):
        kept = before.get(str(person.pk)) if several else None
        named.append(
            Named(
                person,
                kept.role if kept else typed["role"],
                kept.department if kept else typed["department"].strip(),
                feels_the_pain=several,
                champion=kept.champion if kept and len(people) > 1 else typed["champion"],
            )
        )
    return form.given(contacts=named)


def _typed(form: AnswerForm) -> dict[str, Any]:
    """What the person sent, as one line and as the fields to send again."""
    chosen = form.choices.get(form.data.get("choice", ""))
    hidden = [
        (name, value)
        for name in form.fields
        if name != "seen"
        for value in (form.data.getlist(name) if isinstance(form.data, QueryDict) else [form.data.get(name)])
        if value
    ]
    shown = [
        str(form[name].field.label) + ": " + str(value)
        for name, value in hidden
        if name not in {"choice", "note", "currency"}
    ]
    return {
        "value": ", ".join([chosen.label_to_read if chosen else "", *shown]).strip(", "),
        "note": form.data.get("note", ""),
        "hidden": hidden,
    }
