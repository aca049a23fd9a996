"""The first page: each role begins where its work is."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from opportunities.home import home_of
from users.facts import database_now
from users.models import Workspace
from users.pages import SignedIn


@require_safe
def home(request: SignedIn) -> HttpResponse:
    """/"""
    context = {"section": "home", "workspace": Workspace.get(), **home_of(request.user, database_now())}
    return render(request, "home.html", context)
