"""What is done to a lead from its page: each verb binds its form, calls its rule and leads back."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from leads.behaviour import log_activity
from leads.casefile import archive, checklist_of, restore
from leads.forms.verbs import AssignForm, LogForm, NurtureForm, OverrideForm, ReasonForm
from leads.handoff import HandoffTaken, accept
from leads.lifecycle import BY_HAND, FOLLOWS_GATES, Stage
from leads.models import Activity, Handoff, Lead, Override
from leads.overriding import override, revoke
from leads.ownership import assign
from leads.rights import (
    may_archive,
    may_assign,
    may_override,
    may_work,
    who_may_assign,
    who_may_edit,
    who_may_override,
    who_may_work,
)
from leads.setting_aside import MoveRefused, disqualify, nurture, reopen
from leads.views.case import find_lead
from leads.views.page import show
from users.conflicts import StaleVersion
from users.models import User, Workspace
from users.once import once
from users.pages import SignedIn, refuse
from users.rights import demand

Text = str | Promise


@dataclass(frozen=True)
class Verb:
    """One thing that a person does to a lead after being asked something."""

    title: Text
    submit: Text
    form: type[Form]
    act: Callable[[Lead, dict[str, Any], Any, User], Text]  # returns the sentence of the toast
    may: Callable[[User, Lead], bool]
    who_may: Callable[[Lead], str]
    possible: Callable[[Lead], bool]


def _nurture(lead: Lead, given: dict[str, Any], _form: Any, by: User) -> Text:
    nurture(lead, given["until"], by=by, reason=given["reason"])
    return _("Put to nurture.")


def _disqualify(lead: Lead, given: dict[str, Any], _form: Any, by: User) -> Text:
    disqualify(lead, by=by, reason=given["reason"])
    return _("Disqualified. It can be reopened.")


def _reopen(lead: Lead, given: dict[str, Any], _form: Any, by: User) -> Text:
    reopen(lead, by=by, reason=given["reason"])
    return _("Reopened.")


def _override(lead: Lead, given: dict[str, Any], _form: Any, by: User) -> Text:
    override(
        checklist_of(lead, lead.context),
        given["gate"],
        given["direction"],
        by=by,
        reason=given["reason"],
        until=given["until"],
        diagnostic=given["diagnostic"],
    )
    return _("Overridden. The policy's own verdict stays beside it.")


def _assign(lead: Lead, _given: dict[str, Any], form: Any, by: User) -> Text:
    owner = form.owner_chosen
    assign(lead, owner, by=by)
    return _("Given to %(owner)s.") % {"owner": owner} if owner else _("Nobody owns the lead now.")


def _stage(lead: Lead) -> Stage:
    return Stage(lead.stage)


VERBS: dict[str, Verb] = {
    "nurture": Verb(
        gettext_lazy("Keep it warm"),
        gettext_lazy("Put to nurture"),
        NurtureForm,
        _nurture,
        may_work,
        who_may_work,
        lambda lead: _stage(lead) in BY_HAND[Stage.NURTURE],
    ),
    "disqualify": Verb(
        gettext_lazy("Disqualify"),
        gettext_lazy("Disqualify"),
        ReasonForm,
        _disqualify,
        may_work,
        who_may_work,
        lambda lead: _stage(lead) in BY_HAND[Stage.DISQUALIFIED],
    ),
    "reopen": Verb(
        gettext_lazy("Reopen"),
        gettext_lazy("Reopen"),
        ReasonForm,
        _reopen,
        may_work,
        who_may_work,
        lambda lead: _stage(lead) in BY_HAND[Stage.LEAD],
    ),
    "override": Verb(
        gettext_lazy("Override a gate"),
        gettext_lazy("Override"),
        OverrideForm,
        _override,
        may_override,
        who_may_override,
        lambda lead: _stage(lead) in FOLLOWS_GATES,
    ),
    "assign": Verb(
        gettext_lazy("Assign"),
        gettext_lazy("Assign"),
        AssignForm,
        _assign,
        may_assign,
        lambda _lead: who_may_assign(),
        lambda _lead: True,
    ),
}


@require_http_methods(["GET", "HEAD", "POST"])
def act(request: SignedIn, pk: int, verb: str) -> HttpResponse:
    """GET asks, in a dialog or on a page; POST does it, or asks again with what is wrong."""
    if verb not in VERBS:
        raise Http404
    doing = VERBS[verb]
    lead = find_lead(request.user, pk)
    demand(doing.may(request.user, lead), doing.who_may(lead))
    posted = request.method == "POST"
    today = Workspace.get().day_of(timezone.now())
    form = doing.form(request.POST if posted else None, lead=lead, user=request.user, today=today)  # type: ignore[call-arg]  # forms of verbs take them
    status = 200
    if posted:
        status = 422
        if form.is_valid():
            try:
                messages.success(request, str(doing.act(lead, form.cleaned_data, form, request.user)))
            except ValidationError as refused:
                refuse(form, refused)
            except MoveRefused as refused:
                form.add_error(None, str(refused))
                status = 409
            else:
                return _back(request, lead)
    context = {
        "section": "leads",
        "lead": lead,
        "verb": doing,
        "form": form,
        "action": reverse("leads:act", args=[lead.pk, verb]),
        "error_in_title": status != 200,
    }
    return render(request, "leads/_verb.html" if request.htmx else "leads/verb.html", context, status=status)


def _back(request: SignedIn, lead: Lead) -> HttpResponse:
    address = reverse("leads:page", args=[lead.pk])
    return HttpResponseClientRedirect(address) if request.htmx else HttpResponseRedirect(address)


@require_POST
def accept_lead(request: SignedIn, pk: int) -> HttpResponse:
    """Sales takes the offered lead."""
    lead = find_lead(request.user, pk)
    handoff = get_object_or_404(Handoff.objects.visible_to(request.user).filter(lead=lead).order_by("-id")[:1])
    version = request.POST.get("version", "")
    try:
        accept(handoff, by=request.user, version=int(version) if version.isdecimal() and len(version) < 10 else None)
        messages.success(request, _("Accepted: the lead is yours to qualify."))
    except (HandoffTaken, MoveRefused, StaleVersion) as refused:
        messages.error(request, str(refused))
    name = "leads:qualify" if request.POST.get("next") == "qualify" else "leads:page"
    return HttpResponseRedirect(reverse(name, args=[lead.pk]))


@require_POST
def log(request: SignedIn, pk: int) -> HttpResponse:
    """Log a call, mail, meeting or note in one press."""
    lead = find_lead(request.user, pk)
    demand(may_work(request.user, lead), who_may_work(lead))
    form = LogForm(request.POST)
    if not form.is_valid():
        return show(request, lead, log_form=form, status=422, error_in_title=True)
    given = form.cleaned_data

    def make() -> str:
        log_activity(
            checklist_of(lead, lead.context),
            Activity.Kind(given["kind"]),
            by=request.user,
            direction=Activity.Direction(given["direction"] or Activity.Direction.OUT),
            two_way=given["two_way"],
            note=given["note"],
        )
        messages.success(request, _("Logged."))
        return reverse("leads:page", args=[lead.pk])

    try:
        return once(request, make)
    except ValidationError as refused:
        refuse(form, refused)
        return show(request, lead, log_form=form, status=422, error_in_title=True)


@require_POST
def end_override(request: SignedIn, pk: int, override_pk: int) -> HttpResponse:
    """Revoke an override: the lifecycle follows the policy again."""
    lead = find_lead(request.user, pk)
    standing = get_object_or_404(Override.objects.select_related("checklist"), pk=override_pk, checklist__lead=lead)
    try:
        revoke(standing, by=request.user)
        messages.success(request, _("Revoked: the policy decides again."))
    except MoveRefused as refused:
        messages.error(request, str(refused))
    return HttpResponseRedirect(reverse("leads:page", args=[lead.pk]))


@require_POST
def put_away(request: SignedIn, pk: int) -> HttpResponse:
    """Archive the lead, or bring it back."""
    lead = find_lead(request.user, pk)
    demand(may_archive(request.user, lead), who_may_edit(lead))
    if lead.archived_at is None:
        archive(lead, by=request.user)
        messages.success(request, _("Archived: it is out of the lists, and reports on the past keep it."))
    else:
        restore(lead, by=request.user)
        messages.success(request, _("Brought back into the lists."))
    return HttpResponseRedirect(reverse("leads:page", args=[lead.pk]))
