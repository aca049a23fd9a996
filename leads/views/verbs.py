"""What is done to a lead from its page: each verb binds its form, calls its rule and leads back."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from leads.handoff import HandoffTaken, accept
from leads.models import Handoff
from leads.setting_aside import MoveRefused
from leads.views.case import find_lead
from users.conflicts import StaleVersion
from users.pages import SignedIn


@require_POST
def accept_lead(request: SignedIn, pk: int) -> HttpResponse:
    """Sales takes the offered lead."""
    lead = find_lead(request.user, pk)
    handoff = get_object_or_404(Handoff.objects.offered(), lead=lead)
    version = request.POST.get("version", "")
    try:
        accept(handoff, by=request.user, version=int(version) if version.isdecimal() else None)
        messages.success(request, _("Accepted: the lead is yours to qualify."))
    except (HandoffTaken, MoveRefused, StaleVersion) as refused:
        messages.error(request, str(refused))
    name = "leads:qualify" if request.POST.get("next") == "qualify" else "leads:page"
    return HttpResponseRedirect(reverse(name, args=[lead.pk]))
