"""What a policy's draft would do to the leads: how many would turn, and which, among those that the reader may see."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from leads import tasks
from leads.impact import VERDICTS, ask, counts_of, give_up_what_nobody_does, turns_of
from leads.models import Impact
from leads.trials import sentences
from scoring.models import PolicyDraft
from users.dirty import wake
from users.keyset import page_of
from users.pages import SignedIn, settings_page
from users.rights import demand, may_draft_policies, who_may_draft_policies
from users.visibility import sees_all_leads

DRAFTS = PolicyDraft.objects.select_related("context", "published_as")


@require_http_methods(["GET", "POST"])
def impact(request: SignedIn, pk: int) -> HttpResponse:
    """Shows what was computed and as of when; a press computes it anew."""
    draft = get_object_or_404(DRAFTS, pk=pk)
    if request.method == "POST":
        demand(may_draft_policies(request.user), who_may_draft_policies())
        if draft.open and ask(draft, by=request.user).state == Impact.State.WAITING:
            wake(tasks.compare_drafts.delay)
        return redirect("leads:impact", pk=pk)
    kept = Impact.objects.filter(draft=draft).select_related("policy").first()
    page: dict[str, Any] = {
        "draft": draft,
        "impact": kept,
        "stale": kept is not None and kept.digest != draft.digest,
        "may_ask": may_draft_policies(request.user) and draft.open,
        "title": _("Impact"),
    }
    if kept is not None and kept.state == Impact.State.WAITING:
        page["working"] = working(kept)
    elif kept is not None and kept.state == Impact.State.READY:
        page |= _found(request, kept)
    return settings_page(request, "leads/impact.html", "policies", page)


def _found(request: SignedIn, kept: Impact) -> dict[str, Any]:
    counts = counts_of(kept, request.user)
    verdict = request.GET.get("verdict", "")
    to = {"gains": True, "loses": False}.get(request.GET.get("to", ""))
    if verdict not in VERDICTS or to is None:
        verdict, to = "", None
    labels = {
        ("mql", True): _("become MQL"),
        ("mql", False): _("stop being MQL"),
        ("sql", True): _("become SQL"),
        ("sql", False): _("stop being SQL"),
        ("hot", True): _("become hot"),
        ("hot", False): _("stop being hot"),
    }
    tabs = [
        {
            "label": labels[key],
            "count": count,
            "url": f"?verdict={key[0]}&to={'gains' if key[1] else 'loses'}",
            "current": key == (verdict, to),
        }
        for key, count in counts.items()
    ]
    turns = turns_of(kept, request.user, verdict, to).select_related("lead", "lead__owner")
    return {
        "sentences": sentences(kept, request.user),
        "tabs": tabs,
        "everybody": not verdict,
        "turns": page_of(turns, ["-lead_id"], request.GET),
        "sees_all": sees_all_leads(request.user),
    }


@require_safe
def progress(request: SignedIn, pk: int) -> HttpResponse:
    """How far it is; once it is there, the page shows it."""
    kept = get_object_or_404(Impact.objects.select_related("draft"), draft=pk)
    if kept.state == Impact.State.WAITING:
        give_up_what_nobody_does(kept)
    if kept.state == Impact.State.WAITING:
        return render(request, "_progress.html", working(kept))
    return HttpResponse(status=204, headers={"HX-Redirect": reverse("leads:impact", args=[pk])})


def working(kept: Impact) -> dict[str, Any]:
    """What _progress.html shows while the background compares."""
    return {
        "id": "comparing",
        "text": _("Comparing all leads"),
        "done": kept.blocks_done,
        "total": kept.blocks,
        "poll_url": reverse("leads:impact-progress", args=[kept.draft_id]),
    }
