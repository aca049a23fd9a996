"""A form that is sent twice acts once: the second leads to the record that the first one made.

A double press, an impatient reload and a resent request carry the same token and the same fields. Sent again with other
fields, as from the page that "back" shows, the form is meant anew. Programs have users/api/once.py, in the same table.
"""

import hashlib
import json
import re
from collections.abc import Callable
from http import HTTPStatus

from django.db import IntegrityError, transaction
from django.http import HttpResponseRedirect

from users.models import IdempotencyKey
from users.pages import SignedIn

FIELD = "once"  # {% once %} puts it into the form
TOKEN = re.compile(r"[0-9a-f-]{32,36}")
CSRF = "csrfmiddlewaretoken"  # masked anew in every page


def once(request: SignedIn, make: Callable[[], str]) -> HttpResponseRedirect:
    """Run `make`, which returns the address of what it made, and lead there; sent again, lead there once more.

    What `make` raises goes on to the caller, and nothing is kept: the form can be corrected and sent again.
    """
    token = request.POST.get(FIELD, "")
    if not TOKEN.fullmatch(token):
        return HttpResponseRedirect(make())
    digest = _digest(request)
    key = f"form:{token}:{digest}"
    with transaction.atomic():
        try:
            # Of two that arrive together the second one waits here until the first has made its record.
            with transaction.atomic():
                row = IdempotencyKey.objects.create(user=request.user, key=key, request_digest=digest, status=0)
        except IntegrityError:
            first = IdempotencyKey.objects.get(user=request.user, key=key)
            return HttpResponseRedirect((first.body or {})["headers"]["Location"])
        address = make()
        row.status = HTTPStatus.FOUND
        row.body = {"headers": {"Location": address}}
        row.save(update_fields=["status", "body"])
    return HttpResponseRedirect(address)


def _digest(request: SignedIn) -> str:
    fields = sorted((name, request.POST.getlist(name)) for name in request.POST if name != CSRF)
    return hashlib.sha256(json.dumps([request.get_full_path(), fields]).encode()).hexdigest()
