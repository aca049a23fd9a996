"""The hand-off queue: sales takes, rejects or recycles what marketing offers; both sides see why (decisions.md 15).

Each verb is a form that works as a page of its own; htmx gets the row alone, with figures out of band.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import BaseForm
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import reswap, retarget

from leads import handoff as deciding
from leads import queue as showing
from leads.handoff import HandoffTaken
from leads.models import Handoff, HandoffChange, Lead, RejectionReason
from leads.queue_forms import (
    USUAL_NURTURE,
    CommentForm,
    ReassignForm,
    RecycleForm,
    RejectForm,
    ReturnForm,
    VersionForm,
    suggested_date,
)
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
from users.keyset import page_of
from users.models import User, Workspace
from users.pages import SignedIn, refuse
from users.rights import demand

# The orders of the lists: what waits by its deadline, what is in review by its arrival, what is decided newest first.
WAITING, IN_REVIEW, DECIDED = ("accept_due", "id"), ("offered_at", "id"), ("-decided_at", "-id")
ORDERS = {Handoff.State.OFFERED: WAITING, Handoff.State.REVIEW: IN_REVIEW}
MOST_ROWS_REFRESHED = 200

Refusal = HandoffTaken | StaleVersion | MoveRefused
REFUSALS = (HandoffTaken, StaleVersion, MoveRefused)


@require_GET
def queue(request: SignedIn) -> HttpResponse:
    """`?state=` chooses the list (offered, review, accepted, rejected, recycled, returned), `?reason=` one reason."""
    return _queue_page(request)


def _queue_page(request: SignedIn, *, refusal: str = "", status: int = 200) -> HttpResponse:
    user = request.user
    demand(showing.may_see_queue(user), showing.who_may_see_queue())
    now = database_now()
    workspace = Workspace.get()
    visible = Handoff.objects.visible_to(user)
    state = _state_asked(request)
    listed = showing.for_list(visible.filter(state=state))
    reason = RejectionReason.objects.filter(code=request.GET.get("reason", "")).first()
    if state == Handoff.State.REJECTED and reason is not None:
        listed = listed.filter(reason=reason)
    page = page_of(listed, ORDERS.get(state, DECIDED), request.GET)
    return render(
        request,
        "leads/queue.html",
        {
            "section": "queue",
            "workspace": workspace,
            "state": state,
            "reason": reason,
            "rows": showing.rows_of(page.rows, user, now, workspace),
            "page": page,
            "undecided": state in Handoff.UNDECIDED,
            "is_last": not page.next_url,
            "refusal": refusal,
            **_around(user, now, workspace),
        },
        status=status,
    )


def _state_asked(request: SignedIn) -> Handoff.State:
    asked = request.GET.get("state", "")
    return Handoff.State(asked) if asked in Handoff.State.values else Handoff.State.OFFERED


def _around(user: User, now: datetime, workspace: Workspace) -> dict[str, Any]:
    """What stands beside the list: figures of the tabs, what sales did, and the calendar of the clocks."""
    visible = Handoff.objects.visible_to(user)
    return {
        "counts": showing.counts(visible, now),
        "did": showing.what_sales_did(visible, now),
        "calendar": showing.calendar_name(workspace),
    }


@require_GET
def refresh(request: SignedIn) -> HttpResponse:
    """Out of band, every minute: the clocks of the rows `?shown=` on the page, who took which of them, and new rows.

    Rows stay where they are and keep what is typed in them; new ones come after them.
    """
    user = request.user
    demand(showing.may_see_queue(user), showing.who_may_see_queue())
    now = database_now()
    workspace = Workspace.get()
    visible = showing.for_list(Handoff.objects.visible_to(user))
    shown_ids = [
        int(each) for each in request.GET.getlist("shown")[:MOST_ROWS_REFRESHED] if each.isdecimal() and len(each) < 19
    ]
    state = _state_asked(request)
    fresh: list[Handoff] = []
    if request.GET.get("last"):
        fresh = list(
            visible.filter(state=state)
            .exclude(pk__in=shown_ids)
            .order_by(*ORDERS.get(state, DECIDED))[:MOST_ROWS_REFRESHED]
        )
    context = {
        "shown": showing.rows_of(visible.filter(pk__in=shown_ids), user, now, workspace),
        "fresh": showing.rows_of(fresh, user, now, workspace),
        "state": state,
        "oob": True,
        **_around(user, now, workspace),
    }
    return render(request, "leads/queue_refresh.html", context)


@require_GET
def detail(request: SignedIn, pk: int) -> HttpResponse:
    """One hand-off with its history, comments and the score that was frozen when it was offered.

    htmx with `?row=1` gets the closed row instead: that is how a form in the row is cancelled.
    """
    handoff = _handoff(request, pk)
    if request.htmx and "row" in request.GET:
        row = showing.row_of(handoff, request.user, database_now(), Workspace.get())
        return render(request, "leads/queue_row.html", {"row": row, "has_cursor": True, "takes_focus": True})
    return _show_detail(request, handoff)


def _show_detail(
    request: SignedIn, handoff: Handoff, *, comment_form: BaseForm | None = None, status: int = 200
) -> HttpResponse:
    row = showing.row_of(handoff, request.user, database_now(), Workspace.get())
    context = {
        "row": row,
        "handoff": handoff,
        "changes": HandoffChange.objects.filter(handoff=handoff).select_related("by", "team", "reason").order_by("id"),
        "comment_form": comment_form or (CommentForm() if row.may_comment else None),
        "reassign_form": ReassignForm(initial={"team": handoff.team_id}) if row.may_reassign else None,
    }
    return _fragment_or_page(request, "leads/queue_detail.html", context, status=status)


@require_POST
def accept(request: SignedIn, pk: int) -> HttpResponse:
    handoff = _handoff(request, pk)
    return _decide(request, handoff, lambda: deciding.accept(handoff, by=request.user, version=_version(request)))


@require_POST
def release(request: SignedIn, pk: int) -> HttpResponse:
    handoff = _handoff(request, pk)
    return _decide(request, handoff, lambda: deciding.release(handoff, by=request.user, version=_version(request)))


@require_http_methods(["GET", "HEAD", "POST"])
def reject(request: SignedIn, pk: int) -> HttpResponse:
    """GET shows the form; with `?reason=` htmx asks for the date that this reason suggests."""
    handoff = _handoff(request, pk)
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
        response: HttpResponse | None = _decide(
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
    handoff = _handoff(request, pk)
    demand(may_recycle(request.user, handoff), who_may_recycle(handoff))
    if request.method != "POST":
        form = RecycleForm(initial={"version": handoff.version, "until": _today() + USUAL_NURTURE})
        return _ask(request, handoff, "leads/queue_recycle.html", form)
    form = RecycleForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        response: HttpResponse | None = _decide(
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
    handoff = _handoff(request, pk)
    demand(may_review(request.user, handoff), who_may_review())
    if request.method != "POST":
        return _ask(request, handoff, "leads/queue_return.html", ReturnForm(initial={"version": handoff.version}))
    form = ReturnForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        response: HttpResponse | None = _decide(
            request,
            handoff,
            lambda: deciding.give_back(handoff, data["note"], by=request.user, version=data["version"]),
            form,
        )
        if response is not None:
            return response
    return _ask(request, handoff, "leads/queue_return.html", form, status=422)


@require_POST
def comment(request: SignedIn, pk: int) -> HttpResponse:
    handoff = _handoff(request, pk)
    form = CommentForm(request.POST)
    if not form.is_valid():
        return _show_detail(request, handoff, comment_form=form, status=422)
    try:
        deciding.comment(handoff, form.cleaned_data["note"], by=request.user)
    except ValidationError as refused:
        form.add_error(None, refused.messages)
        return _show_detail(request, handoff, comment_form=form, status=422)
    if request.htmx:
        return _show_detail(request, _handoff(request, pk))
    messages.success(request, _("Comment saved."))
    return redirect("leads:handoff", pk=pk)


@require_POST
def reassign(request: SignedIn, pk: int) -> HttpResponse:
    handoff = _handoff(request, pk)
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
    return redirect(f"/leads/{pk}/")


# --- What the verbs have in common -----------------------------------------------------------------------------


def _handoff(request: SignedIn, pk: int) -> Handoff:
    return get_object_or_404(showing.for_list(Handoff.objects.visible_to(request.user)), pk=pk)


def _version(request: SignedIn) -> int | None:
    form = VersionForm(request.POST)
    return form.cleaned_data["version"] if form.is_valid() else None


def _decide(
    request: SignedIn, handoff: Handoff, act: Callable[[], Any], form: BaseForm | None = None, *, said: str = ""
) -> HttpResponse | None:
    """Run the rule and answer with the row as it then stands. None: the rule found fault with the form."""
    try:
        act()
    except REFUSALS as refused:
        return _refused(request, handoff, str(refused), status=409)
    except ValidationError as refused:
        if form is None:
            return _refused(request, handoff, " ".join(refused.messages), status=422)
        refuse(form, refused)
        return None
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
        return _queue_page(request, refusal=f"{handoff.lead}: {text}", status=status)
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
        **_around(user, now, workspace),
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
    return _fragment_or_page(request, template, {"handoff": handoff, "form": form, **more}, status=status)


def _fragment_or_page(request: SignedIn, template: str, context: dict[str, Any], *, status: int) -> HttpResponse:
    """The fragment for htmx, which shows it in the row; else a page of its own around it."""
    if request.htmx:
        response = render(request, template, context, status=status)
        # A refused form stays where it was opened; only a decision replaces the row.
        return reswap(retarget(response, f"#form-{context['handoff'].pk}"), "innerHTML")
    page = {
        "fragment": template,
        "section": "queue",
        "workspace": Workspace.get(),
        "error_in_title": status >= 400,
        **context,
    }
    return render(request, "leads/queue_form_page.html", page, status=status)


def _today() -> date:
    return database_now().astimezone(ZoneInfo(Workspace.get().zone)).date()


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
