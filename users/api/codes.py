"""How the API names records of lists and people: by code and by user name, the same in answers and in bodies.

The fields are given as Any: a serializer may well have a field `source` or `context`, which its base class knows as
something else.
"""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from users.models import SalesContext, Team, User


def by_code(rows: QuerySet[Any], *, slug: str = "code", **options: Any) -> Any:
    """A record by its code; one that is not among the rows is refused by name."""
    messages: dict[str, Any] = {"does_not_exist": _("There is none with the {slug_name} “{value}”.")}
    return serializers.SlugRelatedField(slug_field=slug, queryset=rows, error_messages=messages, **options)


def by_id(rows: QuerySet[Any], **options: Any) -> Any:
    """A record by its id; one that is not among the rows does not exist."""
    return serializers.PrimaryKeyRelatedField(queryset=rows, **options)


def person(**options: Any) -> Any:
    """Somebody by user name."""
    return by_code(User.objects.filter(is_active=True), slug="username", **options)


def team(**options: Any) -> Any:
    return by_id(Team.objects.filter(archived_at__isnull=True), **options)


def context(**options: Any) -> Any:
    return by_code(SalesContext.objects.all(), **options)


def shown(path: str) -> Any:
    """A code in an answer, from a record that the view has fetched along; null where there is none."""
    return serializers.CharField(source=path, read_only=True, allow_null=True, default=None)
