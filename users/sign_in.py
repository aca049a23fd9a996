"""How people sign in: with a username that an administrator gave them. Nobody signs up."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """allauth's hooks, where ours differ."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: accounts are made by administrators and imports."""
        return False
