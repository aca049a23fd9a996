"""Adding and editing the people who sign in. Rights: users/rights.py; teams: users/membership.py."""

from collections.abc import Mapping
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from users.conflicts import clean
from users.membership import move_to_team
from users.models import ApiKey, Role, Team, User

EDITABLE = frozenset({"username", "name", "email", "role", "is_active"})
OF_ONES_OWN = frozenset({"name", "email", "single_keys"})


@transaction.atomic
def add_person(fields: Mapping[str, Any], *, team: Team | None, by: User | None) -> User:
    """A new person without a password; the link of `password_link` lets them choose one.

    Raises ValidationError with a message per field.
    """
    user = User(**{name: fields[name] for name in EDITABLE & fields.keys()})
    _refuse_a_taken_name(user)
    user.set_unusable_password()
    clean(user)
    user.save()
    if team is not None:
        move_to_team(user, team, by=by)
    return user


@transaction.atomic
def edit_person(user: User, changes: Mapping[str, Any]) -> list[str]:
    """Set the changed fields of a person; returns their names.

    Whoever is switched off loses their API keys. Raises ValidationError with a message per field, also when nobody
    would be left to administer.
    """
    # One edit at a time: of two administrators, each of whom demotes the other, one must stay.
    administrators = list(
        User.objects.select_for_update(no_key=True).filter(role=Role.ADMINISTRATOR, is_active=True).order_by("pk")
    )
    changed = [name for name in EDITABLE & changes.keys() if getattr(user, name) != changes[name]]
    for name in changed:
        setattr(user, name, changes[name])
    stays = user.role == Role.ADMINISTRATOR and user.is_active
    if [administrator.pk for administrator in administrators] == [user.pk] and not stays:
        raise ValidationError({"role": _("This is the only administrator. Make another one first.")})
    _refuse_a_taken_name(user)
    clean(user, only=changed)
    user.save(update_fields=changed)
    if "is_active" in changed and not user.is_active:
        ApiKey.objects.filter(user=user).delete()
    return sorted(changed)


def edit_profile(user: User, changes: Mapping[str, Any]) -> None:
    """What everybody may change about themselves. Raises ValidationError with a message per field."""
    names = sorted(OF_ONES_OWN & changes.keys())
    for name in names:
        setattr(user, name, changes[name])
    clean(user, only=names)
    user.save(update_fields=names)


def password_link(user: User) -> str:
    """The path at which the person chooses a password: works once, and for PASSWORD_RESET_TIMEOUT seconds."""
    key = default_token_generator.make_token(user)
    return reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": key})


def _refuse_a_taken_name(user: User) -> None:
    if User.objects.filter(username__iexact=user.username).exclude(pk=user.pk).exists():
        raise ValidationError({"username": _("Somebody has this user name already; choose another one.")})
