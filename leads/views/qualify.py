"""The qualify page: one question open, a key answers it, each answer is saved at once and the score follows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from leads.casefile import checklist_of, switch_context
from leads.confirming import NothingToConfirm, confirm
from leads.dates import DATED
from leads.explaining import explain
from leads.forms.answers import AnswerForm, typed_again
from leads.forms.filters import LeadFilters
from leads.lifecycle import Stage
from leads.models import Answer, AnswerContact, BehaviourEvent, Handoff, Lead, Score
from leads.naming import name_contact
from leads.qualification import AnswerConflict, Given, Named, record_press
from leads.rights import may_answer, may_decide, may_work, who_may_work
from leads.setting_aside import MoveRefused
from leads.taking_back import take_back
from leads.views.case import Set, find_lead, marks, missing_sentence, path_of, sets_of
from leads.views.list import Position, above, below
from leads.views.questions import Asked, Desk, questions_of
from scoring.models import Persona, Question, QuestionSet
from scoring.packs.engagement import LABELS as EVENT_LABELS
from users.pages import SignedIn
from users.rights import demand

RECENT = 5
Act = Literal["answer", "undo", "keep"]


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The leads before and after this one in the list that it was opened from."""

    previous: str
    next: str
    back: str


def _desk(request: SignedIn, lead: Lead, sets: list[Set]) -> Desk:
    shown = next(each for each in sets if each.shown)
    if shown.checklist is not None:
        question_set_id = shown.checklist.question_set_id
    else:
        newest = QuestionSet.objects.filter(context=shown.context).order_by("-version").first()
        if newest is None:
            raise Http404
        question_set_id = newest.pk
    return Desk(
        lead,
        shown.context,
        shown.checklist,
        question_set_id,
        timezone.localdate(),
        _address_of_answers(request, lead),
        sheet=explain(shown.checklist) if shown.checklist is not None else None,
        may_answer=may_answer(request.user, lead) and lead.archived_at is None,
    )


def _address_of_answers(request: SignedIn, lead: Lead) -> str:
    """Where an answer is sent to, with {code} for its question and {act} for what is done with it."""
    about = urlencode({key: request.GET[key] for key in ("context", "from") if key in request.GET})
    address = reverse("leads:answer", args=[lead.pk, "QUESTION"]).replace("QUESTION/", "{code}/{act}")
    return f"{address}?{about}" if about else address


def _about_score(request: SignedIn, desk: Desk, sets: list[Set]) -> dict[str, Any]:
    """What stands beside the questions and changes with every answer."""
    sheet, lead = desk.sheet, desk.lead
    handoff = (
        Handoff.objects.offered().select_related("team").filter(lead=lead).first() if lead.stage == Stage.MQL else None
    )
    asked = len(questions_of(desk.question_set_id))
    answered = sheet.answered if sheet else 0
    return {
        "lead": lead,
        "desk": desk,
        "sheet": sheet,
        "criteria": marks(sheet) if sheet else [],
        "steps": path_of(lead, sheet),
        "missing": missing_sentence(sheet) if sheet else "",
        "asked_count": asked,
        "answered_count": answered,
        "open_count": asked - answered,
        "ticks": _ticks(sheet),
        "handoff": handoff,
        "may_decide": handoff is not None and may_decide(request.user, handoff),
        "may_work": may_work(request.user, lead),
        "best_code": sheet.next_question.code if sheet and sheet.next_question else "",
        "why": [row for row in sheet.ledger if row.part == "qualification"] if sheet else [],
        "shown_set": next(each for each in sets if each.shown),
    }


def _ticks(sheet: Any) -> list[dict[str, Any]]:
    if sheet is None or sheet.policy is None:
        return []
    gates = sheet.policy.definition["gates"]
    return [{"value": gates["sql"]["low"], "label": _("SQL %(points)s") % {"points": gates["sql"]["low"]}}]


def _about_lead(lead: Lead, sheet: Any) -> dict[str, Any]:
    """The left column: who this is, how well they fit, what they did lately."""
    persona = lead.persona
    if persona is None and sheet is not None and sheet.best_persona:
        persona = Persona.objects.filter(code=sheet.best_persona).first()
    events = BehaviourEvent.objects.filter(lead=lead, occurred_at__isnull=False).order_by("-occurred_at")[:RECENT]
    return {
        "persona": persona,
        "fit_rows": [row for row in sheet.ledger if row.part == "fit"] if sheet else [],
        "events": [{"label": _(EVENT_LABELS.get(event.kind, event.kind)), "at": event.occurred_at} for event in events],
    }


def _neighbours(request: SignedIn, lead: Lead) -> Neighbours | None:
    """Where [ and ] lead: read when the page is opened, so that an answer does not move them."""
    if "from" not in request.GET:
        return None
    query = request.GET["from"]
    filters = LeadFilters(QueryDict(query), user=request.user)
    own = Score.objects.filter(lead=lead).listed().values_list("temperature", "low", "engagement", "lead_id").first()
    if not filters.is_valid() or own is None:
        return None
    scores = filters.narrow(Score.objects.visible_to(request.user).listed())
    place = Position(*own)

    def url(rows: Any) -> str:
        other = rows.values_list("lead_id", flat=True).first()
        return f"{reverse('leads:qualify', args=[other])}?{urlencode({'from': query})}" if other else ""

    address = reverse("leads:list")
    return Neighbours(url(above(scores, place)), url(below(scores, place)), f"{address}?{query}" if query else address)


def _whole_page(
    request: SignedIn, lead: Lead, sets: list[Set], desk: Desk, *, asked: Asked | None = None, status: int = 200
) -> HttpResponse:
    opened = asked.question.code if asked else request.GET.get("open", "")
    context = {
        "section": "leads",
        "sets": sets,
        "sections": desk.sections(opened, asked),
        "neighbours": _neighbours(request, lead),
        "from_query": urlencode({"from": request.GET["from"]}) if "from" in request.GET else "",
        "who_may": "" if desk.may_answer else who_may_work(lead),
        "error_in_title": status != 200,
        "saved_at": None,
        **_about_score(request, desk, sets),
        **_about_lead(lead, desk.sheet),
    }
    return render(request, "leads/qualify.html", context, status=status)


@require_safe
def qualify(request: SignedIn, pk: int) -> HttpResponse:
    """/leads/<id>/qualify/: who, questions, score."""
    lead = find_lead(request.user, pk)
    sets = sets_of(lead, request.GET.get("context", ""))
    return _whole_page(request, lead, sets, _desk(request, lead, sets))


@require_POST
def answer(request: SignedIn, pk: int, code: str) -> HttpResponse:
    """Save one answer and show what follows from it; 422 if it cannot be read, 409 if somebody was faster."""
    lead = find_lead(request.user, pk, beside=("context", "source"))
    _demand_answering(request, lead)
    sets = sets_of(lead, request.GET.get("context", ""))
    desk = _desk_for_writing(request, lead, sets)
    question = desk.question(code)
    if question is None:
        raise Http404
    if request.POST.get("keep") == "theirs":
        return _shown(request, lead, sets, desk, question, act="keep")
    said_elsewhere = request.POST.get("confirms", "")
    form = _form(request.POST, desk, question)
    try:
        if said_elsewhere:
            _confirm(desk, question, said_elsewhere, form, by=request.user)
        elif not form.is_valid():
            return _not_saved(request, lead, sets, desk, question, form, status=422)
        else:
            _record(desk, question, form, by=request.user)
    except AnswerConflict as conflict:
        return _not_saved(request, lead, sets, desk, question, form, status=409, theirs=conflict.theirs)
    return _shown(request, lead, sets, desk, question, act="answer")


@require_POST
def undo(request: SignedIn, pk: int, code: str, answer_pk: int) -> HttpResponse:
    """Take this answer back; 409 with both values if somebody answered since."""
    lead = find_lead(request.user, pk, beside=("context", "source"))
    _demand_answering(request, lead)
    chain = Answer.objects.select_related("question", "checklist__context", "replaces__choice", "replaces__offer")
    taken = get_object_or_404(chain, pk=answer_pk, question__code=code, checklist__lead=lead)
    sets = sets_of(lead, taken.checklist.context.code)
    desk = _desk_for_writing(request, lead, sets)
    try:
        take_back(taken, by=request.user)
    except AnswerConflict as conflict:
        form = _form(typed_again(taken.replaces, taken.question, desk.lists.currency), desk, taken.question)
        return _not_saved(request, lead, sets, desk, taken.question, form, status=409, theirs=conflict.theirs)
    return _shown(request, lead, sets, desk, taken.question, act="undo")


def _demand_answering(request: SignedIn, lead: Lead) -> None:
    if not may_answer(request.user, lead):
        demand(False, who_may_work(lead))
    if lead.archived_at is not None:
        demand(False, _("This lead is archived. Bring it back on its page before you work on it."))


def _desk_for_writing(request: SignedIn, lead: Lead, sets: list[Set]) -> Desk:
    """The desk before the answer: nothing is explained yet, since the answer changes it."""
    shown = next(each for each in sets if each.shown)
    checklist = shown.checklist
    if checklist is None:
        with transaction.atomic():
            Lead.objects.select_for_update(no_key=True).get(pk=lead.pk)
            checklist = checklist_of(lead, shown.context)
        sets[sets.index(shown)] = Set(shown.context, checklist, shown.current, shown.shown)
    return Desk(
        lead,
        shown.context,
        checklist,
        checklist.question_set_id,
        timezone.localdate(),
        _address_of_answers(request, lead),
    )


def _form(sent: QueryDict, desk: Desk, question: Question) -> AnswerForm:
    return AnswerForm(sent, question=question, choices=list(question.choices.all()), lists=desk.lists, today=desk.today)


def _record(desk: Desk, question: Question, form: AnswerForm, *, by: Any) -> None:
    seen = form.cleaned_data["seen"]
    if question.kind in {Question.Kind.CONTACT, Question.Kind.CONTACTS}:
        with transaction.atomic():  # somebody new is written with the answer, or not at all
            record_press(desk.written, question, _with_people(form, desk.lead, question), by=by, replaces=seen)
        return
    given = form.given()
    answer = record_press(desk.written, question, given, by=by, replaces=seen)
    if answer.replaces_id is None and not given.pains:
        desk.keep(question, answer)


def _confirm(desk: Desk, question: Question, said: str, form: AnswerForm, *, by: Any) -> Answer:
    form.is_valid()
    found = (
        Answer.objects.filter(pk=int(said)).select_related("choice", "question", "checklist", "offer").first()
        if said.isdecimal() and len(said) < 19
        else None
    )
    if found is None:
        raise Http404
    try:
        return confirm(desk.written, question, found, by=by, replaces=form.cleaned_data.get("seen"))
    except NothingToConfirm:
        raise Http404 from None


def _with_people(form: AnswerForm, lead: Lead, question: Question) -> Given:
    """The answer with the contacts that it names; somebody new becomes a contact."""
    typed = form.cleaned_data
    known = {str(contact.pk): contact for contact in form.lists.contacts()}
    seen = AnswerContact.objects.filter(answer=typed["seen"]) if typed["seen"] else ()
    before = {str(each.contact_id): each for each in seen}
    who = typed.get("who") or []
    people = [known[key] for key in ([who] if isinstance(who, str) else who)]
    if typed["new_name"].strip():
        people.append(
            name_contact(
                lead,
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


def _not_saved(
    request: SignedIn,
    lead: Lead,
    sets: list[Set],
    desk: Desk,
    question: Question,
    form: AnswerForm,
    *,
    status: int,
    theirs: Answer | None = None,
) -> HttpResponse:
    """The same question with what was typed, and with the reason why it was not saved."""
    desk.sheet = explain(desk.checklist) if desk.checklist else None
    weights, total = desk.weights()
    answers = desk.answers(question).get(question.pk, [])
    asked = desk.ask(question, answers, form=form, weights=weights, total=total)
    asked.open = True
    if status == 409:
        asked.theirs = answers[0] if answers else theirs
        asked.mine = _typed(form)
    if not request.htmx:
        return _whole_page(request, lead, sets, desk, asked=asked, status=status)
    return render(request, "leads/_question.html", {"asked": asked, "desk": desk, "lead": lead}, status=status)


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


def _shown(request: SignedIn, lead: Lead, sets: list[Set], desk: Desk, question: Question, *, act: Act) -> HttpResponse:
    """The answered question, with score, path and what to ask next out of band; a redirect without script."""
    moment: datetime = timezone.now()
    if not request.htmx:
        about = {key: request.GET[key] for key in ("context", "from") if key in request.GET}
        about |= {"open": question.code} if act == "undo" else {}
        place = f"q-{question.code}" if act == "undo" else "checklist"
        return HttpResponseRedirect(f"{reverse('leads:qualify', args=[lead.pk])}?{urlencode(about)}#{place}")
    desk.sheet = explain(desk.written)
    if desk.sheet.stage != lead.stage:
        lead.refresh_from_db(fields=["stage", "stage_since", "nurture_until", "version"])
    weights, total = desk.weights()
    asked = desk.ask(question, desk.answers(question).get(question.pk, []), weights=weights, total=total)
    asked.open = act == "undo"
    if question.kind in DATED:
        desk.warn([asked], desk.dates())
    context = {
        "asked": asked,
        "undo_url": asked.undo_url if act == "answer" else "",
        "section_low": next((each.low for each in desk.sheet.criteria if each.code == question.criterion), None),
        "sets": sets,
        "saved_at": None if act == "keep" else moment,
        **_about_score(request, desk, sets),
    }
    return render(request, "leads/_answered.html", context)


@require_POST
def switch(request: SignedIn, pk: int) -> HttpResponse:
    """Work the lead in another sales context; what was answered in this one is kept."""
    lead = find_lead(request.user, pk)
    wanted = next(each for each in sets_of(lead, request.POST.get("context", "")) if each.shown)
    try:
        switch_context(lead, wanted.context, by=request.user)
    except MoveRefused as refused:
        return render(request, "leads/refused.html", {"sentences": [str(refused)], "section": "leads"}, status=409)
    return HttpResponseRedirect(
        f"{reverse('leads:qualify', args=[lead.pk])}?{urlencode({'context': wanted.context.code})}"
    )
