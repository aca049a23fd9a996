"""How people sign in: with a username that an administrator gave them. Nobody signs up, and no mail is sent."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.mfa.adapter import DefaultMFAAdapter
from django.contrib.auth.decorators import login_not_required
from django.db.models import Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from users.models import User, Workspace


class AccountAdapter(DefaultAccountAdapter):
    """allauth's hooks, where ours differ."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: accounts are made by administrators and imports."""
        return False


class CodesAdapter(DefaultMFAAdapter):
    """allauth's hooks about codes of an app: what is refused also says what to do."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _(
            "This code does not fit. Type the six digits that the app shows now; if it keeps failing, set the phone's clock."
        )
    }


class Backend(AuthenticationBackend):
    """allauth's sign-in; who is signed in comes with the workspace's name and zone, which every page shows times in."""

    def get_user(self, user_id: Any) -> User | None:
        workspace = Workspace.objects.filter(pk=1)
        user = (
            User.objects.filter(pk=user_id)
            .annotate(
                workspace_name=Subquery(workspace.values("name")), workspace_zone=Subquery(workspace.values("zone"))
            )
            .first()
        )
        return user if user is not None and self.user_can_authenticate(user) else None


@login_not_required
@require_safe
def ask_for_a_link(request: HttpRequest) -> HttpResponse:
    """Who has forgotten the password is told who makes a new link. Nothing can be typed, so nobody can be guessed."""
    return render(request, "account/password_reset.html")


@login_not_required
def no_mail(request: HttpRequest, *_args: object) -> HttpResponse:
    """Adding or confirming an address would send a mail. Raises Http404."""
    raise Http404
