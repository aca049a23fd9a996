"""Two programs change one record: the second names a version that is no longer there, and gets both values."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.request import Request

from users.api.errors import Problem, conflict, invalid
from users.conflicts import StaleVersion

VERSION = re.compile(r'"?([0-9]{1,9})"?')


def version_named(request: Request) -> int:
    """The version of `If-Match`. Raises Problem: 428 without one."""
    version = version_if_named(request)
    if version is None:
        raise Problem(
            428,
            "if-match-missing",
            _("Say which version you have read."),
            _("Send `If-Match` with the version (or ETag) of the record, so that nobody's change is overwritten."),
        )
    return version


def version_if_named(request: Request) -> int | None:
    """The version of `If-Match`, if there is one. Raises Problem."""
    text = request.headers.get("If-Match")
    if text is None:
        return None
    found = VERSION.fullmatch(text.strip())
    if found is None:
        raise invalid({"If-Match": [_('Give the version as a number, such as "3".')]})
    return int(found[1])


def etag(version: int) -> dict[str, str]:
    return {"ETag": f'"{version}"'}


@contextmanager
def both_values(tell: Callable[[Any], Mapping[str, Any]], sent: Any) -> Iterator[None]:
    """`sent` is the body as it came. Turn StaleVersion into a 409 that holds the record as it stands, and each field with both values."""
    try:
        yield
    except StaleVersion as stale:
        current = dict(tell(stale.current))
        differing = [
            {"field": name, "theirs": current.get(name), "yours": yours}
            for name, yours in dict(sent).items()
            if current.get(name) != yours
        ]
        raise conflict(
            "stale-version", str(stale), version=stale.version, conflicts=differing, current=current
        ) from stale
