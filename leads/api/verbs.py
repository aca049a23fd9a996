"""What is done to a lead beside editing it, and what happened with it."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from leads import rights
from leads.api.leads import LeadOut, leads_of, tell
from leads.behaviour import log_activity
from leads.casefile import archive, checklist_of, restore, switch_context
from leads.forms.answers import LONGEST_TEXT
from leads.handoff import offer_by_hand
from leads.lifecycle import LONGEST_REASON
from leads.models import Activity, Lead, Override
from leads.models.lifecycle import Gate
from leads.overriding import override, revoke
from leads.ownership import assign
from leads.setting_aside import disqualify, nurture, reopen
from leads.timeline import PAGE, Place, timeline
from users.api import codes
from users.api.bodies import Body
from users.api.errors import invalid
from users.api.pages import bad_cursor
from users.api.queries import Paged, Query
from users.api.schema import described
from users.api.verbs import Act, NoBody, verb
from users.api.views import ApiView, find
from users.models import User


class ReasonBody(Body):
    reason = serializers.CharField(max_length=LONGEST_REASON)


class NurtureBody(ReasonBody):
    until = serializers.DateField()


class OwnerBody(Body):
    owner = codes.person(allow_null=True)
    team = codes.team(required=False, allow_null=True, default=None)


class ContextBody(Body):
    context = codes.context()


class OverrideBody(ReasonBody):
    gate = serializers.ChoiceField(choices=Gate.choices)
    direction = serializers.ChoiceField(choices=Override.Direction.choices)
    until = serializers.DateField(required=False, allow_null=True, default=None)
    diagnostic = serializers.BooleanField(required=False, default=False)


class RevokeBody(Body):
    gate = serializers.ChoiceField(choices=Gate.choices)


class ActivityBody(Body):
    kind = serializers.ChoiceField(choices=Activity.Kind.choices)
    direction = serializers.ChoiceField(
        choices=Activity.Direction.choices, required=False, default=Activity.Direction.OUT
    )
    two_way = serializers.BooleanField(required=False, default=False)
    note = serializers.CharField(max_length=LONGEST_TEXT, allow_blank=True, required=False, default="")


def find_lead(view: ApiView, pk: int) -> Lead:
    return find(leads_of(view).select_related("team", "context"), pk)


Rights = tuple[Callable[[User, Lead], bool], Callable[[Lead], str]]
WORKS: Rights = (rights.may_work, rights.who_may_work)
ASSIGNS: Rights = (rights.may_assign, lambda lead: rights.who_may_assign())
ARCHIVES: Rights = (rights.may_archive, rights.who_may_edit)
OFFERS: Rights = (rights.may_offer, rights.who_may_edit)
OVERRIDES: Rights = (rights.may_override, rights.who_may_override)


def of_lead(name: str, summary: str, act: Act, whose: Rights, takes: type[Body] = NoBody) -> type[ApiView]:
    may, who_may = whose
    return verb(
        f"{name}_lead",
        summary,
        act,
        of=find_lead,
        gives=LeadOut,
        tell=tell,
        may=may,
        who_may=who_may,
        takes=takes,
    )


def _nurture(lead: Lead, by: User, said: Mapping[str, Any], _version: int | None) -> None:
    nurture(lead, said["until"], by=by, reason=said["reason"])


def _disqualify(lead: Lead, by: User, said: Mapping[str, Any], _version: int | None) -> None:
    disqualify(lead, by=by, reason=said["reason"])


def _reopen(lead: Lead, by: User, said: Mapping[str, Any], _version: int | None) -> None:
    reopen(lead, by=by, reason=said["reason"])


def _override(lead: Lead, by: User, said: Mapping[str, Any], _version: int | None) -> None:
    checklist = checklist_of(lead, lead.context)
    override(
        checklist,
        said["gate"],
        said["direction"],
        by=by,
        reason=said["reason"],
        until=said["until"],
        diagnostic=said["diagnostic"],
    )


def _revoke(lead: Lead, by: User, said: Mapping[str, Any], _version: int | None) -> None:
    """The newest override of the gate that nobody has revoked."""
    rows = Override.objects.filter(checklist__lead=lead, checklist__context=lead.context_id, gate=said["gate"])
    standing = rows.unrevoked().order_by("-id").first()
    if standing is None:
        raise invalid({"gate": [_("Nobody has overridden this gate.")]})
    revoke(standing, by=by)


def _log(lead: Lead, by: User, said: Mapping[str, Any], _version: int | None) -> None:
    log_activity(
        checklist_of(lead, lead.context),
        Activity.Kind(said["kind"]),
        by=by,
        direction=Activity.Direction(said["direction"]),
        two_way=said["two_way"],
        note=said["note"],
    )


VERBS = {
    "assign": of_lead(
        "assign",
        "Give the lead to somebody, or to nobody",
        lambda lead, by, said, version: assign(lead, said["owner"], by=by, team=said["team"]),
        ASSIGNS,
        OwnerBody,
    ),
    "context": of_lead(
        "switch_context_of",
        "Work the lead in another sales context",
        lambda lead, by, said, version: switch_context(lead, said["context"], by=by),
        WORKS,
        ContextBody,
    ),
    "nurture": of_lead("nurture", "Keep the lead warm until a date", _nurture, WORKS, NurtureBody),
    "disqualify": of_lead("disqualify", "The lead will not buy", _disqualify, WORKS, ReasonBody),
    "reopen": of_lead("reopen", "Back to lead", _reopen, WORKS, ReasonBody),
    "archive": of_lead(
        "archive", "Hide the lead from lists", lambda lead, by, said, version: archive(lead, by=by), ARCHIVES
    ),
    "restore": of_lead("restore", "Bring it back", lambda lead, by, said, version: restore(lead, by=by), ARCHIVES),
    "offer": of_lead(
        "offer", "Offer an MQL to sales by hand", lambda lead, by, said, version: offer_by_hand(lead, by=by), OFFERS
    ),
    "override": of_lead("override_gate_of", "Say that a gate holds, or does not", _override, OVERRIDES, OverrideBody),
    "revoke": of_lead("revoke_override_of", "End the override of a gate", _revoke, OVERRIDES, RevokeBody),
    "activities": of_lead("log_activity_of", "Log a call, mail, meeting or note", _log, WORKS, ActivityBody),
}


class Happened(serializers.Serializer):
    """One thing that happened."""

    id = serializers.IntegerField(source="pk")
    at = serializers.DateTimeField()
    kind = serializers.CharField()
    who = serializers.CharField(allow_blank=True)
    title = serializers.CharField()
    detail = serializers.CharField(allow_blank=True)
    quote = serializers.CharField(allow_blank=True)


class TimelineQuery(Paged, Query):
    pass


class Timeline(ApiView):
    query = TimelineQuery

    @described("read_timeline", "What happened, newest first", gives=Happened, query=TimelineQuery, page_of=True)
    def get(self, request: Request, pk: int) -> Response:
        lead = find_lead(self, pk)
        before = Place.read(self.asked["cursor"]) if self.asked["cursor"] else None
        if self.asked["cursor"] and before is None:
            raise bad_cursor()
        told = timeline(lead, before=before, limit=self.asked["limit"] or PAGE)
        query = request.query_params.copy()
        query["cursor"] = told.older
        following = request.build_absolute_uri(f"{request.path}?{query.urlencode()}") if told.older else None
        return Response({"results": Happened(told.items, many=True).data, "next": following})
