"""/api/v1/leads/: the list in the order of the score, one lead, its score at any moment."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from leads.api.scores import ScoreQuery, ScoreSheet, score_of
from leads.casefile import edit_case, open_case
from leads.forms.filters import TEMPERATURES, LeadFilters
from leads.models import Campaign, Lead, LeadSource, Score
from leads.rights import may_create_lead, who_may_create
from scoring.models import Persona
from users.api import codes
from users.api.bodies import Body, read
from users.api.once import once
from users.api.pages import page
from users.api.queries import Paged
from users.api.schema import described
from users.api.versions import both_values, etag, version_named
from users.api.views import ApiView, find
from users.rights import demand

BESIDE = ("context", "source", "campaign", "persona", "owner")
TEMPERATURE_NAMES = {int(value): name for name, value in TEMPERATURES.items()}


class ScoreLine(serializers.ModelSerializer):
    """The score as the list knows it; leads/<id>/score/ explains it."""

    temperature = serializers.SerializerMethodField()

    class Meta:
        model = Score
        fields = [
            "checklist",
            "fit",
            "engagement",
            "qualification",
            "low",
            "high",
            "completeness",
            "mql",
            "sql",
            "temperature",
            "route",
            "scored_at",
        ]
        read_only_fields = fields
        extra_kwargs = {
            name: {"coerce_to_string": False}
            for name in ("fit", "engagement", "qualification", "low", "high", "completeness")
        }

    @extend_schema_field(serializers.ChoiceField(choices=sorted(TEMPERATURES)))
    def get_temperature(self, score: Score) -> str:
        return TEMPERATURE_NAMES[score.temperature]


class LeadOut(serializers.ModelSerializer):
    """A lead as it is told. Lists go by code, people by user name, everything else by id."""

    context = codes.shown("context.code")
    source = codes.shown("source.code")
    campaign = codes.shown("campaign.code")
    persona = codes.shown("persona.code")
    owner = codes.shown("owner.username")
    score = serializers.SerializerMethodField()

    class Meta:
        model = Lead
        fields = [
            "id",
            "name",
            "company",
            "email",
            "phone",
            "title",
            "seniority",
            "department",
            "industry",
            "employees",
            "revenue",
            "currency",
            "country",
            "city",
            "website",
            "preferred_channel",
            "attributes",
            "context",
            "source",
            "campaign",
            "persona",
            "owner",
            "team",
            "stage",
            "stage_since",
            "nurture_until",
            "account",
            "contact",
            "external_id",
            "created_at",
            "archived_at",
            "version",
            "score",
        ]
        read_only_fields = fields

    @extend_schema_field(ScoreLine(allow_null=True))
    def get_score(self, lead: Lead) -> Any:
        score = next((each for each in lead.scores.all() if each.context_id == lead.context_id), None)
        return None if score is None else ScoreLine(score).data


class LeadFields(Body):
    """What may be written into a lead."""

    name = serializers.CharField(max_length=200, allow_blank=True, required=False)
    company = serializers.CharField(max_length=255, allow_blank=True, required=False)
    email = serializers.CharField(max_length=254, allow_blank=True, required=False)
    phone = serializers.CharField(max_length=50, allow_blank=True, required=False)
    title = serializers.CharField(max_length=150, allow_blank=True, required=False)
    seniority = serializers.CharField(max_length=60, allow_blank=True, required=False)
    department = serializers.CharField(max_length=100, allow_blank=True, required=False)
    industry = serializers.CharField(max_length=100, allow_blank=True, required=False)
    employees = serializers.IntegerField(min_value=0, max_value=2**31 - 1, allow_null=True, required=False)
    revenue = serializers.DecimalField(max_digits=16, decimal_places=2, min_value=0, allow_null=True, required=False)
    currency = serializers.CharField(max_length=3, allow_blank=True, required=False)
    country = serializers.CharField(max_length=100, allow_blank=True, required=False)
    city = serializers.CharField(max_length=100, allow_blank=True, required=False)
    website = serializers.CharField(max_length=253, allow_blank=True, required=False)
    preferred_channel = serializers.CharField(max_length=60, allow_blank=True, required=False)
    attributes = serializers.DictField(required=False)
    source = codes.by_code(LeadSource.objects.all(), allow_null=True, required=False)
    campaign = codes.by_code(Campaign.objects.all(), allow_null=True, required=False)
    persona = codes.by_code(Persona.objects.all(), allow_null=True, required=False)


class NewLead(LeadFields):
    """A new lead: one of name, company, e-mail, phone and external id at least. Left out, the owner is whoever asks."""

    context = codes.context(required=False)
    owner = codes.person(allow_null=True, required=False)
    team = codes.team(allow_null=True, required=False)
    external_id = serializers.CharField(max_length=120, required=False)


class LeadQuery(Paged, LeadFilters):
    """The filters of the lead list."""

    BESIDE = ()  # type: ignore[assignment]  # limit and cursor are fields here


def leads_of(view: ApiView) -> QuerySet[Lead]:
    """The leads that whoever asks may see, with what LeadOut tells of them."""
    return Lead.objects.visible_to(view.user).select_related(*BESIDE).prefetch_related("scores")


def tell(lead: Lead) -> Mapping[str, Any]:
    return LeadOut(lead).data


class Leads(ApiView):
    query = LeadQuery

    @described("list_leads", "Leads by score, hottest first", gives=LeadOut, query=LeadQuery, page_of=True)
    def get(self, request: Request) -> Response:
        along = [f"lead__{name}" for name in BESIDE]
        scores = self.form.narrow(Score.objects.visible_to(self.user).listed())
        rows = scores.select_related("lead", *along).prefetch_related(Prefetch("lead__scores"))
        return page(request, rows, Score.LIST_ORDER, self.asked, lambda found: [tell(row.lead) for row in found])

    @described("create_lead", "A new lead", takes=NewLead, gives=LeadOut, status=201)
    @once
    def post(self, request: Request) -> Response:
        demand(may_create_lead(self.user), who_may_create())
        made = open_case(read(NewLead(data=request.data)), by=self.user)
        return Response(tell(made), 201, headers={**etag(made.version), "Location": f"{request.path}{made.pk}/"})


class OneLead(ApiView):
    @described("read_lead", "One lead", gives=LeadOut)
    def get(self, request: Request, pk: int) -> Response:
        lead = find(leads_of(self), pk)
        return Response(tell(lead), headers=etag(lead.version))

    @described("change_lead", "Change fields of a lead", takes=LeadFields(partial=True), gives=LeadOut, if_match=True)
    def patch(self, request: Request, pk: int) -> Response:
        lead = find(leads_of(self), pk)
        version = version_named(request)
        changes = read(LeadFields(data=request.data, partial=True))
        with both_values(tell, request.data):
            lead = edit_case(lead, changes, version=version, by=self.user)
        return Response(tell(lead), headers=etag(lead.version))


class LeadScore(ApiView):
    query = ScoreQuery

    @described(
        "read_lead_score", "The score, now or as of a moment, with its ledger", gives=ScoreSheet, query=ScoreQuery
    )
    def get(self, request: Request, pk: int) -> Response:
        lead = find(Lead.objects.visible_to(self.user), pk)
        checklist = lead.checklists.get(context=lead.context_id)
        return Response(score_of(checklist, self.asked))
