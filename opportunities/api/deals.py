"""/api/v1/opportunities/: deals, new ones, and every move of them."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Account, Contact, Product
from leads.models import Campaign, Lead, LeadSource
from opportunities.conversion import open_further_deal
from opportunities.editing import archive_opportunity, assign_opportunity, edit_opportunity, restore_opportunity
from opportunities.models import LossReason, Opportunity, Pipeline, PipelineStage
from opportunities.pipeline import LONGEST_NOTE, DealRefused, close_lost, close_won, move_to_stage, open_deal, reopen
from opportunities.rights import may_assign, may_move, may_open_deal, who_may_assign, who_may_move, who_may_open_deal
from users.api import codes
from users.api.bodies import Body, read
from users.api.errors import Problem, conflict, invalid, problem_of
from users.api.once import once
from users.api.pages import page
from users.api.queries import IdField, PagedQuery
from users.api.schema import described
from users.api.verbs import NoBody, verb
from users.api.versions import both_values, etag, version_named
from users.api.views import ApiView, find
from users.models import Team, User
from users.rights import demand

BESIDE = ("pipeline", "stage", "owner", "product", "source", "campaign", "loss_reason", "team", "account__type")
Outcome = PipelineStage.Outcome


class OpportunityOut(serializers.ModelSerializer):
    """A deal as it is told."""

    pipeline = codes.shown("pipeline.code")
    stage = codes.shown("stage.code")
    outcome = serializers.ChoiceField(source="stage.outcome", choices=Outcome.choices, read_only=True)
    owner = codes.shown("owner.username")
    product = codes.shown("product.code")
    source = codes.shown("source.code")
    campaign = codes.shown("campaign.code")
    loss_reason = codes.shown("loss_reason.code")

    class Meta:
        model = Opportunity
        fields = [
            "id",
            "name",
            "account",
            "contact",
            "lead",
            "checklist",
            "pipeline",
            "stage",
            "outcome",
            "stage_since",
            "owner",
            "team",
            "product",
            "source",
            "campaign",
            "amount",
            "currency",
            "won_amount",
            "won_currency",
            "expected_close",
            "closed_at",
            "loss_reason",
            "competitor",
            "external_id",
            "created_at",
            "archived_at",
            "version",
        ]
        read_only_fields = fields


def money(**options: Any) -> serializers.DecimalField:
    return serializers.DecimalField(
        max_digits=14, decimal_places=2, min_value=0, allow_null=True, required=False, **options
    )


class OpportunityFields(Body):
    """What may be written into a deal."""

    name = serializers.CharField(max_length=255, required=False)
    account = codes.by_id(Account.objects.active().select_related("type"), required=False)
    contact = codes.by_id(Contact.objects.active(), allow_null=True, required=False)
    product = codes.by_code(Product.objects.filter(archived_at__isnull=True), allow_null=True, required=False)
    source = codes.by_code(LeadSource.objects.all(), allow_null=True, required=False)
    campaign = codes.by_code(Campaign.objects.all(), allow_null=True, required=False)
    amount = money()
    currency = serializers.CharField(max_length=3, allow_blank=True, required=False)
    expected_close = serializers.DateField(allow_null=True, required=False)


class NewOpportunity(OpportunityFields):
    """A new deal in the first stage of its pipeline; with `lead`, a further one of a converted lead."""

    lead = serializers.IntegerField(min_value=1, required=False)
    pipeline = codes.by_code(Pipeline.objects.all(), required=False)
    owner = codes.person(required=False)
    external_id = serializers.CharField(max_length=120, required=False)


class MoveBody(Body):
    """Where to. A won stage takes the amount, a lost one needs the reason."""

    stage = serializers.SlugField()
    amount = money()
    currency = serializers.CharField(max_length=3, allow_blank=True, required=False)
    loss_reason = codes.by_code(LossReason.objects.all(), required=False)
    competitor = codes.by_id(Account.objects.active(), allow_null=True, required=False)
    note = serializers.CharField(max_length=LONGEST_NOTE, allow_blank=True, required=False)


# What may be said with a move, by the outcome of the stage it goes to.
SAID_WITH = {
    Outcome.OPEN: {"stage"},
    Outcome.WON: {"stage", "amount", "currency", "note"},
    Outcome.LOST: {"stage", "loss_reason", "competitor", "note"},
}


class DealOwner(Body):
    owner = codes.person(allow_null=True)


class OpportunityQuery(PagedQuery):
    pipeline = forms.ModelChoiceField(Pipeline.objects.all(), to_field_name="code", required=False)
    stage = forms.SlugField(required=False)
    outcome = forms.MultipleChoiceField(required=False, choices=Outcome.choices)
    owner = forms.ModelChoiceField(User.objects.all(), to_field_name="username", required=False)
    team = forms.ModelChoiceField(Team.objects.all(), required=False)
    account = IdField()
    lead = IdField()


@problem_of.register
def _deal_refused(error: DealRefused) -> Problem:
    return conflict("deal-refused", str(error))


def deals_of(view: ApiView) -> QuerySet[Opportunity]:
    return Opportunity.objects.visible_to(view.user).select_related(*BESIDE)


def find_deal(view: ApiView, pk: int) -> Opportunity:
    return find(deals_of(view), pk)


def tell(deal: Opportunity) -> Mapping[str, Any]:
    return dict(OpportunityOut(deal).data)


class Opportunities(ApiView):
    query = OpportunityQuery

    @described("list_opportunities", "Deals, newest first", gives=OpportunityOut, query=OpportunityQuery, page_of=True)
    def get(self, request: Request) -> Response:
        rows = deals_of(self).filter(archived_at__isnull=True)
        if self.asked["stage"]:
            rows = rows.filter(stage__code=self.asked["stage"])
        if self.asked["outcome"]:
            rows = rows.filter(stage__outcome__in=self.asked["outcome"])
        for name in ("pipeline", "owner", "team", "account", "lead"):
            if self.asked[name]:
                rows = rows.filter(**{name: self.asked[name]})
        return page(request, rows, ["-id"], self.asked, lambda found: OpportunityOut(found, many=True).data)

    @described("create_opportunity", "A new deal", takes=NewOpportunity, gives=OpportunityOut, status=201)
    @once
    def post(self, request: Request) -> Response:
        demand(may_open_deal(self.user), who_may_open_deal())
        values = read(NewOpportunity(data=request.data))
        lead_id = values.pop("lead", None)
        if lead_id is None:
            made = open_deal(values, by=self.user)
        else:
            lead = Lead.objects.visible_to(self.user).filter(pk=lead_id).first()
            if lead is None:
                raise invalid({"lead": [_("There is no lead with this number that you may see.")]})
            made = open_further_deal(lead, values, by=self.user)
        told = find_deal(self, made.pk)
        return Response(tell(told), 201, headers={**etag(told.version), "Location": f"{request.path}{made.pk}/"})


class OneOpportunity(ApiView):
    @described("read_opportunity", "One deal", gives=OpportunityOut)
    def get(self, request: Request, pk: int) -> Response:
        deal = find_deal(self, pk)
        return Response(tell(deal), headers=etag(deal.version))

    @described(
        "change_opportunity",
        "Change fields of a deal",
        takes=OpportunityFields(partial=True),
        gives=OpportunityOut,
        if_match=True,
    )
    def patch(self, request: Request, pk: int) -> Response:
        deal = find_deal(self, pk)
        version = version_named(request)
        changes = read(OpportunityFields(data=request.data, partial=True))
        with both_values(tell, request.data):
            edit_opportunity(deal, changes, version=version, by=self.user)
        deal = find_deal(self, pk)
        return Response(tell(deal), headers=etag(deal.version))


def _move(deal: Opportunity, by: User, said: Mapping[str, Any], version: int | None) -> None:
    stage = deal.pipeline.stages.filter(code=said["stage"]).first()
    if stage is None:
        known = ", ".join(deal.pipeline.stages.order_by("position").values_list("code", flat=True))
        raise invalid({"stage": [_("This pipeline has no such stage. It has: %(known)s.") % {"known": known}]})
    outcome = Outcome(stage.outcome)
    strangers = sorted(set(said) - SAID_WITH[outcome])
    if strangers:
        says = _("A move to %(stage)s takes: %(known)s.")
        known = ", ".join(sorted(SAID_WITH[outcome]))
        raise invalid({name: [says % {"stage": stage, "known": known}] for name in strangers})
    note = said.get("note", "")
    if outcome is Outcome.OPEN:
        move_to_stage(deal, stage, by=by, version=version)
    elif outcome is Outcome.WON:
        close_won(deal, said.get("amount"), by=by, currency=said.get("currency", ""), version=version, note=note)
    elif "loss_reason" not in said:
        raise invalid({"loss_reason": [_("Say why it was lost.")]})
    else:
        close_lost(deal, said["loss_reason"], said.get("competitor"), by=by, version=version, note=note)


Move = verb(
    "move_opportunity",
    "Move a deal to another stage; won and lost too",
    _move,
    of=find_deal,
    gives=OpportunityOut,
    tell=tell,
    may=may_move,
    who_may=who_may_move,
    takes=MoveBody,
    if_match=True,
)
Reopen = verb(
    "reopen_opportunity",
    "Take won or lost back",
    lambda deal, by, said, version: reopen(deal, by=by, version=version),
    of=find_deal,
    gives=OpportunityOut,
    tell=tell,
    may=may_move,
    who_may=who_may_move,
    takes=NoBody,
    if_match=True,
)
Assign = verb(
    "assign_opportunity",
    "Give a deal to somebody",
    lambda deal, by, said, version: assign_opportunity(deal, said["owner"], by=by),
    of=find_deal,
    gives=OpportunityOut,
    tell=tell,
    may=may_assign,
    who_may=lambda deal: who_may_assign(),
    takes=DealOwner,
)
Archive = verb(
    "archive_opportunity",
    "Hide a deal from board and lists",
    lambda deal, by, said, version: archive_opportunity(deal, by=by),
    of=find_deal,
    gives=OpportunityOut,
    tell=tell,
    may=may_move,
    who_may=who_may_move,
)
Restore = verb(
    "restore_opportunity",
    "Bring an archived deal back",
    lambda deal, by, said, version: restore_opportunity(deal, by=by),
    of=find_deal,
    gives=OpportunityOut,
    tell=tell,
    may=may_move,
    who_may=who_may_move,
)
