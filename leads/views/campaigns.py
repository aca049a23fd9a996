"""Campaigns: everybody sees them with the leads that they brought; marketing and administrators write them."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from leads.campaigns import (
    EDITABLE,
    archive_campaign,
    edit_campaign,
    lead_counts,
    restore_campaign,
    start_campaign,
)
from leads.forms.campaign import CampaignForm, NewCampaignForm
from leads.models import Campaign
from users.edit_page import edit_page
from users.keyset import page_of
from users.once import once
from users.pages import SignedIn, refuse, sent, status_of
from users.rights import demand, may_edit_campaigns, who_may_edit_campaigns


@require_safe
def campaigns(request: SignedIn) -> HttpResponse:
    """By name; `?archived=1` shows those that can no longer be chosen."""
    archived = request.GET.get("archived") == "1"
    rows = Campaign.objects.filter(archived_at__isnull=not archived).select_related("source")
    page = page_of(rows, ("name", "id"), request.GET)
    counts = lead_counts(page.rows, request.user)
    context = {
        "section": "leads",
        "page": page,
        "lines": [(campaign, counts.get(campaign.pk, 0)) for campaign in page.rows],
        "archived": archived,
        "may_edit": may_edit_campaigns(request.user),
    }
    return render(request, "leads/campaigns.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: SignedIn) -> HttpResponse:
    demand(may_edit_campaigns(request.user), who_may_edit_campaigns())
    form = NewCampaignForm(sent(request))

    def make() -> str:
        campaign = start_campaign(form.changes(), by=request.user)
        messages.success(request, _("%(campaign)s can be chosen now.") % {"campaign": campaign})
        return reverse("leads:campaigns")

    if request.method == "POST" and form.is_valid():
        try:
            return once(request, make)
        except ValidationError as refused:
            refuse(form, refused)
    context = {"section": "leads", "form": form, "makes": True, "error_in_title": bool(form.errors)}
    return render(request, "leads/edit_campaign.html", context, status=status_of(form))


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: SignedIn, pk: int) -> HttpResponse:
    """Whoever saved second chooses field by field between both values (409)."""
    campaign = get_object_or_404(Campaign.objects.select_related("source"), pk=pk)
    demand(may_edit_campaigns(request.user), who_may_edit_campaigns())
    first = {name: getattr(campaign, name) for name in EDITABLE} | {"version": campaign.version}
    return edit_page(
        request,
        "leads/edit_campaign.html",
        {"section": "leads", "campaign": campaign},
        CampaignForm(sent(request), initial=first, campaign=campaign),
        lambda changes, version: edit_campaign(campaign, changes, version=version, by=request.user),
        then=reverse("leads:campaigns"),
    )


@require_POST
def archive(request: SignedIn, pk: int) -> HttpResponse:
    """Archive, or bring back what is archived."""
    campaign = get_object_or_404(Campaign, pk=pk)
    if campaign.archived_at is None:
        archive_campaign(campaign, by=request.user)
        messages.success(request, _("Archived: it can no longer be chosen."))
    else:
        restore_campaign(campaign, by=request.user)
        messages.success(request, _("Back: it can be chosen again."))
    return redirect("leads:campaigns")
