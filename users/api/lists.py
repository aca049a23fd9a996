"""Lists that are read only here, whose codes, user names and ids bodies take: people, teams and what the settings list.

Archived rows are told too, since records of the past name them; `archived_at` or `is_active` says whether they can still be chosen.
"""

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from users.api import codes
from users.api.pages import page
from users.api.queries import PagedQuery
from users.api.schema import described
from users.api.views import ApiView
from users.models import SalesContext, Team, User


def listing(name: str, summary: str, row: type[serializers.ModelSerializer], rows: QuerySet[Any]) -> type[ApiView]:
    """The view of a list, page by page in the order in which its rows were made."""

    class Listing(ApiView):
        query = PagedQuery

        @described(f"list_{name}", summary, gives=row, query=PagedQuery, page_of=True)
        def get(self, request: Request) -> Response:
            return page(request, rows.all(), ["id"], self.asked, lambda found: row(found, many=True).data)

    Listing.__name__ = Listing.__qualname__ = f"list_{name}"
    return Listing


class PersonOut(serializers.ModelSerializer):
    """Somebody who works here, as bodies name them: by user name."""

    class Meta:
        model = User
        fields = ["username", "name", "role", "team", "is_active"]
        read_only_fields = fields


class TeamOut(serializers.ModelSerializer):
    manager = codes.shown("manager.username")

    class Meta:
        model = Team
        fields = ["id", "name", "parent", "manager", "zone", "archived_at"]
        read_only_fields = fields


class ContextOut(serializers.ModelSerializer):
    """A kind of sale."""

    class Meta:
        model = SalesContext
        fields = ["code", "name"]
        read_only_fields = fields


People = listing("people", "People", PersonOut, User.objects.all())
Teams = listing("teams", "Teams", TeamOut, Team.objects.select_related("manager"))
Contexts = listing("contexts", "Sales contexts", ContextOut, SalesContext.objects.all())
