"""Who asks: a key in `Authorization: Bearer ...`, and what the key may do."""

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from knox.auth import TokenAuthentication
from knox.crypto import hash_token
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from users.models import ApiKey, User

LONGEST_KEY = 200


class KeyAuthentication(TokenAuthentication):
    """Finds the key by its digest. Of a key that does not work nothing is told but that."""

    def authenticate_credentials(self, token: bytes) -> tuple[User, ApiKey]:
        refused = AuthenticationFailed(_("This key does not work: it is unknown, revoked or expired."))
        if not token.isascii() or len(token) > LONGEST_KEY:
            raise refused
        digest = hash_token(token.decode("ascii"))
        key = ApiKey.objects.select_related("user").filter(digest=digest).first()
        now = timezone.now()
        if key is None or not key.user.is_active or (key.expiry is not None and key.expiry <= now):
            raise refused
        if key.last_used_on != now.date():
            ApiKey.objects.filter(digest=digest).update(last_used_on=now.date())
        return key.user, key


class KeyScope(BasePermission):
    """A key with the scope read may ask, one with write may change; a session may do what its person may."""

    message = gettext_lazy("This key may only read. Make one with the scope write in the settings, under API keys.")

    def has_permission(self, request: Request, _view: object) -> bool:
        key = request.auth
        if not isinstance(key, ApiKey):
            return True
        wanted = ApiKey.Scope.READ if request.method in SAFE_METHODS else ApiKey.Scope.WRITE
        return wanted in key.scopes
