"""The base of every view of the API: who asks, what is asked, and a refusal that says what to do."""

import logging
from typing import Any, ClassVar, TypeVar, cast

from django import forms
from django.core.signals import got_request_exception
from django.db.models import Model, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from users.api.errors import Problem, not_found
from users.api.queries import refuse_unknown, understood
from users.models import User

M = TypeVar("M", bound=Model)
log = logging.getLogger("leadqual.api")


class ApiView(APIView):
    """`query` names the parameters of GET; every other method takes none."""

    http_method_names = ["get", "head", "post", "patch"]
    query: ClassVar[type[forms.Form] | None] = None
    asked: dict[str, Any]
    form: Any

    @property
    def user(self) -> User:
        """Whoever asks; the permissions have seen to it that somebody does."""
        return cast(User, self.request.user)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.asked = {}
        if self.query is not None and request.method in {"GET", "HEAD"}:
            self.form = self.query(request.query_params, user=request.user)  # type: ignore[call-arg]
            self.asked = understood(self.form, request.query_params)
        else:
            refuse_unknown(request.query_params, [])

    def handle_exception(self, exc: Exception) -> Response:
        """Every failure is told as a problem; one of ours is logged, and says nothing of its inside."""
        try:
            return super().handle_exception(exc)
        except Exception as fault:
            if fault is not exc:
                raise
            log.exception("the API failed")
            got_request_exception.send(sender=type(self), request=self.request._request)
            says = _("Nothing was changed. The fault is in our log; if it comes again, tell your administrator.")
            return Problem(500, "fault", _("Something went wrong on our side."), says).response()


class Nothing(ApiView):
    """Every address under /api/v1/ that is none."""

    schema = None
    http_method_names = ["get", "head", "post", "put", "patch", "delete", "options"]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super(ApiView, self).initial(request, *args, **kwargs)
        raise not_found()


def find(rows: QuerySet[M], pk: int) -> M:
    """The record among those that the user sees. Raises Http404."""
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
