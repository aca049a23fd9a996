"""What is done with a hand-off: accept, reject, recycle, release, return, reassign, offer by hand.

The rules stand in leads/handoff.py; here their forms are bound, and their refusals become answers.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import BaseForm
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from leads import handoff as deciding
from leads import queue as showing
from leads.handoff import HandoffTaken
from leads.models import Handoff, Lead, RejectionReason
from leads.queue_forms import (
    USUAL_NURTURE,
    ReassignForm,
    RecycleForm,
    RejectForm,
    ReturnForm,
    VersionForm,
    suggested_date,
)
from leads.queue_views import around, fragment_or_page, handoff_of, queue_page
from leads.rights import (
    may_decide,
    may_reassign,
    may_recycle,
    may_review,
    who_may_decide,
    who_may_reassign,
    who_may_recycle,
    who_may_review,
)
from leads.setting_aside import MoveRefused
from users.conflicts import StaleVersion
from users.facts import database_now
from users.models import Workspace
from users.pages import SignedIn, refuse
from users.rights import demand

REFUSALS = (HandoffTaken, StaleVersion, MoveRefused)


@require_POST
def accept(request: SignedIn, pk: int) -> HttpResponse:
    handoff = handoff_of(request, pk)
    return _decide(request, handoff, lambda: deciding.accept(handoff, by=request.user, version=_version(request)))


@require_POST
def release(request: SignedIn, pk: int) -> HttpResponse:
    handoff = handoff_of(request, pk)
    return _decide(request, handoff, lambda: deciding.release(handoff, by=request.user, version=_version(request)))


@require_http_methods(["GET", "HEAD", "POST"])
def reject(request: SignedIn, pk: int) -> HttpResponse:
    """GET shows the form; with `?reason=` htmx asks for the date that this reason suggests."""
    handoff = handoff_of(request, pk)
    demand(may_decide(request.user, handoff), who_may_decide(handoff))
    today = _today()
    if request.method != "POST":
        form = RejectForm(initial={"version": handoff.version})
        if request.htmx and "reason" in request.GET:
            context = {"handoff": handoff, **_suggestion(request.GET.get("reason", ""), today)}
            return render(request, "leads/queue_until.html", context)
        return _ask(request, handoff, "leads/queue_reject.html", form, reasons=_reasons(today))
    form = RejectForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        response = _decide_by_form(
            request,
            handoff,
            lambda: deciding.reject(
                handoff,
                data["reason"],
                by=request.user,
                note=data["note"],
                version=data["version"],
                until=data["until"],
            ),
            form,
        )
        if response is not None:
            return response
    context = _suggestion(request.POST.get("reason", ""), today)
    return _ask(request, handoff, "leads/queue_reject.html", form, status=422, reasons=_reasons(today), **context)


@require_http_methods(["GET", "HEAD", "POST"])
def recycle(request: SignedIn, pk: int) -> HttpResponse:
    """GET shows the form with the usual date; POST keeps the lead warm until the date that was chosen."""
    handoff = handoff_of(request, pk)
    demand(may_recycle(request.user, handoff), who_may_recycle(handoff))
    if request.method != "POST":
        form = RecycleForm(initial={"version": handoff.version, "until": _today() + USUAL_NURTURE})
        return _ask(request, handoff, "leads/queue_recycle.html", form)
    form = RecycleForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        response = _decide_by_form(
            request,
            handoff,
            lambda: deciding.recycle(
                handoff, data["until"], by=request.user, note=data["note"], version=data["version"]
            ),
            form,
        )
        if response is not None:
            return response
    return _ask(request, handoff, "leads/queue_recycle.html", form, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
def give_back(request: SignedIn, pk: int) -> HttpResponse:
    """Marketing returns what it reviewed, with a reason."""
    handoff = handoff_of(request, pk)
    demand(may_review(request.user, handoff), who_may_review())
    if request.method != "POST":
        return _ask(request, handoff, "leads/queue_return.html", ReturnForm(initial={"version": handoff.version}))
    form = ReturnForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        response = _decide_by_form(
            request,
            handoff,
            lambda: deciding.give_back(handoff, data["note"], by=request.user, version=data["version"]),
            form,
        )
        if response is not None:
            return response
    return _ask(request, handoff, "leads/queue_return.html", form, status=422)


@require_POST
def reassign(request: SignedIn, pk: int) -> HttpResponse:
    handoff = handoff_of(request, pk)
    demand(may_reassign(request.user, handoff), who_may_reassign())
    form = ReassignForm(request.POST)
    if not form.is_valid():
        return _refused(request, handoff, _("Choose a team that is in use."), status=422)
    team = form.cleaned_data["team"]
    return _decide(
        request,
        handoff,
        lambda: deciding.reassign(handoff, team, by=request.user),
        said=_("Given to team %(team)s.") % {"team": team},
    )


@require_POST
def offer_by_hand(request: SignedIn, pk: int) -> HttpResponse:
    """From the lead's page: an MQL without a hand-off is offered to sales (decisions.md 13)."""
    lead = get_object_or_404(Lead.objects.visible_to(request.user), pk=pk)
    try:
        deciding.offer_by_hand(lead, by=request.user)
        messages.success(request, _("Offered to sales: it is in the hand-off queue."))
    except MoveRefused as refused:
        messages.error(request, str(refused))
    return redirect("leads:page", pk=pk)


# --- What the verbs have in common -----------------------------------------------------------------------------


def _version(request: SignedIn) -> int | None:
    form = VersionForm(request.POST)
    return form.cleaned_data["version"] if form.is_valid() else None


def _decide(request: SignedIn, handoff: Handoff, act: Callable[[], Any], *, said: str = "") -> HttpResponse:
    """Run the rule and answer with the row as it then stands, or with what it refused."""
    try:
        return _attempt(request, handoff, act, said)
    except ValidationError as refused:
        return _refused(request, handoff, " ".join(refused.messages), status=422)


def _decide_by_form(request: SignedIn, handoff: Handoff, act: Callable[[], Any], form: BaseForm) -> HttpResponse | None:
    """Like `_decide`; None: the rule found fault with the form, which now says so."""
    try:
        return _attempt(request, handoff, act)
    except ValidationError as refused:
        refuse(form, refused)
        return None


def _attempt(request: SignedIn, handoff: Handoff, act: Callable[[], Any], said: str = "") -> HttpResponse:
    try:
        act()
    except REFUSALS as refused:
        return _refused(request, handoff, str(refused), status=409)
    # A team that is no longer the viewer's takes the hand-off out of their sight; the row says so one last time.
    fresh = showing.for_list(Handoff.objects.all()).get(pk=handoff.pk)
    text = said or _said(fresh)
    if not request.htmx:
        messages.success(request, f"{fresh.lead}: {text}")
        return redirect("leads:queue")
    return _answer_row(request, fresh, text, listed=handoff.state)


def _refused(request: SignedIn, handoff: Handoff, text: str, *, status: int) -> HttpResponse:
    """Nothing was changed; the loser sees who was first, and the row as it stands now."""
    if not request.htmx:
        return queue_page(request, refusal=f"{handoff.lead}: {text}", status=status)
    fresh = showing.for_list(Handoff.objects.all()).get(pk=handoff.pk)
    return _answer_row(request, fresh, text, listed=handoff.state, refused=True, status=status)


def _answer_row(
    request: SignedIn, handoff: Handoff, text: str, *, listed: str, refused: bool = False, status: int = 200
) -> HttpResponse:
    """The row as it stands now, and out of band the figures around it; `listed` is the list that it was shown in."""
    user, now, workspace = request.user, database_now(), Workspace.get()
    context = {
        "row": showing.row_of(handoff, user, now, workspace),
        "note": text,
        "refused": refused,
        "has_cursor": True,
        "takes_focus": True,
        "state": listed,
        **around(user, now, workspace),
    }
    return render(request, "leads/queue_decided.html", context, status=status)


def _said(handoff: Handoff) -> str:
    """What just happened, in a sentence."""
    match handoff.state:
        case Handoff.State.ACCEPTED:
            return _("accepted. It is yours now.") if handoff.lead.owner_id == handoff.decided_by_id else _("accepted.")
        case Handoff.State.REJECTED:
            return _("rejected: %(reason)s.") % {"reason": handoff.reason}
        case Handoff.State.RECYCLED:
            return _("recycled to nurture.")
        case Handoff.State.RETURNED:
            return _("returned; sales does not see it.")
        case _:
            return _("released: sales sees it, and the clocks run.")


def _ask(
    request: SignedIn, handoff: Handoff, template: str, form: BaseForm, *, status: int = 200, **more: Any
) -> HttpResponse:
    return fragment_or_page(request, template, {"handoff": handoff, "form": form, **more}, status=status)


def _today() -> date:
    return Workspace.get().day_of(database_now())


def _reasons(today: date) -> list[dict[str, Any]]:
    """The reasons by their digits, with the date that each suggests."""
    active = RejectionReason.objects.filter(archived_at__isnull=True)
    return [
        {"reason": reason, "key": str(number) if number < 10 else "", "until": suggested_date(reason, today)}
        for number, reason in enumerate(active, start=1)
    ]


def _suggestion(asked: str, today: date) -> dict[str, Any]:
    reason = RejectionReason.objects.filter(pk=int(asked)).first() if asked.isdecimal() and len(asked) < 19 else None
    return {"chosen": reason, "until": suggested_date(reason, today)}
