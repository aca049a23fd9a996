"""A score as programs read it: of a lead or a checklist, now or as of a moment, under the policy of then or any other."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from rest_framework import serializers

from leads.explaining import explain
from leads.forms.filters import TEMPERATURES
from leads.models import Checklist
from scoring.models import Policy
from users.api.queries import MomentField, Query


class ScoreSheet(serializers.Serializer):
    """A score with every point of it explained."""

    lead = serializers.IntegerField()
    as_of = serializers.DateTimeField()
    policy = serializers.DictField(allow_null=True)
    fit = serializers.FloatField(allow_null=True)
    engagement = serializers.FloatField()
    qualification = serializers.FloatField(allow_null=True)
    criteria = serializers.ListField(child=serializers.DictField())
    completeness = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()
    checklist = serializers.IntegerField()
    mql = serializers.BooleanField()
    sql = serializers.BooleanField()
    override = serializers.DictField(allow_null=True)
    temperature = serializers.ChoiceField(choices=sorted(TEMPERATURES))
    route = serializers.CharField(allow_null=True)
    lifecycle_stage = serializers.CharField()
    missing_for_sql = serializers.ListField(child=serializers.CharField())
    next_question = serializers.DictField(allow_null=True)
    shortest_way = serializers.ListField(child=serializers.DictField(), allow_null=True)
    reasons = serializers.DictField()
    ledger = serializers.ListField(child=serializers.DictField())


class ScoreQuery(Query):
    as_of = MomentField()
    policy = forms.ModelChoiceField(Policy.objects.all(), required=False)


def score_of(checklist: Checklist, asked: Mapping[str, Any]) -> dict[str, Any]:
    """The score as JSON. Raises ValidationError for a policy of another sales context."""
    policy: Policy | None = asked["policy"]
    if policy is not None and policy.context_id != checklist.context_id:
        said = _("Policy %(policy)s is of another sales context. Choose one of %(context)s.")
        raise ValidationError({"policy": said % {"policy": policy.pk, "context": checklist.context}})
    return explain(checklist, at=asked["as_of"], policy=policy).as_json()
