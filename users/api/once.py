"""A POST that is sent again with the same Idempotency-Key gets the first answer, and nothing is done twice.

Key, act and answer are one transaction: of several that arrive together, one acts and the others wait for its answer.
A refused request keeps nothing, so it can be corrected and sent again under the same key.
"""

import hashlib
import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from users.api.errors import Problem, invalid
from users.models import IdempotencyKey, User

HEADER = "Idempotency-Key"
KEY = re.compile(r"[\x21-\x7e]{1,200}")
KEPT_FOR = timedelta(days=7)
KEPT_HEADERS = ("ETag", "Location")

P = ParamSpec("P")
Handler = Callable[Concatenate[Any, Request, P], Response]


def once(handler: Handler[P]) -> Handler[P]:
    """Make the handler of a POST one transaction, and repeatable under a key."""

    @wraps(handler)
    def act(view: Any, request: Request, *args: P.args, **kwargs: P.kwargs) -> Response:
        key = request.headers.get(HEADER)
        if key is not None and not KEY.fullmatch(key):
            raise invalid({HEADER: [_("Give 1 to 200 visible ASCII characters, such as a UUID.")]})
        with transaction.atomic():
            if key is None:
                return handler(view, request, *args, **kwargs)
            digest = _digest(request)
            try:
                with transaction.atomic():
                    row = IdempotencyKey.objects.create(user=_who(request), key=key, request_digest=digest, status=0)
            except IntegrityError:
                return _again(request, key, digest)
            response = handler(view, request, *args, **kwargs)
            row.status = response.status_code
            row.body = {
                "data": json.loads(JSONRenderer().render(response.data) or b"null"),
                "headers": {name: response[name] for name in KEPT_HEADERS if response.has_header(name)},
            }
            row.save(update_fields=["status", "body"])
            return response

    act.is_once = True  # type: ignore[attr-defined]  # tests/api/ looks that every POST is
    return act  # type: ignore[return-value]  # a wrapped handler is called as the handler is


def forget_old_keys(at: datetime) -> int:
    """Delete the keys that are older than KEPT_FOR at the moment; returns how many. One sent later acts anew."""
    deleted: int = IdempotencyKey.objects.filter(created_at__lt=at - KEPT_FOR).delete()[0]
    return deleted


def _again(request: Request, key: str, digest: str) -> Response:
    first = IdempotencyKey.objects.get(user=_who(request), key=key)
    if first.request_digest != digest:
        raise Problem(
            422,
            "idempotency-key-reused",
            _("This Idempotency-Key was used for another request."),
            _("Give every request a key of its own; only an exact repetition has the same one."),
        )
    kept = first.body or {}
    return Response(
        kept.get("data"), status=first.status, headers={**kept.get("headers", {}), "Idempotent-Replayed": "true"}
    )


def _who(request: Request) -> User:
    return cast(User, request.user)


def _digest(request: Request) -> str:
    """The same for the same address and the same values, however the JSON was spaced."""
    told = json.dumps([request.method, request.path, request.headers.get("If-Match"), request.data], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()
