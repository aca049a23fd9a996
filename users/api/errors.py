"""Refusals as application/problem+json (RFC 9457): what went wrong, with which field, and what to do.

A room teaches this module its own exceptions: `@problem_of.register`.
"""

from collections.abc import Iterable, Mapping
from functools import singledispatch
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation, ValidationError
from django.db import OperationalError
from django.http import Http404, UnreadablePostError
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.settings import api_settings

CONTENT_TYPE = "application/problem+json"
TYPE = "urn:leadqual:problem:"
NO_FIELD = {api_settings.NON_FIELD_ERRORS_KEY, "__all__"}

Errors = dict[str, list[str]]


class Problem(Exception):
    """A refusal as the API tells it. `code` is stable, `detail` is a sentence, `more` are members of their own."""

    def __init__(
        self,
        status: int,
        code: str,
        title: str,
        detail: str = "",
        *,
        more: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(title)
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.more = dict(more or {})
        self.headers = dict(headers or {})

    def as_json(self) -> dict[str, Any]:
        body = {"type": TYPE + self.code, "title": self.title, "status": self.status, "detail": self.detail}
        return {**body, **self.more}

    def response(self) -> Response:
        return Response(self.as_json(), status=self.status, headers=self.headers, content_type=CONTENT_TYPE)


def answer(error: Exception, _context: Mapping[str, Any]) -> Response | None:
    """DRF's exception handler. None: nobody knows this exception, and it is a fault of ours."""
    problem = problem_of(error)
    return None if problem is None else problem.response()


@singledispatch
def problem_of(error: Exception) -> Problem | None:
    """How the API tells an exception; None for one that nobody registered."""
    return None


@problem_of.register
def _as_it_is(error: Problem) -> Problem:
    return error


@problem_of.register
def _not_there(error: Http404) -> Problem:
    return not_found()


@problem_of.register
def _forbidden(error: PermissionDenied) -> Problem:
    return forbidden(str(error) or _("You may not do this."))


@problem_of.register
def _refused_by_a_rule(error: ValidationError) -> Problem:
    if hasattr(error, "error_dict"):
        return invalid({name: [str(text) for text in texts] for name, texts in error.message_dict.items()})
    return invalid({"": [str(text) for text in error.messages]})


@problem_of.register
def _of_the_framework(error: exceptions.APIException) -> Problem:
    headers = {}
    if getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = str(error.auth_header)  # type: ignore[attr-defined]
    if getattr(error, "wait", None):
        headers["Retry-After"] = str(int(error.wait))  # type: ignore[attr-defined]
    if isinstance(error, exceptions.ValidationError):
        return invalid(flattened(error.detail))
    if isinstance(error, exceptions.NotFound):
        return not_found()
    code = str(error.default_code).replace("_", "-")
    return Problem(error.status_code, code, str(error.default_detail), str(error.detail), headers=headers)


@problem_of.register
def _too_big(error: RequestDataTooBig) -> Problem:
    return too_big()


@problem_of.register(SuspiciousOperation)
@problem_of.register(UnreadablePostError)
def _unreadable(error: Exception) -> Problem:
    return Problem(400, "unreadable", _("The request cannot be read."), _("Send it again, as the documentation shows."))


@problem_of.register
def _busy(error: OperationalError) -> Problem:
    """A lock or a statement took too long; nothing was written."""
    return Problem(
        503,
        "busy",
        _("The database is busy."),
        _("Nothing was changed. Send the same request again in a few seconds."),
        headers={"Retry-After": "5"},
    )


def not_found() -> Problem:
    """The same words for what is not there and for what is somebody else's."""
    return Problem(404, "not-found", _("Not found."), _("There is nothing at this address that you may see."))


def forbidden(detail: str) -> Problem:
    return Problem(403, "forbidden", _("Not allowed."), detail)


def too_big() -> Problem:
    return Problem(413, "too-large", _("The request is too large."), _("Send at most 1 MB at once."))


def conflict(code: str, detail: str, **more: Any) -> Problem:
    """What is asked for cannot be done with the record as it stands now."""
    return Problem(409, code, _("This does not fit how things stand now."), detail, more=more)


def invalid(errors: Mapping[str, Iterable[str]]) -> Problem:
    """Values that cannot be; `errors` by the name of the field, under "" what is about no single one."""
    named = {name: list(texts) for name, texts in errors.items() if name}
    loose = " ".join(text for name, texts in errors.items() if not name for text in texts)
    detail = loose or "; ".join(f"{name}: {' '.join(texts)}" for name, texts in named.items())
    return Problem(400, "invalid", _("Some of what was sent cannot be."), detail[:2000], more={"errors": named})


def flattened(detail: Any, path: str = "") -> Errors:
    """DRF's nested errors by path: {"contacts.0.role": ["..."]}."""
    found: Errors = {}
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            own = path if str(name) in NO_FIELD else f"{path}.{name}".strip(".")
            merge(found, flattened(inner, own))
    elif isinstance(detail, list | tuple):
        for number, inner in enumerate(detail):
            nested = isinstance(inner, Mapping | list | tuple)
            merge(found, flattened(inner, f"{path}.{number}".strip(".") if nested else path))
    else:
        found[path] = [str(detail)]
    return found


def merge(into: Errors, others: Errors) -> None:
    for name, texts in others.items():
        into.setdefault(name, []).extend(texts)
