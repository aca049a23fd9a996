"""A lead becomes account, contact and deal: preview, choice, and the way back (decisions.md 17, 18)."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from leads.models import Lead
from leads.rights import may_convert, who_may_work
from leads.views.case import find_lead
from opportunities.conversion import ConversionChoice, ConversionRefused, Preview, convert, preview
from opportunities.forms import NEW, ConvertForm
from opportunities.models import Conversion, Opportunity
from opportunities.undoing import UndoRefused, undo
from users.models import User, Workspace
from users.pages import SignedIn, refuse, sent, status_of
from users.rights import demand


@require_http_methods(["GET", "HEAD", "POST"])
def convert_lead(request: SignedIn, pk: int) -> HttpResponse:
    """What would be found and made, then the conversion. A second submit shows the first one's result."""
    lead = find_lead(request.user, pk)
    demand(may_convert(request.user, lead), who_may_work(lead))
    seen = preview(lead, by=request.user)
    done = seen.converted
    if done is not None and (done.opportunity_id is not None or (request.method == "GET" and not _may_go_on(seen))):
        if request.method == "POST":
            messages.info(request, _("This lead was converted already; nothing was done twice."))
            return _to_result(done, request.user)
        return _page(request, lead, seen, None)
    form = ConvertForm(seen, sent(request), currency=Workspace.get().currency)
    refusal = seen.refused
    if request.method == "POST" and not refusal and form.is_valid():
        try:
            conversion = convert(lead, _choice(form), by=request.user)
        except ConversionRefused as refused:
            refusal = str(refused)
        except ValidationError as refused:
            refuse(form, refused)
        else:
            messages.success(request, _said(conversion))
            return _to_result(conversion, request.user)
    return _page(
        request,
        lead,
        seen,
        form,
        refusal=refusal,
        status=409 if refusal and request.method == "POST" else status_of(form),
    )


def _may_go_on(seen: Preview) -> bool:
    """Account and contact exist; the first deal is still to come."""
    return not seen.refused


def _page(
    request: SignedIn, lead: Lead, seen: Preview, form: ConvertForm | None, *, refusal: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "section": "leads",
        "lead": lead,
        "preview": seen,
        "form": form,
        "refusal": refusal,
        "error_in_title": status >= 400,
        "accounts": _with_fills(seen),
        "contacts": {str(match.contact.pk): match for match in seen.contacts},
    }
    return render(request, "opportunities/convert.html", context, status=status)


def _with_fills(seen: Preview) -> dict[str, dict[str, Any]]:
    """By the value of its radio: why an account was found, and which of its blanks the lead would fill."""
    return {
        str(match.account.pk): {"match": match, "fills": sorted(seen.fills.get(match.account.pk, {}).values())}
        for match in seen.accounts
    }


def _choice(form: ConvertForm) -> ConversionChoice:
    data = form.cleaned_data
    contacts = {str(match.contact.pk): match.contact for match in form.preview.contacts}
    return ConversionChoice(
        account=form.chosen_account(),
        account_name=data["account_name"],
        account_manager=data["account_manager"],
        contact=contacts.get(data["contact"]),
        make_contact=data["contact"] == NEW,
        open_deal=data["open_deal"],
        deal_name=data["deal_name"],
        pipeline=data["pipeline"],
        product=data["product"],
        amount=data["amount"],
        currency=data["currency"] if data["amount"] is not None else "",
        expected_close=data["expected_close"],
        diagnostic_reason=data.get("diagnostic_reason", ""),
    )


def _said(conversion: Conversion) -> str:
    made = (
        _("Converted: account %(account)s was made. You can undo it for 30 days.")
        if conversion.made_account
        else _("Converted: it belongs to account %(account)s now. You can undo it for 30 days.")
    )
    return made % {"account": conversion.account}


def _to_result(conversion: Conversion, viewer: User) -> HttpResponse:
    """The deal if there is one that the viewer sees, else the account."""
    deal = conversion.opportunity_id
    if deal is not None and Opportunity.objects.visible_to(viewer).filter(pk=deal).exists():
        return redirect("opportunities:page", pk=deal)
    return redirect("accounts:page", pk=conversion.account_id)


@require_POST
def undo_conversion(request: SignedIn, pk: int) -> HttpResponse:
    """Take a conversion back; what stands on it is listed, in the order in which to take it back first."""
    conversion = get_object_or_404(
        Conversion.objects.filter(lead__in=Lead.objects.visible_to(request.user)).select_related("lead", "account"),
        pk=pk,
    )
    try:
        undo(conversion, by=request.user)
    except UndoRefused as refused:
        context = {"section": "leads", "conversion": conversion, "first": refused.first, "error_in_title": True}
        return render(request, "opportunities/undo_refused.html", context, status=409)
    messages.success(request, _("The conversion is undone: the lead is where it was before."))
    return redirect("leads:page", pk=conversion.lead_id)
