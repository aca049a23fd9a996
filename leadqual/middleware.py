"""What is done to every response, whichever room answers."""

import logging
import time
import uuid
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import patch_cache_control

from leadqual.logs import request_id

Answer = Callable[[HttpRequest], HttpResponse]
log = logging.getLogger("leadqual.requests")


class RequestLog:
    """Gives each request an id, returns it in `X-Request-ID`, and logs one line when it is answered.

    The line names the route (`leads/<int:pk>/`), not the address: addresses carry searches, and searches carry names.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        identifier = uuid.uuid4().hex
        token = request_id.set(identifier)
        begun = time.monotonic()
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = identifier
            self.write(request, response, milliseconds=round((time.monotonic() - begun) * 1000, 1))
            return response
        finally:
            request_id.reset(token)

    def write(self, request: HttpRequest, response: HttpResponse, milliseconds: float) -> None:
        match = request.resolver_match
        if match is None and response.status_code == 200:
            return  # a static file
        user = getattr(request, "user", None)
        log.info(
            "answered",
            extra={
                "method": request.method,
                "route": match.route if match else "",
                "status": response.status_code,
                "milliseconds": milliseconds,
                "user_id": user.pk if user is not None and user.is_authenticated else None,
            },
        )


class WorkspaceZone:
    """Shows times in the workspace's zone, never the viewer's (decisions.md 20)."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with timezone.override(getattr(request.user, "workspace_zone", None)):
            return self.get_response(request)


class NothingKept:
    """What a view answers is kept by no proxy and no browser: it shows records, to whoever may see them today.

    It stands behind the static files, whose names say which version they are.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        patch_cache_control(response, private=True, no_store=True)
        return response


class SecurityHeaders:
    """Sends SECURE_CSP as Content-Security-Policy, and SECURE_PERMISSIONS_POLICY, unless the view has sent its own."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        policy = "; ".join(f"{directive} {' '.join(sources)}" for directive, sources in settings.SECURE_CSP.items())
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers.setdefault("Permissions-Policy", settings.SECURE_PERMISSIONS_POLICY)
        return response
