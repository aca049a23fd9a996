"""/api/v1/campaigns/: what marketing does to bring leads; everybody sees them, marketing writes them."""

from collections.abc import Mapping
from typing import Any

from django import forms
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from leads.campaigns import archive_campaign, edit_campaign, restore_campaign, start_campaign
from leads.models import Campaign, LeadSource
from users.api import codes
from users.api.bodies import Body, read
from users.api.once import once
from users.api.pages import page
from users.api.queries import PagedQuery
from users.api.schema import described
from users.api.verbs import verb
from users.api.versions import both_values, etag, version_named
from users.api.views import ApiView, find
from users.rights import demand, may_edit_campaigns, who_may_edit_campaigns


class CampaignOut(serializers.ModelSerializer):
    """A campaign as it is told."""

    source = codes.shown("source.code")

    class Meta:
        model = Campaign
        fields = ["id", "code", "name", "source", "starts_on", "ends_on", "cost", "currency", "archived_at", "version"]
        read_only_fields = fields


class CampaignFields(Body):
    """What may be written into a campaign. `cost` is in `currency`, by default the workspace's."""

    name = serializers.CharField(max_length=200, required=False)
    source = codes.by_code(LeadSource.objects.all(), allow_null=True, required=False)
    starts_on = serializers.DateField(allow_null=True, required=False)
    ends_on = serializers.DateField(allow_null=True, required=False)
    cost = serializers.DecimalField(max_digits=14, decimal_places=2, min_value=0, allow_null=True, required=False)
    currency = serializers.CharField(max_length=3, allow_blank=True, required=False)


class NewCampaign(CampaignFields):
    """A code is given once, and stays; left out, it is made from the name."""

    name = serializers.CharField(max_length=200)
    code = serializers.CharField(max_length=120, required=False)


class CampaignQuery(PagedQuery):
    source = forms.ModelChoiceField(LeadSource.objects.all(), to_field_name="code", required=False)


CAMPAIGNS = Campaign.objects.select_related("source")


def tell(campaign: Campaign) -> Mapping[str, Any]:
    return dict(CampaignOut(campaign).data)


class Campaigns(ApiView):
    query = CampaignQuery

    @described("list_campaigns", "Campaigns, newest first", gives=CampaignOut, query=CampaignQuery, page_of=True)
    def get(self, request: Request) -> Response:
        rows = CAMPAIGNS.filter(archived_at__isnull=True)
        if self.asked["source"]:
            rows = rows.filter(source=self.asked["source"])
        return page(request, rows, ["-id"], self.asked, lambda found: CampaignOut(found, many=True).data)

    @described("create_campaign", "A new campaign", takes=NewCampaign, gives=CampaignOut, status=201)
    @once
    def post(self, request: Request) -> Response:
        demand(may_edit_campaigns(self.user), who_may_edit_campaigns())
        made = start_campaign(read(NewCampaign(data=request.data)), by=self.user)
        return Response(tell(made), 201, headers={**etag(made.version), "Location": f"{request.path}{made.pk}/"})


class OneCampaign(ApiView):
    @described("read_campaign", "One campaign", gives=CampaignOut)
    def get(self, request: Request, pk: int) -> Response:
        campaign = find(CAMPAIGNS.all(), pk)
        return Response(tell(campaign), headers=etag(campaign.version))

    @described(
        "change_campaign", "Change a campaign", takes=CampaignFields(partial=True), gives=CampaignOut, if_match=True
    )
    def patch(self, request: Request, pk: int) -> Response:
        campaign = find(CAMPAIGNS.all(), pk)
        version = version_named(request)
        changes = read(CampaignFields(data=request.data, partial=True))
        with both_values(tell, request.data):
            campaign = edit_campaign(campaign, changes, version=version, by=self.user)
        return Response(tell(campaign), headers=etag(campaign.version))


ArchiveCampaign = verb(
    "archive_campaign",
    "The campaign can no longer be chosen",
    lambda campaign, by, said, version: archive_campaign(campaign, by=by),
    of=lambda view, pk: find(CAMPAIGNS.all(), pk),
    gives=CampaignOut,
    tell=tell,
    may=may_edit_campaigns,
    who_may=lambda campaign: who_may_edit_campaigns(),
)
RestoreCampaign = verb(
    "restore_campaign",
    "The campaign can be chosen again",
    lambda campaign, by, said, version: restore_campaign(campaign, by=by),
    of=lambda view, pk: find(CAMPAIGNS.all(), pk),
    gives=CampaignOut,
    tell=tell,
    may=may_edit_campaigns,
    who_may=lambda campaign: who_may_edit_campaigns(),
)
