"""Moving open checklists to a published version: what would be lost first, then the press, then how far it is."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from leads.moving_checklists import MovingRefused, to_be_moved, what_is_lost
from leads.tasks import leave_move
from scoring.models import QuestionSet
from users.models import Dirty
from users.pages import SignedIn, settings_page
from users.rights import demand, may_draft_policies, who_may_draft_policies

SETS = QuestionSet.objects.select_related("context")


@require_http_methods(["GET", "POST"])
def checklists(request: SignedIn, pk: int) -> HttpResponse:
    """How many open checklists have an earlier version, and what cannot be carried over; pressed, they are moved."""
    demand(may_draft_policies(request.user), who_may_draft_policies())
    target = get_object_or_404(SETS, pk=pk)
    if request.method == "POST":
        try:
            found = leave_move(target, by=request.user)
        except MovingRefused as refused:
            return _page(request, target, status=409, said=str(refused))
        messages.success(
            request,
            ngettext("%(count)d checklist is being moved.", "%(count)d checklists are being moved.", found)
            % {"count": found},
        )
        return redirect("leads:move-checklists", pk=pk)
    return _page(request, target)


def _page(request: SignedIn, target: QuestionSet, *, status: int = 200, said: str = "") -> HttpResponse:
    newest = QuestionSet.objects.filter(context=target.context_id).order_by("-version").first()
    shown: dict[str, Any] = {
        "title": _("Move open checklists"),
        "set": target,
        "newest": newest if newest != target else None,
        "count": to_be_moved(target).count(),
        "lost": what_is_lost(target),
        "working": _working(target),
        "said": said,
    }
    return settings_page(request, "leads/move_checklists.html", "question-sets", shown, status)


def _working(target: QuestionSet) -> dict[str, Any] | None:
    """What _progress.html shows while blocks are left to the workers."""
    if not Dirty.objects.filter(kind=Dirty.Kind.MOVE).exists():
        return None
    left = to_be_moved(target).count()
    text = ngettext("%(count)d checklist to go", "%(count)d checklists to go", left) % {"count": left}
    return {"id": "moving", "text": text, "poll_url": reverse("leads:moving", args=[target.pk])}


@require_safe
def progress(request: SignedIn, pk: int) -> HttpResponse:
    """How far the move is; done, the page shows it."""
    demand(may_draft_policies(request.user), who_may_draft_policies())
    target = get_object_or_404(SETS, pk=pk)
    if working := _working(target):
        return render(request, "_progress.html", working)
    return HttpResponse(status=204, headers={"HX-Redirect": reverse("leads:move-checklists", args=[pk])})
