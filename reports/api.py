"""/api/v1/reports/<name>/: the figures of the page, as the report object of the contract."""

from typing import Any, cast

from django import forms
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from reports.catalogue import REPORTS
from reports.parameters import NotAnswerable, wish_of
from reports.snapshots import keep, newest
from reports.views import reader_of
from users.api.errors import Problem, invalid, problem_of
from users.api.queries import Query, Repeated
from users.api.schema import described
from users.api.views import ApiView


class ReportOut(serializers.Serializer):
    """A report: what its columns mean, a row per group, and the total."""

    name = serializers.CharField()
    title = serializers.CharField()
    as_of = serializers.DateTimeField()
    computed_at = serializers.DateTimeField()
    period = serializers.DictField()
    by = serializers.CharField(allow_null=True)
    filters = serializers.DictField()
    columns = serializers.ListField(child=serializers.DictField())
    rows = serializers.ListField(child=serializers.DictField())
    totals = serializers.DictField()


class ReportWords(Query):
    """What can be asked; reports/parameters.py judges it, as for the page and the command."""

    to = forms.CharField(required=False, max_length=100)
    by = forms.CharField(required=False, max_length=100)
    view = forms.CharField(required=False, max_length=100)
    compare = forms.CharField(required=False, max_length=100)
    as_of = forms.CharField(required=False, max_length=100)
    filter = Repeated()
    # Compute now instead of telling the figures that were kept last.
    fresh = forms.ChoiceField(required=False, choices=[("", ""), ("1", "1")])


# `from` is a word that Python keeps for itself.
ReportQuery: type[ReportWords] = type(
    "ReportQuery", (ReportWords,), {"from": forms.CharField(required=False, max_length=100)}
)


@problem_of.register
def _not_answerable(error: NotAnswerable) -> Problem:
    return invalid({"": [str(error)]})


class OneReport(ApiView):
    query = ReportQuery

    @extend_schema(parameters=[OpenApiParameter("name", str, OpenApiParameter.PATH, enum=list(REPORTS))])
    @described("read_report", "A report, over what whoever asks may see", gives=ReportOut, query=ReportQuery)
    def get(self, request: Request, name: str) -> Response:
        reader_of(request._request, name)
        words = {word: str(value) for word, value in self.asked.items() if word not in {"filter", "fresh"}}
        wish = wish_of(name, words, self.asked["filter"])
        payload, _kept = (keep if self.asked["fresh"] and not wish.as_of else newest)(wish, self.user)
        return Response(cast(dict[str, Any], payload))
