"""The lists of deals, read only: pipelines with their stages, and loss reasons."""

from rest_framework import serializers

from opportunities.models import LossReason, Pipeline, PipelineStage
from users.api import codes
from users.api.lists import listing


class StageOut(serializers.ModelSerializer):
    """One stage of a pipeline; the probability is in percent, as stated."""

    class Meta:
        model = PipelineStage
        fields = ["code", "name", "position", "probability", "outcome", "starts_cycle", "usual_days"]
        read_only_fields = fields


class PipelineOut(serializers.ModelSerializer):
    """A pipeline with its stages in order."""

    context = codes.shown("context.code")
    stages = StageOut(many=True)

    class Meta:
        model = Pipeline
        fields = ["code", "name", "context", "stages"]
        read_only_fields = fields


class LossReasonOut(serializers.ModelSerializer):
    """Why deals are lost."""

    class Meta:
        model = LossReason
        fields = ["code", "label", "archived_at"]
        read_only_fields = fields


Pipelines = listing(
    "pipelines",
    "Pipelines with their stages",
    PipelineOut,
    Pipeline.objects.select_related("context").prefetch_related("stages"),
)
LossReasons = listing("loss_reasons", "Why deals are lost", LossReasonOut, LossReason.objects.all())
