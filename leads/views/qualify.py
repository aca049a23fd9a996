"""The qualify page: one question open, a key answers it, each answer is saved at once and the score follows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

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
from leads.explaining import explain
from leads.forms.filters import LeadFilters
from leads.lifecycle import Stage
from leads.models import Answer, BehaviourEvent, Handoff, Lead, Score
from leads.rights import may_answer, may_decide, may_work, who_may_work
from leads.setting_aside import MoveRefused
from leads.views.asking import Act, Refused, answered, asked_again, give, give_back, ticks_of
from leads.views.case import Set, find_lead, marks, missing_sentence, path_of, sets_of, shown_set
from leads.views.list import Position, above, below
from leads.views.questions import Asked, Desk, questions_of
from scoring.models import Persona, Question, QuestionSet
from scoring.packs.engagement import LABELS as EVENT_LABELS
from users.models import User
from users.pages import SignedIn
from users.rights import demand

RECENT = 5


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


def _about_score(request: SignedIn, lead: Lead, desk: Desk) -> dict[str, Any]:
    """What stands beside the questions and changes with every answer."""
    sheet = desk.sheet
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
        "ticks": ticks_of(sheet),
        "handoff": handoff,
        "may_decide": handoff is not None and may_decide(request.user, handoff),
        "may_work": may_work(request.user, lead),
        "best_code": sheet.next_question.code if sheet and sheet.next_question else "",
        "why": [row for row in sheet.ledger if row.part == "qualification"] if sheet else [],
        "kept_apart": desk.context.pk != lead.context_id,
    }


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
        **_about_score(request, lead, desk),
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
    desk = _desk_for_writing(request, lead, shown_set(lead, request.GET.get("context", "")))
    question = desk.question(code)
    if question is None:
        raise Http404
    if request.POST.get("keep") == "theirs":
        return _shown(request, lead, desk, question, act="keep")
    refused = give(request.POST, desk, question, by=request.user, confirm=_confirm)
    if refused is not None:
        return _not_saved(request, lead, desk, question, refused)
    return _shown(request, lead, desk, question, act="answer")


@require_POST
def undo(request: SignedIn, pk: int, code: str, answer_pk: int) -> HttpResponse:
    """Take this answer back; 409 with both values if somebody answered since."""
    lead = find_lead(request.user, pk, beside=("context", "source"))
    _demand_answering(request, lead)
    chain = Answer.objects.select_related("question", "checklist__context", "replaces__choice", "replaces__offer")
    taken = get_object_or_404(chain, pk=answer_pk, question__code=code, checklist__lead=lead)
    desk = _desk_for_writing(request, lead, shown_set(lead, taken.checklist.context.code))
    refused = give_back(taken, desk, by=request.user)
    if refused is not None:
        return _not_saved(request, lead, desk, taken.question, refused)
    return _shown(request, lead, desk, taken.question, act="undo")


def _demand_answering(request: SignedIn, lead: Lead) -> None:
    if not may_answer(request.user, lead):
        demand(False, who_may_work(lead))
    if lead.archived_at is not None:
        demand(False, _("This lead is archived. Bring it back on its page before you work on it."))


def _desk_for_writing(request: SignedIn, lead: Lead, shown: Set) -> Desk:
    """The desk before the answer: nothing is explained yet, since the answer changes it."""
    checklist = shown.checklist
    if checklist is None:
        with transaction.atomic():
            Lead.objects.select_for_update(no_key=True).get(pk=lead.pk)
            checklist = checklist_of(lead, shown.context)
    return Desk(
        lead,
        shown.context,
        checklist,
        checklist.question_set_id,
        timezone.localdate(),
        _address_of_answers(request, lead),
    )


def _confirm(desk: Desk, question: Question, said: int, seen: int | None, by: User) -> None:
    """Take over what was said in the lead's other set. Raises NothingToConfirm, AnswerConflict."""
    answers = Answer.objects.select_related("choice", "question", "checklist", "offer")
    found = answers.filter(pk=said).first()
    if found is None:
        raise NothingToConfirm
    confirm(desk.written, question, found, by=by, replaces=seen)


def _not_saved(request: SignedIn, lead: Lead, desk: Desk, question: Question, refused: Refused) -> HttpResponse:
    """The same question with what was typed, and with the reason why it was not saved."""
    asked = asked_again(desk, question, refused)
    if not request.htmx:
        sets = sets_of(lead, desk.context.code)
        return _whole_page(request, lead, sets, desk, asked=asked, status=refused.status)
    context = {"asked": asked, "desk": desk, "lead": lead}
    return render(request, "leads/_question.html", context, status=refused.status)


def _shown(request: SignedIn, lead: Lead, desk: Desk, question: Question, *, act: Act) -> HttpResponse:
    """The answered question, with score, path and what to ask next out of band; a redirect without script."""
    moment: datetime = timezone.now()
    if not request.htmx:
        about = {key: request.GET[key] for key in ("context", "from") if key in request.GET}
        about |= {"open": question.code} if act == "undo" else {}
        place = f"q-{question.code}" if act == "undo" else "checklist"
        return HttpResponseRedirect(f"{reverse('leads:qualify', args=[lead.pk])}?{urlencode(about)}#{place}")
    now_stands = answered(desk, question, act)
    if desk.sheet is not None and desk.sheet.stage != lead.stage:
        lead.refresh_from_db(fields=["stage", "stage_since", "nurture_until", "version"])
    context = {
        **now_stands,
        "saved_at": None if act == "keep" else moment,
        **_about_score(request, lead, desk),
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
