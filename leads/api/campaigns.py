"""/api/v1/campaigns/: what marketing does to bring leads; everybody sees them."""

from django import forms
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from leads.models import Campaign, LeadSource
from users.api import codes
from users.api.pages import page
from users.api.queries import PagedQuery
from users.api.schema import described
from users.api.versions import etag
from users.api.views import ApiView, find


class CampaignOut(serializers.ModelSerializer):
    """A campaign as it is told."""

    source = codes.shown("source.code")

    class Meta:
        model = Campaign
        fields = ["id", "code", "name", "source", "starts_on", "ends_on", "cost", "currency", "archived_at", "version"]
        read_only_fields = fields


class CampaignQuery(PagedQuery):
    source = forms.ModelChoiceField(LeadSource.objects.all(), to_field_name="code", required=False)


CAMPAIGNS = Campaign.objects.select_related("source")


class Campaigns(ApiView):
    query = CampaignQuery

    @described("list_campaigns", "Campaigns, newest first", gives=CampaignOut, query=CampaignQuery, page_of=True)
    def get(self, request: Request) -> Response:
        rows = CAMPAIGNS.filter(archived_at__isnull=True)
        if self.asked["source"]:
            rows = rows.filter(source=self.asked["source"])
        return page(request, rows, ["-id"], self.asked, lambda found: CampaignOut(found, many=True).data)


class OneCampaign(ApiView):
    @described("read_campaign", "One campaign", gives=CampaignOut)
    def get(self, request: Request, pk: int) -> Response:
        campaign = find(CAMPAIGNS.all(), pk)
        return Response(CampaignOut(campaign).data, headers=etag(campaign.version))
