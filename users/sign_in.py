"""How people sign in: with a username that an administrator gave them. Nobody signs up."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from django.db.models import Subquery
from django.http import HttpRequest

from users.models import User, Workspace


class AccountAdapter(DefaultAccountAdapter):
    """allauth's hooks, where ours differ."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: accounts are made by administrators and imports."""
        return False


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
