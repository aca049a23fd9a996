"""A verb is an address of its own that takes a POST: what is done, by whom, and how the record stands afterwards."""

from collections.abc import Callable, Mapping
from typing import Any

from django.http import Http404
from rest_framework.request import Request
from rest_framework.response import Response

from users.api.bodies import Body, read
from users.api.once import once
from users.api.schema import described
from users.api.versions import both_values, etag, version_if_named, version_named
from users.api.views import ApiView
from users.conflicts import StaleVersion
from users.models import User
from users.rights import Forbidden

Act = Callable[[Any, User, dict[str, Any], int | None], object]


class NoBody(Body):
    """Nothing has to be said."""


def verb(
    operation: str,
    summary: str,
    act: Act,
    *,
    of: Callable[[ApiView, int], Any],
    gives: Any,
    tell: Callable[[Any], Mapping[str, Any]],
    may: Callable[[User, Any], bool],
    who_may: Callable[[Any], str],
    takes: type[Body] = NoBody,
    if_match: bool = False,
) -> type[ApiView]:
    """The view of a verb. `act` gets the record, whoever asks, what the body says, and the version of If-Match.

    `of` finds the record among those that whoever asks may see. Rights come before the body: whoever may not is told
    by `who_may` who does, and not what was wrong with what they sent; the rule asks again after its lock. With
    `if_match` the version has to be named; without, one that is named still has to be the present one.
    """

    class Verb(ApiView):
        @described(operation, summary, takes=takes, gives=gives, if_match=if_match)
        @once
        def post(self, request: Request, pk: int) -> Response:
            record = of(self, pk)
            if not may(self.user, record):
                raise Forbidden(who_may(record))
            version = version_named(request) if if_match else version_if_named(request)
            said = read(takes(data=request.data))
            with both_values(tell, request.data):
                if version is not None and version != record.version:
                    raise StaleVersion(record, said)
                act(record, self.user, said, version)
            try:
                record = of(self, pk)
            except Http404:  # done, and from now on somebody else's
                return Response(status=204)
            return Response(tell(record), headers=etag(record.version))

    Verb.__name__ = Verb.__qualname__ = operation
    return Verb
