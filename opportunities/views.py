"""One deal: its page, a new one, edits, and whose it is. Its moves stand in board_views.py."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Account
from leads.confirming import NothingToConfirm
from leads.explaining import explain
from leads.models import Lead
from leads.qualification import AnswerConflict
from leads.views.case import marks, missing_sentence
from opportunities.board import targets_of
from opportunities.confirming import confirm_of_lead
from opportunities.conversion import ConversionRefused, answers_to_confirm, open_further_deal
from opportunities.editing import (
    archive_opportunity,
    assign_opportunity,
    edit_opportunity,
    restore_opportunity,
    was_undone,
)
from opportunities.forms import AssignForm, DealForm, NewDealForm, deal_fields
from opportunities.models import Conversion, Opportunity, OpportunityOwnerChange, Pipeline, PipelineStage, StageChange
from opportunities.pipeline import DealRefused, open_deal
from opportunities.rights import may_assign, may_move, may_open_deal, who_may_assign, who_may_move, who_may_open_deal
from users.changes import changes_of
from users.choices import offer_rows
from users.edit_page import edit_page
from users.formats import day
from users.models import User, Workspace
from users.once import once
from users.pages import SignedIn, refuse, sent, status_of
from users.rights import demand

Outcome = PipelineStage.Outcome
BESIDE = (
    "account__type",
    "contact",
    "lead",
    "pipeline",
    "stage",
    "owner",
    "team",
    "product",
    "source",
    "campaign",
    "checklist__context",
    "loss_reason",
    "competitor",
)


def deal_of(user: User, pk: int) -> Opportunity:
    return get_object_or_404(Opportunity.objects.visible_to(user).select_related(*BESIDE), pk=pk)


@require_safe
def page(request: SignedIn, pk: int) -> HttpResponse:
    """Where the deal stands and how it came there, what the checklist says, and what can be done now."""
    return _show(request, deal_of(request.user, pk))


def _show(request: SignedIn, deal: Opportunity, assign_form: AssignForm | None = None) -> HttpResponse:
    """The deal's page; `assign_form` is what was sent to give the deal to somebody and was refused."""
    stages = list(deal.pipeline.stages.order_by("position"))
    sheet = explain(deal.checklist) if deal.checklist is not None else None
    allowed = may_move(request.user, deal)
    conversion = live_conversion_of(deal)
    context = {
        "section": "pipeline",
        "deal": deal,
        "steps": steps_of(deal, stages),
        "moves": StageChange.objects.filter(opportunity=deal)
        .select_related("from_stage", "to_stage", "by", "loss_reason")
        .order_by("-id"),
        "owners": OpportunityOwnerChange.objects.filter(opportunity=deal)
        .select_related("owner", "team", "by")
        .order_by("-id")[1:],
        "targets": targets_of(deal, stages, request.user),
        "sheet": sheet,
        "criteria": marks(sheet) if sheet else [],
        "missing": missing_sentence(sheet) if sheet else "",
        "sees_lead": deal.lead_id is not None
        and Lead.objects.visible_to(request.user).filter(pk=deal.lead_id).exists(),
        "to_confirm": answers_to_confirm(deal) if allowed else [],
        "changes": changes_of(deal),
        "may_move": allowed,
        "may_restore": allowed and deal.archived_at is not None and not was_undone(deal),
        "is_open": deal.stage.outcome == Outcome.OPEN,
        "conversion": conversion if allowed else None,
        "assign_form": assign_form or AssignForm(initial={"owner": deal.owner_id})
        if may_assign(request.user, deal)
        else None,
        "error_in_title": assign_form is not None,
    }
    return render(request, "opportunities/page.html", context, status=200 if assign_form is None else 422)


def live_conversion_of(deal: Opportunity) -> Conversion | None:
    """The conversion that opened the deal, if nobody has undone it."""
    rows = Conversion.objects.filter(opportunity=deal, undoes__isnull=True, undone_by__isnull=True)
    return rows.select_related("by").order_by("-id").first()


def steps_of(deal: Opportunity, stages: list[PipelineStage]) -> list[dict[str, str]]:
    """The way of the deal through its pipeline: reached on which day, and where it stands."""
    reached = dict(StageChange.objects.filter(opportunity=deal).order_by("id").values_list("to_stage", "occurred_at"))
    today = timezone.localdate()
    closed = deal.stage.outcome != Outcome.OPEN
    furthest = max(
        (stage.position for stage in stages if stage.outcome == Outcome.OPEN and stage.pk in reached), default=0
    )
    steps = []
    for stage in stages:
        if stage.outcome != Outcome.OPEN and stage.pk != deal.stage_id:
            continue
        here = stage.pk == deal.stage_id
        moment = reached.get(stage.pk)
        passed = stage.position < deal.stage.position if not closed else stage.position <= furthest
        steps.append(
            {
                "label": stage.name,
                "state": "now" if here else "done" if passed else "todo",
                "note": day(timezone.localtime(moment).date(), today)
                if moment is not None and (here or passed)
                else "",
            }
        )
    return steps


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: SignedIn) -> HttpResponse:
    """A deal without a lead (`?account=`), or a further one of a converted lead (`?lead=`)."""
    demand(may_open_deal(request.user), who_may_open_deal())
    lead = _named(request, "lead", Lead.objects.visible_to(request.user))
    account = _named(request, "account", Account.objects.visible_to(request.user).active())
    pipelines = Pipeline.objects.filter(context=lead.context_id) if lead is not None else Pipeline.objects.all()
    first = {
        "account": account,
        "name": account.name if account is not None else "",
        "owner": request.user,
        "pipeline": pipelines.first(),
        "currency": Workspace.get().currency,
    }
    form = NewDealForm(sent(request), initial=first, of_lead=lead is not None)
    offer_rows(form, "pipeline", pipelines)

    def make() -> str:
        deal = _open(form.changes(), lead, request.user)
        messages.success(request, _("%(deal)s is open.") % {"deal": deal.name})
        return reverse("opportunities:page", args=[deal.pk])

    if request.method == "POST" and form.is_valid():
        try:
            return once(request, make)
        except ConversionRefused as refused:
            form.add_error(None, str(refused))
        except ValidationError as refused:
            refuse(form, refused)
    context = {"section": "pipeline", "form": form, "lead": lead, "makes": True, "error_in_title": bool(form.errors)}
    return render(request, "opportunities/edit.html", context, status=status_of(form))


def _open(fields: dict[str, Any], lead: Lead | None, by: User) -> Opportunity:
    given = {name: value for name, value in fields.items() if value not in (None, "")}
    return open_deal(given, by=by) if lead is None else open_further_deal(lead, given, by=by)


def _named(request: SignedIn, name: str, rows: QuerySet[Any]) -> Any:
    """The record whose number the address gives under this name, or None without one. Raises Http404."""
    number = request.GET.get(name, "")
    if not number:
        return None
    if not number.isdecimal() or len(number) > 18:
        raise Http404
    return get_object_or_404(rows, pk=int(number))


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: SignedIn, pk: int) -> HttpResponse:
    """Whoever saved second chooses field by field between both values (409)."""
    deal = deal_of(request.user, pk)
    demand(may_move(request.user, deal), who_may_move(deal))
    return edit_page(
        request,
        "opportunities/edit.html",
        {"section": "pipeline", "deal": deal},
        DealForm(sent(request), initial=deal_fields(deal)),
        lambda changes, version: edit_opportunity(deal, changes, version=version, by=request.user),
        then=reverse("opportunities:page", args=[deal.pk]),
    )


@require_POST
def archive(request: SignedIn, pk: int) -> HttpResponse:
    """Archive the deal, or bring back what is archived."""
    deal = deal_of(request.user, pk)
    try:
        if deal.archived_at is None:
            archive_opportunity(deal, by=request.user)
            messages.success(request, _("%(deal)s is archived: board and lists no longer show it.") % {"deal": deal})
        else:
            restore_opportunity(deal, by=request.user)
            messages.success(request, _("%(deal)s is back where it stood.") % {"deal": deal})
    except DealRefused as refused:
        messages.error(request, str(refused))
    return redirect("opportunities:page", pk=deal.pk)


@require_POST
def assign(request: SignedIn, pk: int) -> HttpResponse:
    deal = deal_of(request.user, pk)
    demand(may_assign(request.user, deal), who_may_assign())
    form = AssignForm(request.POST)
    if not form.is_valid():
        return _show(request, deal, form)
    owner = form.cleaned_data["owner"]
    try:
        assign_opportunity(deal, owner, by=request.user)
    except ValidationError as refused:
        refuse(form, refused)
        return _show(request, deal_of(request.user, pk), form)
    messages.success(request, _("The deal belongs to %(owner)s now.") % {"owner": owner or _("nobody")})
    if not Opportunity.objects.visible_to(request.user).filter(pk=deal.pk).exists():
        return redirect("opportunities:board")
    return redirect("opportunities:page", pk=deal.pk)


@require_POST
def confirm_answer(request: SignedIn, pk: int) -> HttpResponse:
    """A further deal takes over what the lead has told us already: `answer` is one of those offered."""
    deal = deal_of(request.user, pk)
    demand(may_move(request.user, deal), who_may_move(deal))
    number = request.POST.get("answer", "")
    said = next((each for each in answers_to_confirm(deal) if str(each.pk) == number), None)
    if said is None or deal.checklist is None:
        messages.error(request, _("This is answered already, or was changed meanwhile: look at the checklist."))
        return redirect("opportunities:page", pk=deal.pk)
    question = deal.checklist.question_set.questions.filter(code=said.question.code).first()
    try:
        if question is None:
            raise NothingToConfirm
        confirm_of_lead(deal, question, said.pk, by=request.user, replaces=None)
        messages.success(request, _("Confirmed."))
    except NothingToConfirm:
        messages.error(request, _("The question set of this deal does not ask that any more."))
    except AnswerConflict:
        messages.error(request, _("Somebody answered this meanwhile: their answer stands."))
    return redirect("opportunities:page", pk=deal.pk)
