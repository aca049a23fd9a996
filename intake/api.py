"""/api/v1/imports/: what was taken in, for those who may import it."""

from django import forms
from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from intake.models import Import
from users.api import codes
from users.api.pages import page
from users.api.queries import PagedQuery
from users.api.schema import described
from users.api.views import ApiView, find
from users.rights import demand, may_import, who_may_import


class ImportOut(serializers.ModelSerializer):
    """An import and what became of its rows."""

    by = codes.shown("by.username")

    class Meta:
        model = Import
        fields = [
            "id",
            "kind",
            "file_name",
            "mapping",
            "history",
            "read",
            "created",
            "updated",
            "unchanged",
            "rejected",
            "by",
            "started_at",
            "finished_at",
        ]
        read_only_fields = fields


class ImportQuery(PagedQuery):
    kind = forms.ChoiceField(required=False, choices=[("", ""), *Import.Kind.choices])


def imports_of(view: ApiView) -> QuerySet[Import]:
    """Imports of the kinds that whoever asks may import. Raises Forbidden for who may import none."""
    kinds = [kind for kind in Import.Kind.values if may_import(view.user, kind)]
    demand(bool(kinds), who_may_import())
    return Import.objects.filter(kind__in=kinds).select_related("by")


class Imports(ApiView):
    query = ImportQuery

    @described("list_imports", "Imports, newest first", gives=ImportOut, query=ImportQuery, page_of=True)
    def get(self, request: Request) -> Response:
        rows = imports_of(self)
        if self.asked["kind"]:
            rows = rows.filter(kind=self.asked["kind"])
        return page(request, rows, ["-id"], self.asked, lambda found: ImportOut(found, many=True).data)


class OneImport(ApiView):
    @described("read_import", "One import", gives=ImportOut)
    def get(self, request: Request, pk: int) -> Response:
        return Response(ImportOut(find(imports_of(self), pk)).data)
