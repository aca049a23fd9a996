"""The qualify page of a deal that has a checklist of its own: one without a lead, or a further one of a converted lead.

It asks as the lead's page does (leads/views/qualify.py), with the same questions, keys and answers; a deal's score
follows no gate, so nothing is offered, accepted or converted here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Account, Contact
from leads.explaining import explain
from leads.models import Answer, Checklist
from leads.naming import contacts_known
from leads.views.asking import Act, Refused, answered, asked_again, give, give_back, ticks_of
from leads.views.case import marks, missing_sentence
from leads.views.questions import Asked, Desk, questions_of
from opportunities.confirming import confirm_of_lead
from opportunities.conversion import answers_to_confirm
from opportunities.models import Opportunity
from opportunities.rights import may_move, who_may_move
from opportunities.views import deal_of
from scoring.models import Question
from users.models import User
from users.pages import SignedIn
from users.rights import demand


@dataclass
class DealDesk(Desk):
    """The checklist of a deal, laid out for asking."""

    deal: Opportunity | None = None

    @property
    def account(self) -> Account | None:
        return self.deal.account if self.deal is not None else None

    def known_contacts(self) -> QuerySet[Contact]:
        named = Q(named_in__answer__checklist=self.checklist)
        if self.deal is None:
            return Contact.objects.none()
        return contacts_known(named, account_id=self.deal.account_id, contact_id=self.deal.contact_id)

    def _confirmable(self, every: Iterable[Asked]) -> None:
        """Offer what the lead of a further deal has told already (decisions.md 18)."""
        told = [each.pk for each in answers_to_confirm(self.deal)] if self.deal is not None else []
        if not told:
            return
        by_code = {each.question.code: each for each in every}
        said = Answer.objects.filter(pk__in=told).with_evidence().select_related("checklist__context")
        for answer in said:
            if answer.question.code in by_code:
                by_code[answer.question.code].elsewhere = answer


@require_safe
def qualify(request: SignedIn, pk: int) -> HttpResponse:
    """/opportunities/<id>/qualify/: the deal, its questions, its score. A lead's checklist is asked on the lead's page."""
    deal = deal_of(request.user, pk)
    if deal.checklist is not None and deal.checklist.lead_id is not None:
        return redirect("leads:qualify", pk=deal.checklist.lead_id)
    desk = _desk(request, deal)
    desk.sheet = explain(desk.written)
    return _whole_page(request, deal, desk)


@require_POST
def answer(request: SignedIn, pk: int, code: str) -> HttpResponse:
    """Save one answer and show what follows from it; 422 if it cannot be read, 409 if somebody was faster."""
    deal = deal_of(request.user, pk)
    desk = _desk_for_writing(request, deal)
    question = desk.question(code)
    if question is None:
        raise Http404
    if request.POST.get("keep") == "theirs":
        return _shown(request, deal, desk, question, act="keep")

    def confirm(_desk: Desk, question: Question, said: int, seen: int | None, by: User) -> None:
        confirm_of_lead(deal, question, said, by=by, replaces=seen)

    refused = give(request.POST, desk, question, by=request.user, confirm=confirm)
    if refused is not None:
        return _not_saved(request, deal, desk, question, refused)
    return _shown(request, deal, desk, question, act="answer")


@require_POST
def undo(request: SignedIn, pk: int, code: str, answer_pk: int) -> HttpResponse:
    """Take this answer back; 409 with both values if somebody answered since."""
    deal = deal_of(request.user, pk)
    desk = _desk_for_writing(request, deal)
    chain = Answer.objects.select_related("question", "checklist__context", "replaces__choice", "replaces__offer")
    taken = get_object_or_404(chain, pk=answer_pk, question__code=code, checklist=desk.written)
    refused = give_back(taken, desk, by=request.user)
    if refused is not None:
        return _not_saved(request, deal, desk, taken.question, refused)
    return _shown(request, deal, desk, taken.question, act="undo")


def _own_checklist(deal: Opportunity) -> Checklist:
    """Raises Http404: the deal has none, or its lead's."""
    if deal.checklist is None or deal.checklist.lead_id is not None:
        raise Http404
    return deal.checklist


def _desk(request: SignedIn, deal: Opportunity) -> DealDesk:
    checklist = _own_checklist(deal)
    address = reverse("opportunities:answer", args=[deal.pk, "QUESTION"]).replace("QUESTION/", "{code}/{act}")
    return DealDesk(
        None,
        checklist.context,
        checklist,
        checklist.question_set_id,
        timezone.localdate(),
        address,
        may_answer=may_move(request.user, deal) and deal.archived_at is None,
        deal=deal,
    )


def _desk_for_writing(request: SignedIn, deal: Opportunity) -> DealDesk:
    """Raises Forbidden, Http404."""
    desk = _desk(request, deal)
    demand(may_move(request.user, deal), who_may_move(deal))
    demand(deal.archived_at is None, _("This deal is archived: bring it back first."))
    return desk


def _about_score(deal: Opportunity, desk: Desk) -> dict[str, Any]:
    """What stands beside the questions and changes with every answer."""
    sheet = desk.sheet
    asked = len(questions_of(desk.question_set_id))
    return {
        "deal": deal,
        "desk": desk,
        "sheet": sheet,
        "criteria": marks(sheet) if sheet else [],
        "missing": missing_sentence(sheet) if sheet else "",
        "asked_count": asked,
        "answered_count": sheet.answered if sheet else 0,
        "ticks": ticks_of(sheet),
        "best_code": sheet.next_question.code if sheet and sheet.next_question else "",
        "why": [row for row in sheet.ledger if row.part == "qualification"] if sheet else [],
    }


def _whole_page(
    request: SignedIn, deal: Opportunity, desk: Desk, *, asked: Asked | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "section": "pipeline",
        "sections": desk.sections(asked.question.code if asked else request.GET.get("open", ""), asked),
        "who_may": "" if desk.may_answer else who_may_move(deal),
        "error_in_title": status != 200,
        "saved_at": None,
        **_about_score(deal, desk),
    }
    return render(request, "opportunities/qualify.html", context, status=status)


def _not_saved(request: SignedIn, deal: Opportunity, desk: Desk, question: Question, refused: Refused) -> HttpResponse:
    """The same question with what was typed, and with the reason why it was not saved."""
    asked = asked_again(desk, question, refused)
    if not request.htmx:
        return _whole_page(request, deal, desk, asked=asked, status=refused.status)
    return render(request, "leads/_question.html", {"asked": asked, "desk": desk}, status=refused.status)


def _shown(request: SignedIn, deal: Opportunity, desk: Desk, question: Question, *, act: Act) -> HttpResponse:
    """The answered question, with the score and what to ask next out of band; a redirect without script."""
    moment: datetime = timezone.now()
    if not request.htmx:
        address = reverse("opportunities:qualify", args=[deal.pk])
        where = f"?open={question.code}#q-{question.code}" if act == "undo" else "#checklist"
        return HttpResponseRedirect(f"{address}{where}")
    context = {
        **answered(desk, question, act),
        "saved_at": None if act == "keep" else moment,
        **_about_score(deal, desk),
    }
    return render(request, "opportunities/_answered.html", context)
