"""The description of every address, from which /api/v1/schema/ is made."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django import forms
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.renderers import OpenApiJsonRenderer
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, inline_serializer
from drf_spectacular.views import SpectacularAPIView
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from users.api.errors import CONTENT_TYPE
from users.api.keys import KeyAuthentication, KeyScope
from users.api.once import HEADER
from users.api.queries import parameters_of, refuse_unknown

F = TypeVar("F", bound=Callable[..., Any])


class ProblemShape(serializers.Serializer):
    """RFC 9457. `errors` names the fields; a stale version and a conflict have `theirs`, `yours` or `conflicts`."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    errors = serializers.DictField(  # type: ignore[assignment]  # the metaclass takes it out of the attributes
        child=serializers.ListField(child=serializers.CharField()), required=False
    )


PROBLEMS = {
    400: _("A parameter, the body or a field is wrong; `errors` names it."),
    401: _("No key, or one that does not work."),
    403: _("Visible but not allowed; `detail` names who may."),
    404: _("Not there, or not yours."),
    409: _("Somebody was faster, or it does not fit how things stand; both values are there."),
    413: _("More than 1 MB."),
    415: _("The body is not application/json."),
    422: _("The Idempotency-Key was used for another request."),
    428: _("If-Match is missing."),
    429: _("Too many requests; Retry-After says when to go on."),
}
ALWAYS = (400, 401, 403, 429)
IF_MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, description="The version (or ETag) of the record that was read."
)
IDEMPOTENCY_KEY = OpenApiParameter(
    HEADER, str, OpenApiParameter.HEADER, description="A repetition with the same key gets the first answer."
)


def described(
    operation: str,
    summary: str,
    *,
    gives: Any,
    takes: Any = None,
    status: int = 200,
    query: type[forms.Form] | None = None,
    page_of: bool = False,
    if_match: bool | None = None,
    problems: Sequence[int] = (),
) -> Callable[[F], F]:
    """Describe a method of a view.

    `gives` is the serializer of the answer, or of a row of it where it is a page. `if_match`: True needs the header,
    False takes it.
    """
    writes = status == 201 or takes is not None or if_match is not None
    told = {*ALWAYS, *problems, *((404,) if not page_of else ())}
    parameters = list(parameters_of(query)) if query else []
    if writes:
        told |= {409, 413, 415}
    if if_match is not None:
        parameters.append(IF_MATCH)
        told |= {409} | ({428} if if_match else set())
    if writes and not operation.startswith("change_"):
        parameters.append(IDEMPOTENCY_KEY)
        told |= {422}
    answer = _page(operation, gives) if page_of else gives
    responses: dict[Any, Any] = {status: OpenApiResponse(answer)}
    responses |= {(code, CONTENT_TYPE): OpenApiResponse(ProblemShape, str(PROBLEMS[code])) for code in sorted(told)}
    return extend_schema(
        operation_id=operation, summary=summary, parameters=parameters, request=takes, responses=responses
    )


def _page(operation: str, row: Any) -> Any:
    name = "".join(part.title() for part in operation.split("_")) + "Page"
    fields = {"results": row(many=True), "next": serializers.URLField(allow_null=True)}
    return inline_serializer(name, fields)


class BearerKey(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema describes the key."""

    target_class = KeyAuthentication
    name = "key"

    def get_security_definition(self, _auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "A key from Settings, API keys."}


class Schema(SpectacularAPIView):
    """/api/v1/schema/: OpenAPI 3, as JSON, for whoever has a key."""

    renderer_classes = [OpenApiJsonRenderer]
    permission_classes = [IsAuthenticated, KeyScope]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        refuse_unknown(request.query_params, [])

    @extend_schema(operation_id="read_schema", summary="This description", responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The schema of the API."""
        return super().get(request, *args, **kwargs)  # type: ignore[no-untyped-call,no-any-return]
