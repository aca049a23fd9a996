"""Keys for the API: made once, shown once, revoked at once. Only the digest is stored."""

from collections.abc import Collection
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from users.models import ApiKey, User

MOST_DAYS = 3650


def create_key(
    user: User, *, name: str = "", scopes: Collection[str] = (), days: int | None = 365
) -> tuple[ApiKey, str]:
    """A key that acts as the user, and its text, which nobody can read again later.

    `scopes`: read, or write, which includes read; none given is read. `days` until it expires; None: never.
    Raises ValidationError.
    """
    if not user.is_active:
        raise ValidationError(_("%(user)s is switched off; a key of theirs would not work."), params={"user": user})
    unknown = set(scopes) - set(ApiKey.Scope.values)
    if unknown:
        raise ValidationError(
            _("%(unknown)s is no scope; choose among %(known)s."),
            params={"unknown": ", ".join(sorted(unknown)), "known": ", ".join(ApiKey.Scope.values)},
        )
    if days is not None and not 1 <= days <= MOST_DAYS:
        raise ValidationError(_("Give 1 to %(most)d days."), params={"most": MOST_DAYS})
    granted = {ApiKey.Scope.READ.value, *scopes}
    key, text = ApiKey.objects.create(
        user, expiry=timedelta(days=days) if days is not None else None, name=name, scopes=sorted(granted)
    )
    return key, text


def revoke_key(digest: str) -> bool:
    """Delete the key; it stops working with the next request. False: there was none."""
    deleted: int = ApiKey.objects.filter(digest=digest).delete()[0]
    return deleted > 0
