"""The hand-off queue: sales takes, rejects or recycles what marketing offers; both sides see why (decisions.md 15).

Each verb is a form that works as a page of its own; htmx gets the row alone, with figures out of band.
"""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import BaseForm
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import reswap, retarget

from leads import handoff as deciding
from leads import queue as showing
from leads.models import Handoff, HandoffChange, RejectionReason
from leads.queue_forms import (
    CommentForm,
    ReassignForm,
)
from users.facts import database_now
from users.keyset import page_of
from users.models import User, Workspace
from users.pages import SignedIn
from users.rights import demand

# The orders of the lists: what waits by its deadline, what is in review by its arrival, what is decided newest first.
WAITING, IN_REVIEW, DECIDED = ("accept_due", "id"), ("offered_at", "id"), ("-decided_at", "-id")
ORDERS = {Handoff.State.OFFERED: WAITING, Handoff.State.REVIEW: IN_REVIEW}
MOST_ROWS_REFRESHED = 200


@require_safe
def queue(request: SignedIn) -> HttpResponse:
    """`?state=` chooses the list (offered, review, accepted, rejected, recycled, returned), `?reason=` one reason."""
    return queue_page(request)


def queue_page(request: SignedIn, *, refusal: str = "", status: int = 200) -> HttpResponse:
    """The whole queue; with a refusal, after an act that came too late."""
    user = request.user
    demand(showing.may_see_queue(user), showing.who_may_see_queue())
    now = database_now()
    workspace = Workspace.get()
    visible = Handoff.objects.visible_to(user)
    state = _state_asked(request)
    listed = showing.for_list(visible.filter(state=state))
    reason = RejectionReason.objects.filter(code=request.GET.get("reason", "")[:100].replace("\x00", "")).first()
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
            **around(user, now, workspace),
        },
        status=status,
    )


def _state_asked(request: SignedIn) -> Handoff.State:
    asked = request.GET.get("state", "")
    return Handoff.State(asked) if asked in Handoff.State.values else Handoff.State.OFFERED


def around(user: User, now: datetime, workspace: Workspace) -> dict[str, Any]:
    """What stands beside the list: figures of the tabs, what sales did, and the calendar of the clocks."""
    visible = Handoff.objects.visible_to(user)
    return {
        "counts": showing.counts(visible, now),
        "did": showing.what_sales_did(visible, now),
        "calendar": showing.calendar_name(workspace),
    }


@require_safe
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
        **around(user, now, workspace),
    }
    return render(request, "leads/queue_refresh.html", context)


@require_safe
def detail(request: SignedIn, pk: int) -> HttpResponse:
    """One hand-off with its history, comments and the score that was frozen when it was offered.

    htmx with `?row=1` gets the closed row instead: that is how a form in the row is cancelled.
    """
    handoff = handoff_of(request, pk)
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
    return fragment_or_page(request, "leads/queue_detail.html", context, status=status)


@require_POST
def comment(request: SignedIn, pk: int) -> HttpResponse:
    """A note beside the decision; it decides nothing."""
    handoff = handoff_of(request, pk)
    form = CommentForm(request.POST)
    if not form.is_valid():
        return _show_detail(request, handoff, comment_form=form, status=422)
    try:
        deciding.comment(handoff, form.cleaned_data["note"], by=request.user)
    except ValidationError as refused:
        form.add_error(None, refused.messages)
        return _show_detail(request, handoff, comment_form=form, status=422)
    if request.htmx:
        return _show_detail(request, handoff_of(request, pk))
    messages.success(request, _("Comment saved."))
    return redirect("leads:handoff", pk=pk)


def handoff_of(request: SignedIn, pk: int) -> Handoff:
    return get_object_or_404(showing.for_list(Handoff.objects.visible_to(request.user)), pk=pk)


def fragment_or_page(request: SignedIn, template: str, context: dict[str, Any], *, status: int) -> HttpResponse:
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
