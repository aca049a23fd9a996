"""The answer to a request that failed. Nothing of a failed request is kept: every write is one transaction."""

import sys

from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.views import defaults
from django.views.decorators.csrf import requires_csrf_token


@requires_csrf_token
def server_error(request: HttpRequest) -> HttpResponse:
    """503 if the database was away, or busy for too long, with when to try again; else 500.

    Django calls it while the exception is being handled. The page asks for no user: the database may be what failed.
    """
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return HttpResponse(loader.render_to_string("503.html"), status=503, headers={"Retry-After": "5"})
    return HttpResponse(loader.render_to_string("500.html"), status=500)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """413 if more was sent than is taken, with what to do; else 400. The body was not read, so nothing was written."""
    if isinstance(exception, RequestDataTooBig):
        return HttpResponse(loader.render_to_string("413.html"), status=413)
    return defaults.bad_request(request, exception)
