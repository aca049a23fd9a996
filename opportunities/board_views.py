"""The pipeline as board and as table, and the moves of a deal.

Every move is a form that works without script. On the board htmx gets the card, the heads of both columns and the
sums out of band, so that nothing else moves.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import BaseForm
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import reswap, retarget

from opportunities.board import board_of, card_of, for_cards
from opportunities.filters import Asked, asked, owners_of, teams_of
from opportunities.forms import LostForm, WonForm
from opportunities.models import Opportunity, Pipeline, PipelineStage
from opportunities.pipeline import DealRefused, close_lost, close_won, move_to_stage, reopen
from opportunities.rights import may_move, may_open_deal, who_may_move
from users.conflicts import StaleVersion
from users.facts import database_now
from users.keyset import page_of
from users.models import Workspace
from users.pages import SignedIn, refuse
from users.rights import demand

Outcome = PipelineStage.Outcome
REFUSALS = (DealRefused, StaleVersion)


@require_safe
def board(request: SignedIn) -> HttpResponse:
    """`?pipeline=`, `?owner=` (a number or `me`), `?team=`; `?view=table` shows the same deals page by page by key."""
    what = asked(request.GET, request.user)
    if what is None:
        return render(request, "opportunities/no_pipeline.html", {"section": "pipeline"})
    context = {"section": "pipeline", **_filters(what, request)}
    deals = what.deals(request.user)
    if request.GET.get("view") == "table":
        return render(request, "opportunities/table.html", context | _table(what, deals, request))
    context["board"] = board_of(what.pipeline, deals, request.user, database_now())
    return render(request, "opportunities/board.html", context)


def _filters(what: Asked, request: SignedIn) -> dict[str, Any]:
    view = request.GET.get("view", "") if request.GET.get("view") == "table" else ""
    chips = []
    if what.owner is not None:
        chips.append({"label": _("Owner"), "value": what.owner, "remove_url": what.address(owner="", view=view)})
    if what.team is not None:
        chips.append({"label": _("Team"), "value": what.team, "remove_url": what.address(team="", view=view)})
    return {
        "asked": what,
        "chips": chips,
        "view": view,
        "board_url": what.address(),
        "table_url": what.address(view="table"),
        "pipelines": [(each, what.address(pipeline=each.code, view=view)) for each in Pipeline.objects.all()],
        "owners": owners_of(request.user),
        "teams": teams_of(request.user),
        "may_open": may_open_deal(request.user),
    }


def _table(what: Asked, deals: Any, request: SignedIn) -> dict[str, Any]:
    listed = {"stage": what.stage} if what.stage is not None else {"stage__outcome": what.outcome or Outcome.OPEN}
    rows = for_cards(deals.filter(**listed)).select_related("product")
    return {"page": page_of(rows, ("-id",), request.GET), "outcome": what.outcome or Outcome.OPEN}


@require_POST
def move(request: SignedIn, pk: int) -> HttpResponse:
    """Move the deal to the stage `stage`; won and lost ask for what they need first."""
    deal = _deal(request, pk)
    demand(may_move(request.user, deal), who_may_move(deal))
    wanted = request.POST.get("stage") or request.GET.get("stage", "")
    number = int(wanted) if wanted.isdecimal() and len(wanted) < 19 else 0
    stage = PipelineStage.objects.filter(pk=number, pipeline=deal.pipeline_id).first()
    if stage is None:
        return _refused(request, deal, _("Choose a stage of this pipeline: reload the page."), status=422)
    if stage.outcome == Outcome.WON and deal.stage.outcome == Outcome.OPEN:
        return _ask(request, deal, "won", _won_form(deal))
    if stage.outcome == Outcome.LOST and deal.stage.outcome == Outcome.OPEN:
        return _ask(request, deal, "lost", LostForm(initial={"version": deal.version}))
    version = request.POST.get("version", "")
    known = int(version) if version.isdecimal() and len(version) < 9 else None
    before = deal.stage
    return _act(
        request,
        deal,
        lambda: move_to_stage(deal, stage, by=request.user, version=known),
        before,
        _("%(deal)s is in %(stage)s now.") % {"deal": deal.name, "stage": stage},
        undo=before,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def won(request: SignedIn, pk: int) -> HttpResponse:
    """GET asks for the amount; POST closes the deal."""
    deal = _deal(request, pk)
    demand(may_move(request.user, deal), who_may_move(deal))
    if request.method != "POST":
        return _ask(request, deal, "won", _won_form(deal))
    form = WonForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        response = _close(
            request,
            deal,
            form,
            lambda: close_won(
                deal,
                data["won_amount"],
                by=request.user,
                currency=data["currency"],
                version=data["version"],
                note=data["note"],
            ),
            _("%(deal)s is won.") % {"deal": deal.name},
        )
        if response is not None:
            return response
    return _ask(request, deal, "won", form, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
def lost(request: SignedIn, pk: int) -> HttpResponse:
    """GET asks for the reason; POST closes the deal."""
    deal = _deal(request, pk)
    demand(may_move(request.user, deal), who_may_move(deal))
    if request.method != "POST":
        return _ask(request, deal, "lost", LostForm(initial={"version": deal.version}))
    form = LostForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        response = _close(
            request,
            deal,
            form,
            lambda: close_lost(
                deal,
                data["loss_reason"],
                data["competitor"],
                by=request.user,
                version=data["version"],
                note=data["note"],
            ),
            _("%(deal)s is lost: %(reason)s.") % {"deal": deal.name, "reason": data["loss_reason"]},
        )
        if response is not None:
            return response
    return _ask(request, deal, "lost", form, status=422)


@require_POST
def reopen_deal(request: SignedIn, pk: int) -> HttpResponse:
    """Take won or lost back; the deal returns to the stage it was closed from."""
    deal = _deal(request, pk)
    before = deal.stage
    return _act(
        request, deal, lambda: reopen(deal, by=request.user), before, _("%(deal)s is open again.") % {"deal": deal.name}
    )


# --- What the moves have in common -----------------------------------------------------------------------------


def _deal(request: SignedIn, pk: int) -> Opportunity:
    return get_object_or_404(for_cards(Opportunity.objects.visible_to(request.user)), pk=pk)


def _won_form(deal: Opportunity) -> WonForm:
    currency = deal.currency or Workspace.get().currency
    return WonForm(initial={"version": deal.version, "won_amount": deal.amount, "currency": currency})


def _ask(request: SignedIn, deal: Opportunity, kind: str, form: BaseForm, *, status: int = 200) -> HttpResponse:
    """The question in a dialog over the board, or as a page of its own."""
    context = {"deal": deal, "form": form, "kind": kind, "section": "pipeline", "error_in_title": status >= 400}
    if not request.htmx:
        return render(request, "opportunities/close.html", context, status=status)
    return reswap(
        retarget(render(request, "opportunities/close_dialog.html", context, status=status), "#dialog"), "innerHTML"
    )


def _close(
    request: SignedIn, deal: Opportunity, form: BaseForm, act: Callable[[], Any], said: str
) -> HttpResponse | None:
    """None: the rule found fault with the form."""
    try:
        return _act(request, deal, act, deal.stage, said)
    except ValidationError as refused:
        refuse(form, refused)
        return None


def _act(
    request: SignedIn,
    deal: Opportunity,
    act: Callable[[], Any],
    before: PipelineStage,
    said: str,
    *,
    undo: PipelineStage | None = None,
) -> HttpResponse:
    """Run the rule, then show the deal where it stands. A ValidationError goes on to the caller's form."""
    try:
        act()
    except REFUSALS as refused:
        return _refused(request, deal, _in_words(refused, deal), status=409)
    if not request.htmx:
        messages.success(request, said)
        return redirect("opportunities:page", pk=deal.pk)
    return _moved(request, deal, before, said, undo=undo)


def _in_words(refused: Exception, deal: Opportunity) -> str:
    """Why nothing was done; of a move on top of another one, both values."""
    if isinstance(refused, StaleVersion) and isinstance(refused.current, Opportunity):
        wanted = refused.attempted.get("stage")
        if wanted is not None:
            return _(
                "%(deal)s was moved meanwhile: it is in %(theirs)s, you wanted %(yours)s. Look and move it again."
            ) % {
                "deal": deal.name,
                "theirs": refused.current.stage,
                "yours": wanted,
            }
    return str(refused)


def _refused(request: SignedIn, deal: Opportunity, text: str, *, status: int) -> HttpResponse:
    if not request.htmx:
        context = {"deal": deal, "text": text, "section": "pipeline", "error_in_title": True}
        return render(request, "opportunities/refused.html", context, status=status)
    return _moved(request, deal, deal.stage, text, status=status)


def _moved(
    request: SignedIn,
    deal: Opportunity,
    before: PipelineStage,
    said: str,
    *,
    undo: PipelineStage | None = None,
    status: int = 200,
) -> HttpResponse:
    """Out of band: the card in its column, the heads of both columns, the sums, and what happened."""
    fresh = for_cards(Opportunity.objects.all()).get(pk=deal.pk)
    what = asked(_query_of_the_page(request), request.user)
    undo_url = f"{reverse('opportunities:move', args=[deal.pk])}?stage={undo.pk}" if undo is not None else ""
    context: dict[str, Any] = {"deal": fresh, "said": said, "undo_url": undo_url, "failed": status >= 400}
    if what is not None and what.pipeline.pk == fresh.pipeline_id:
        now = database_now()
        # The figures of the whole board: a move changes two columns and the sums above them.
        whole = board_of(what.pipeline, what.deals(request.user), request.user, now)
        context |= {
            "board": whole,
            "card": card_of(fresh, whole.stages, request.user, now),
            "heads": [column for column in whole.columns if column.stage.pk in (before.pk, fresh.stage_id)],
        }
    return reswap(render(request, "opportunities/moved.html", context, status=status), "none")


def _query_of_the_page(request: SignedIn) -> QueryDict:
    """The filter of the page on which the button was pressed."""
    query = QueryDict(mutable=True)
    for name, values in parse_qs(urlsplit(request.htmx.current_url or "").query).items():
        query.setlist(name, values)
    return query
