"""The lists of leads and hand-offs, read only: sources and rejection reasons."""

from rest_framework import serializers

from leads.models import LeadSource, RejectionReason
from users.api.lists import listing


class SourceOut(serializers.ModelSerializer):
    """Where leads come from."""

    class Meta:
        model = LeadSource
        fields = ["code", "name", "archived_at"]
        read_only_fields = fields


class RejectionReasonOut(serializers.ModelSerializer):
    """Why sales sends a lead back, and where it then goes."""

    class Meta:
        model = RejectionReason
        fields = ["code", "label", "target", "nurture_days", "archived_at"]
        read_only_fields = fields


Sources = listing("lead_sources", "Sources of leads", SourceOut, LeadSource.objects.all())
RejectionReasons = listing("rejection_reasons", "Why sales rejects", RejectionReasonOut, RejectionReason.objects.all())
