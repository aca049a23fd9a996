"""What every page of the settings shares: the signed-in person, and the frame around the page."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django_htmx.middleware import HtmxDetails

from users.models import User
from users.settings_pages import sections_of


class SignedIn(HttpRequest):
    """A request behind LoginRequiredMiddleware: somebody is signed in."""

    user: User
    htmx: HtmxDetails


def settings_page(
    request: SignedIn, template: str, section: str, context: Mapping[str, Any], status: int = 200
) -> HttpResponse:
    """Render a page of a section of the settings, with the tabs of all sections that the person may open."""
    frame = {
        "section": "settings",
        "settings_section": section,
        "settings_sections": sections_of(request.user),
        "error_in_title": status >= 400,
    }
    return render(request, template, {**frame, **context}, status=status)


def sent(request: HttpRequest) -> QueryDict | None:
    """What a form was sent with; None where it is only shown. Nothing at all was sent too, and is wrong where it is."""
    return request.POST if request.method == "POST" else None


def status_of(*forms: BaseForm) -> int:
    """422 when what was sent is wrong, so that htmx and people's programs can tell."""
    return 422 if any(form.errors for form in forms) else 200


def refuse(form: BaseForm, refused: ValidationError) -> None:
    """Show what an act refused beside the fields that it concerns."""
    if hasattr(refused, "error_dict"):
        for field, errors in refused.error_dict.items():
            form.add_error(field if field in form.fields else None, errors)
    else:
        form.add_error(None, refused)
